package dev.suture.agent;

import dev.suture.link.PayloadSource;
import dev.suture.protocol.FileRef;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.RejectedException;
import dev.suture.protocol.failure.RetryableException;
import dev.suture.protocol.failure.SutureException;
import dev.suture.store.PayloadCache;
import java.util.Optional;

/**
 * The mirror as the agent sees it. What a mirror does wrong is never a patch's fault: another
 * mirror, or the same one tomorrow, may serve the right bytes. So it is always a {@link
 * RetryableException}.
 */
final class Mirror {
  private static final String METADATA = "metadata/";

  private final PayloadSource source;
  private Optional<BundleFile> bundle = Optional.empty();
  private Optional<BundleFile> opened = Optional.empty();

  Mirror(PayloadSource source) {
    this.source = source;
  }

  /** A bundle is here: what it has is not asked for elsewhere. */
  void bundle(BundleFile file) {
    bundle = Optional.of(file);
  }

  /** As {@link #bundle}, for what a sealed file had in it. */
  void opened(BundleFile file) {
    opened = Optional.of(file);
  }

  boolean hasOpened() {
    return opened.isPresent();
  }

  /** What was opened is going to be dropped. */
  void withoutOpened() {
    opened = Optional.empty();
  }

  /** Nothing is under way any more that a bundle was for. */
  void withoutBundle() {
    bundle = Optional.empty();
  }

  private PayloadSource sourceOf(String path) {
    if (opened.isPresent() && opened.get().has(path)) {
      return opened.get();
    }
    return bundle.isPresent() && bundle.get().has(path) ? bundle.get() : source;
  }

  /**
   * A file of metadata, verified by nobody yet; nothing if the mirror says that there is none.
   *
   * @throws RejectedException {@code METADATA_TOO_LARGE}, or {@code METADATA_MALFORMED} for a name
   *     that no mirror has
   */
  Optional<byte[]> metadata(String name, int bytesMax) throws SutureException {
    return metadata(source, name, bytesMax);
  }

  /** As {@link #metadata(String, int)}, from this source. */
  static Optional<byte[]> metadata(PayloadSource from, String name, int bytesMax)
      throws SutureException {
    try {
      return Optional.of(from.document(METADATA + name, bytesMax));
    } catch (RetryableException e) {
      if (e.code() == FailureCode.SERVER_NOT_FOUND) {
        return Optional.empty();
      }
      throw e;
    } catch (IllegalArgumentException e) {
      throw new RejectedException(
          FailureCode.METADATA_MALFORMED, "name of metadata: " + e.getMessage(), e);
    }
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
      sourceOf(ref.path()).range(ref.path(), from, ref.bytes(), sink::accept);
    } catch (RejectedException e) {
      throw new RetryableException(e.code(), e.explanation(), e);
    }
  }
}
