@NullMarked
package dev.suture.protocol.tuf;

import org.jspecify.annotations.NullMarked;
