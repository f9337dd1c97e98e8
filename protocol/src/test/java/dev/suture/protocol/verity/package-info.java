@NullMarked
package dev.suture.protocol.verity;

import org.jspecify.annotations.NullMarked;
