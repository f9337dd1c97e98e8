/**
 * What a device makes of a repository, by the device's own code: the only place besides the
 * self-check of payloads that calls it.
 */
@NullMarked
package dev.suture.publisher.device;

import org.jspecify.annotations.NullMarked;
