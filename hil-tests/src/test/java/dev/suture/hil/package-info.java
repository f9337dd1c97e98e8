/** What must be true of a device, seen from outside; and tests of the harness itself. */
@NullMarked
package dev.suture.hil;

import org.jspecify.annotations.NullMarked;
