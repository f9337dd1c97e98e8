package dev.suture.publisher.repository;

import java.util.Optional;

/**
 * The next files of the roles whose keys need not be where the others are.
 *
 * @param targets if the targets are signed again
 * @param root if there is a new one
 * @param keys which keys a top-level role gets by the new root
 */
record OfflineFiles(Optional<Next> targets, Optional<Next> root, Optional<Change.Keys> keys) {
  /** A signed file that is not published yet. */
  @SuppressWarnings("ArrayRecordComponent") // Compared by nobody.
  record Next(long version, byte[] content) {}
}
