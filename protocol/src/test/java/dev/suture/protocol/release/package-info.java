@NullMarked
package dev.suture.protocol.release;

import org.jspecify.annotations.NullMarked;
