package dev.suture.publisher.delta;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes an image as one zstd frame: the payload for a device whose base is damaged. */
public final class FullPayloadWriter {
  private static final int PIECE_BYTES = 64 << 10;

  /** The weakest and fastest of zstd's levels. */
  public static final int LEVEL_MIN = 1;

  /** The strongest below zstd's "ultra" ones, which need more memory on the device. */
  public static final int LEVEL_MAX = 19;

  private FullPayloadWriter() {}

  /**
   * Compresses an image.
   *
   * @param image the image, unchanged meanwhile
   * @param level zstd's, {@link #LEVEL_MIN} to {@link #LEVEL_MAX}
   * @param out gets the frame; stays open, and is not flushed
   * @return length of the frame in bytes
   * @throws InterruptedException if the thread is interrupted
   */
  public static long write(Path image, int level, OutputStream out, Progress progress)
      throws IOException, InterruptedException {
    long total = Files.size(image);
    try (InputStream in = new FileInputStream(image.toFile());
        ZstdFrameWriter frame = new ZstdFrameWriter(out, total, level)) {
      byte[] piece = new byte[PIECE_BYTES];
      long done = 0;
      for (int got = in.read(piece); got >= 0; got = in.read(piece)) {
        if (Thread.interrupted()) {
          throw new InterruptedException();
        }
        frame.write(piece, 0, got);
        done += got;
        progress.at("compressing", done, total);
      }
      frame.finish();
      return frame.bytes();
    }
  }
}
