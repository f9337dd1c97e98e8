package dev.suture.store;

import dev.suture.protocol.Sha256;

/**
 * A patch that is not tried again by itself.
 *
 * @param manifest its identity
 * @param title for people: {@code 26.1 (b)}
 */
public record Held(Sha256 manifest, String title) {}
