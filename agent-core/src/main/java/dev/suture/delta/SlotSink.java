package dev.suture.delta;

import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.RejectedException;
import dev.suture.protocol.failure.RetryableException;
import dev.suture.protocol.manifest.ImageIdentity;
import dev.suture.protocol.verity.VerityTreeBuilder;
import dev.suture.slot.SlotImage;

/**
 * Puts an image and its hash tree into a slot's file, and decides whether it is the signed one.
 * Gathers small pieces into large writes, and makes them durable as it goes, so that no flush takes
 * long.
 *
 * <p>Memory: two buffers of {@link #WRITE_BYTES}, one of them in the {@link SlotImage}.
 */
public final class SlotSink implements ImageSink {
  private static final int WRITE_BYTES = 256 << 10;

  /** Unsynced bytes that may pile up. */
  private static final int SYNC_EVERY_BYTES = 16 << 20;

  private final SlotImage file;
  private final VerifyingSink verifying;
  private final byte[] gathered = new byte[WRITE_BYTES];
  private int used;
  private long position;
  private long syncedBytes;

  /**
   * Begins an image.
   *
   * @param file where it goes; stays open
   * @param image what is signed about it
   */
  public SlotSink(SlotImage file, ImageIdentity image) {
    this.file = file;
    this.verifying =
        new VerifyingSink(
            this::gather,
            image,
            (at, block) -> file.write(image.bytes() + at, block, 0, block.length));
  }

  /** Length of the file of an image in a slot: the image, then its hash tree. */
  public static long fileBytes(ImageIdentity image) {
    return image.bytes() + VerityTreeBuilder.treeBytes(image.bytes());
  }

  @Override
  public void write(byte[] source, int offset, int length)
      throws DeviceException, RetryableException {
    verifying.write(source, offset, length);
  }

  /**
   * Writes the rest. Everything is durable on return.
   *
   * @throws RejectedException {@code IMAGE_DIGEST_MISMATCH} unless exactly the signed bytes came
   */
  public void finish() throws RejectedException, DeviceException, RetryableException {
    flush();
    verifying.finish();
    file.sync();
  }

  private void gather(byte[] source, int offset, int length)
      throws DeviceException, RetryableException {
    int done = 0;
    while (done < length) {
      int n = Math.min(length - done, gathered.length - used);
      System.arraycopy(source, offset + done, gathered, used, n);
      used += n;
      done += n;
      if (used == gathered.length) {
        flush();
      }
    }
  }

  private void flush() throws DeviceException, RetryableException {
    file.write(position, gathered, 0, used);
    position += used;
    used = 0;
    if (file.writtenBytes() - syncedBytes >= SYNC_EVERY_BYTES) {
      file.sync();
      syncedBytes = file.writtenBytes();
    }
  }
}
