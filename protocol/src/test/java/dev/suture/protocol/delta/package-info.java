@NullMarked
package dev.suture.protocol.delta;

import org.jspecify.annotations.NullMarked;
