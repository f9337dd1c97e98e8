/** Base, A and B; the activation record; what a device must offer to hold and start them. */
@NullMarked
package dev.suture.slot;

import org.jspecify.annotations.NullMarked;
