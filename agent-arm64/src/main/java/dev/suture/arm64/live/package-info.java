/** Who runs old code on this kernel, and the services that may be restarted for it. */
@NullMarked
package dev.suture.arm64.live;

import org.jspecify.annotations.NullMarked;
