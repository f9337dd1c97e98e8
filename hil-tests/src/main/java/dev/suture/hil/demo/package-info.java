/** The story that {@code ./demo} tells. */
@NullMarked
package dev.suture.hil.demo;

import org.jspecify.annotations.NullMarked;
