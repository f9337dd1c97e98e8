/**
 * The Update Framework's metadata, version 1.0 of its specification: values and their strict
 * decoders. Nothing here is verified; that is {@code dev.suture.trust.tuf}'s.
 */
@NullMarked
package dev.suture.protocol.tuf;

import org.jspecify.annotations.NullMarked;
