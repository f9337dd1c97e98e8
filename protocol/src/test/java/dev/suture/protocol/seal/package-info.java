@NullMarked
package dev.suture.protocol.seal;

import org.jspecify.annotations.NullMarked;
