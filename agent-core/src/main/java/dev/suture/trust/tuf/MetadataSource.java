package dev.suture.trust.tuf;

import dev.suture.protocol.failure.RejectedException;
import dev.suture.protocol.failure.RetryableException;
import dev.suture.protocol.failure.SutureException;
import java.util.Optional;

/** Where metadata comes from: a mirror that nobody trusts. */
@FunctionalInterface
public interface MetadataSource {
  /**
   * Fetches a file.
   *
   * @param name its percent-encoded name
   * @return nothing if the mirror says that there is none
   * @throws RejectedException {@code METADATA_TOO_LARGE} if it is longer; at most one byte more was
   *     read then
   * @throws RetryableException for any other answer, or none
   */
  Optional<byte[]> fetch(String name, int bytesMax) throws SutureException;
}
