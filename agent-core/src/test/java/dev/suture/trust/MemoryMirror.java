package dev.suture.trust;

import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.RejectedException;
import dev.suture.protocol.failure.RetryableException;
import dev.suture.protocol.failure.SutureException;
import dev.suture.sim.SimPublisher;
import dev.suture.trust.tuf.MetadataSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A publisher's metadata, and what was asked for. */
final class MemoryMirror implements MetadataSource {
  private final SimPublisher publisher;

  /** Names of the files that were asked for, in order. */
  final List<String> requests = new ArrayList<>();

  /** Does not answer, from this file on. */
  Optional<String> silentAt = Optional.empty();

  MemoryMirror(SimPublisher publisher) {
    this.publisher = publisher;
  }

  @Override
  public Optional<byte[]> fetch(String name, int bytesMax) throws SutureException {
    requests.add(name);
    if (silentAt.isPresent() && silentAt.get().equals(name)) {
      throw new RetryableException(FailureCode.SERVER_UNREACHABLE, name + ": expected an answer");
    }
    byte[] bytes = publisher.files().get("metadata/" + name);
    if (bytes != null && bytes.length > bytesMax) {
      throw new RejectedException(FailureCode.METADATA_TOO_LARGE, name + ": too long");
    }
    return Optional.ofNullable(bytes);
  }
}
