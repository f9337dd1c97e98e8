/** Changing what runs without restarting the device: who runs old code, and how that ends. */
@NullMarked
package dev.suture.live;

import org.jspecify.annotations.NullMarked;
