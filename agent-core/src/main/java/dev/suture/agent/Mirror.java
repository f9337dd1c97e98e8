package dev.suture.agent;

import dev.suture.link.PayloadSource;
import dev.suture.protocol.Envelope;
import dev.suture.protocol.FileRef;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.RejectedException;
import dev.suture.protocol.failure.RetryableException;
import dev.suture.protocol.failure.SutureException;
import dev.suture.store.PayloadCache;

/**
 * The mirror as the agent sees it. What a mirror does wrong is never a patch's fault: another
 * mirror, or the same one tomorrow, may serve the right bytes. So it is always a {@link
 * RetryableException}.
 */
final class Mirror {
  private static final String INDEX = "index.json";

  private final PayloadSource source;

  Mirror(PayloadSource source) {
    this.source = source;
  }

  /** The envelope of the index, verified by nobody yet. */
  byte[] index() throws SutureException {
    return source.document(INDEX, Envelope.BYTES_MAX);
  }

  /** A whole signed file that is small enough for memory. Its digest is not compared yet. */
  byte[] small(FileRef ref, int bytesMax) throws SutureException {
    if (ref.bytes() > bytesMax) {
      throw new RejectedException(
          FailureCode.METADATA_TOO_LARGE,
          ref.path()
              + ": expected at most "
              + bytesMax
              + " bytes, the signed length is "
              + ref.bytes());
    }
    byte[] content = new byte[(int) ref.bytes()];
    int[] used = {0};
    range(
        ref,
        0,
        (bytes, offset, length) -> {
          System.arraycopy(bytes, offset, content, used[0], length);
          used[0] += length;
        });
    return content;
  }

  /** Fetches a payload into the cache, from where an earlier try stopped. */
  void fetch(FileRef ref, PayloadCache cache) throws SutureException {
    cache.ensure(ref, (from, sink) -> range(ref, from, sink));
  }

  private void range(FileRef ref, long from, PayloadCache.Sink sink) throws SutureException {
    try {
      source.range(ref.path(), from, ref.bytes(), sink::accept);
    } catch (RejectedException e) {
      throw new RetryableException(e.code(), e.explanation(), e);
    }
  }
}
