@NullMarked
package dev.suture.trust.seal;

import org.jspecify.annotations.NullMarked;
