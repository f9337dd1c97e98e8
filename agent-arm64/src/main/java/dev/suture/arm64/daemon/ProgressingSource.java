package dev.suture.arm64.daemon;

import dev.suture.link.ChunkSink;
import dev.suture.link.PayloadSource;
import dev.suture.protocol.failure.RejectedException;
import dev.suture.protocol.failure.RetryableException;
import dev.suture.protocol.failure.SutureException;

/** A mirror whose answers show that the work goes on: every chunk, and every document. */
final class ProgressingSource implements PayloadSource {
  private final PayloadSource source;
  private final Runnable progress;

  /**
   * The same mirror.
   *
   * @param progress called on the thread that fetches
   */
  ProgressingSource(PayloadSource source, Runnable progress) {
    this.source = source;
    this.progress = progress;
  }

  @Override
  public byte[] document(String path, int bytesMax) throws RejectedException, RetryableException {
    progress.run();
    return source.document(path, bytesMax);
  }

  @Override
  public void range(String path, long from, long bytes, ChunkSink sink) throws SutureException {
    progress.run();
    source.range(
        path,
        from,
        bytes,
        (buffer, offset, length) -> {
          progress.run();
          sink.accept(buffer, offset, length);
        });
  }
}
