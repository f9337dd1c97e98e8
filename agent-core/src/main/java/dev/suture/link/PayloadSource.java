package dev.suture.link;

import dev.suture.protocol.failure.RejectedException;
import dev.suture.protocol.failure.RetryableException;
import dev.suture.protocol.failure.SutureException;

/**
 * A mirror: files by name, from somebody who is not trusted. Used by one thread at a time.
 *
 * <p>Failures of both methods, all {@link RetryableException} unless it says otherwise:
 *
 * <ul>
 *   <li>{@code SERVER_UNREACHABLE}: refused, not our certificate authority, or no answer in time
 *   <li>{@code SERVER_NOT_FOUND}: the mirror does not have the file (yet)
 *   <li>{@code SERVER_ERROR}: any other answer that is not the file, redirects included
 *   <li>{@code DOWNLOAD_TRUNCATED}: the answer ended early
 *   <li>{@code DOWNLOAD_TOO_SLOW}: the answer came, but not fast enough
 * </ul>
 *
 * <p>Paths are relative: segments of {@code A-Z a-z 0-9 . + - _} that begin with a letter or digit,
 * joined by {@code /}; anything else is an {@link IllegalArgumentException}.
 */
public interface PayloadSource {
  /** Longest piece that a {@link ChunkSink} is given. */
  int CHUNK_BYTES_MAX = 64 * 1024;

  /**
   * Fetches a short file whose length nobody has signed.
   *
   * @throws RejectedException {@code METADATA_TOO_LARGE} if it is longer than {@code bytesMax}; at
   *     most {@code bytesMax + 1} bytes were read then
   */
  byte[] document(String path, int bytesMax) throws RejectedException, RetryableException;

  /**
   * Fetches the bytes {@code from} (inclusive) to {@code bytes} (exclusive) of a file whose exact
   * length {@code bytes} is signed. What was received before a failure has been given to the sink,
   * so the next call may go on behind it.
   *
   * @throws RejectedException {@code PAYLOAD_LENGTH_MISMATCH} if the file is longer; at most one
   *     byte behind its signed end was read then
   * @throws SutureException as above, or what the sink throws
   * @throws IllegalArgumentException unless 0 &le; {@code from} &le; {@code bytes}
   */
  void range(String path, long from, long bytes, ChunkSink sink) throws SutureException;
}
