@NullMarked
package dev.suture.hil.qemu;

import org.jspecify.annotations.NullMarked;
