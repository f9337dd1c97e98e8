@NullMarked
package dev.suture.protocol.bundle;

import org.jspecify.annotations.NullMarked;
