/** What the device checks itself: programs in three directories. */
@NullMarked
package dev.suture.arm64.check;

import org.jspecify.annotations.NullMarked;
