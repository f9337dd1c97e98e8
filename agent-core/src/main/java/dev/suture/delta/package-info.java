/** Rebuilds an image from base and delta: streaming, bounded, checked. */
@NullMarked
package dev.suture.delta;

import org.jspecify.annotations.NullMarked;
