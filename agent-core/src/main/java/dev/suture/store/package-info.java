/** Durable bytes: the journal, the payload cache, the metadata that was accepted. */
@NullMarked
package dev.suture.store;

import org.jspecify.annotations.NullMarked;
