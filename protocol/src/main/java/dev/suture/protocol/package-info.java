/** The words on the wire and on disk: values, and the codecs that read and write them. */
@NullMarked
package dev.suture.protocol;

import org.jspecify.annotations.NullMarked;
