/** Seals payloads, so that they can be spread before anybody may read them. */
@NullMarked
package dev.suture.publisher.seal;

import org.jspecify.annotations.NullMarked;
