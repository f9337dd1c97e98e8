/** The state machine: where an attempt stands, what is to be done next, and why. Pure. */
@NullMarked
package dev.suture.attempt;

import org.jspecify.annotations.NullMarked;
