package dev.suture.publisher.delta;

import com.github.luben.zstd.EndDirective;
import com.github.luben.zstd.ZstdCompressCtx;
import dev.suture.protocol.delta.ZstdLimits;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;

/**
 * Writes one zstd frame of the kind that devices accept: content size stated, no checksum (signed
 * digests judge the payload), no dictionary, a bounded window. The same input gives the same bytes:
 * how zstd cuts it into jobs depends on the window, not on how many threads do them.
 */
final class ZstdFrameWriter implements AutoCloseable {
  /** One is a thread of its own, too: the bytes are those of any number but none. */
  private static final int WORKERS = 2;

  private static final int BUFFER_BYTES = 128 << 10;

  private final OutputStream out;
  private final ZstdCompressCtx context = new ZstdCompressCtx();
  private final ByteBuffer input = ByteBuffer.allocateDirect(BUFFER_BYTES);
  private final ByteBuffer output = ByteBuffer.allocateDirect(BUFFER_BYTES);
  private final byte[] piece = new byte[BUFFER_BYTES];
  private long bytes;

  /**
   * Begins a frame.
   *
   * @param out gets the frame; stays open
   * @param contentBytes exactly how many bytes will be written
   * @param level zstd's
   */
  ZstdFrameWriter(OutputStream out, long contentBytes, int level) {
    this.out = out;
    context
        .setLevel(level)
        .setWindowLog(windowLog(contentBytes))
        .setWorkers(WORKERS)
        .setChecksum(false)
        .setContentSize(true)
        .setDictID(false);
    context.setPledgedSrcSize(contentBytes);
  }

  /** The smallest window for a content of this length, as its logarithm, within the limits. */
  static int windowLog(long contentBytes) {
    int log = Long.SIZE - Long.numberOfLeadingZeros(Math.max(1, contentBytes - 1));
    return Math.max(ZstdLimits.WINDOW_LOG_MIN, Math.min(ZstdLimits.WINDOW_LOG_MAX, log));
  }

  void write(byte[] source, int offset, int length) throws IOException {
    int done = 0;
    while (done < length) {
      int now = Math.min(length - done, input.remaining());
      input.put(source, offset + done, now);
      done += now;
      if (!input.hasRemaining()) {
        input.flip();
        while (input.hasRemaining()) {
          context.compressDirectByteBufferStream(output, input, EndDirective.CONTINUE);
          drain();
        }
        input.clear();
      }
    }
  }

  /** Ends the frame. */
  void finish() throws IOException {
    input.flip();
    boolean complete = false;
    while (!complete) {
      complete = context.compressDirectByteBufferStream(output, input, EndDirective.END);
      drain();
    }
  }

  /** Length of the frame so far. */
  long bytes() {
    return bytes;
  }

  /** Releases the library's memory. */
  @Override
  public void close() {
    context.close();
  }

  private void drain() throws IOException {
    output.flip();
    int length = output.remaining();
    output.get(piece, 0, length);
    output.clear();
    out.write(piece, 0, length);
    bytes += length;
  }
}
