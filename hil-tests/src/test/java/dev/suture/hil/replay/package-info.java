@NullMarked
package dev.suture.hil.replay;

import org.jspecify.annotations.NullMarked;
