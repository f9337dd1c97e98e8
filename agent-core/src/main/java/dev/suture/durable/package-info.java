/**
 * The file operations whose order matters, one call each, so that a power cut can be thought of
 * between any two.
 */
@NullMarked
package dev.suture.durable;

import org.jspecify.annotations.NullMarked;
