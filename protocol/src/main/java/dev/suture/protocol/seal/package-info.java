/** Sealed files: encrypted payloads that are spread before the key that opens them is released. */
@NullMarked
package dev.suture.protocol.seal;

import org.jspecify.annotations.NullMarked;
