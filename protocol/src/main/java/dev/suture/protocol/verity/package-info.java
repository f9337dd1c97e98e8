/** The dm-verity hash tree of an image, as the kernel reads it. */
@NullMarked
package dev.suture.protocol.verity;

import org.jspecify.annotations.NullMarked;
