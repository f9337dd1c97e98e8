package dev.suture.link;

import dev.suture.protocol.failure.SutureException;

/** Takes a file piece by piece, in order. */
@FunctionalInterface
public interface ChunkSink {
  /**
   * Takes {@code length} bytes, 1 to {@link PayloadSource#CHUNK_BYTES_MAX}. The buffer is used
   * again after the return. What it throws ends the download and passes through unchanged.
   */
  void accept(byte[] buffer, int offset, int length) throws SutureException;
}
