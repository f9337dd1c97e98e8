@NullMarked
package dev.suture.trust.tuf;

import org.jspecify.annotations.NullMarked;
