/** What the device checks itself: programs in two directories. */
@NullMarked
package dev.suture.arm64.check;

import org.jspecify.annotations.NullMarked;
