/**
 * Makes a patch out of images: identities, payloads, the manifest, and the check that a device can
 * apply it.
 */
@NullMarked
package dev.suture.publisher.release;

import org.jspecify.annotations.NullMarked;
