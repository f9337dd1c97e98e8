/** How work that nobody waits for gives way to everything else on the device. */
@NullMarked
package dev.suture.arm64.background;

import org.jspecify.annotations.NullMarked;
