/** The emulated device as a {@link dev.suture.hil.Rig}. */
@NullMarked
package dev.suture.hil.qemu;

import org.jspecify.annotations.NullMarked;
