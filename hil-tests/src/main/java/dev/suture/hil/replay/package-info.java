/** Power cuts on a recorded disk: every state that it may have been left in, checked and booted. */
@NullMarked
package dev.suture.hil.replay;

import org.jspecify.annotations.NullMarked;
