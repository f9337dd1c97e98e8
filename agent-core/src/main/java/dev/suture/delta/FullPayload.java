package dev.suture.delta;

import dev.suture.protocol.delta.ZstdLimits;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.RejectedException;
import dev.suture.protocol.failure.RetryableException;
import dev.suture.protocol.manifest.ImageIdentity;
import java.io.InputStream;

/** An image as one zstd frame: the way without a base. */
public final class FullPayload {
  private FullPayload() {}

  /**
   * Decompresses an image. Nothing is durable on return; never more than {@code image.bytes()}
   * bytes are written. That they are the right ones is decided by {@link VerifyingSink}.
   *
   * @param payload the payload's file, from its beginning; stays open
   * @param payloadBytes the file's signed length
   * @param image what the manifest says about the image
   * @param out gets the image in order
   * @throws RejectedException {@code DELTA_MALFORMED} if the payload is not one frame of exactly
   *     this image's length and of a window of at most 8 MiB
   * @throws DeviceException {@code STORAGE_IO} if the payload's file cannot be read, and what the
   *     sink throws
   * @throws RetryableException what the sink throws
   */
  public static void expand(
      InputStream payload, long payloadBytes, ImageIdentity image, ImageSink out)
      throws RejectedException, DeviceException, RetryableException {
    PayloadInput input = new PayloadInput("full payload", payload, payloadBytes);
    try (ZstdFrame frame = new ZstdFrame(input, ZstdLimits.WINDOW_LOG_MAX, image.bytes())) {
      byte[] piece = new byte[ZstdFrame.BUFFER_BYTES];
      long done = 0;
      while (done < image.bytes()) {
        int got = frame.read(piece, 0, piece.length);
        if (got < 0) {
          throw input.malformed("content: expected " + image.bytes() + " bytes, got " + done);
        }
        out.write(piece, 0, got);
        done += got;
      }
      frame.requireEnd();
    }
  }
}
