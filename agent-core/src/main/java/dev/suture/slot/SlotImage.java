package dev.suture.slot;

import dev.suture.durable.RewritableFile;
import dev.suture.durable.WritableFile;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.RetryableException;
import dev.suture.protocol.manifest.ImageIdentity;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * The file of an image in a slot while it is written. What the file holds already is left alone:
 * only blocks that differ are written, so that an image which is nearly the one from before costs
 * nearly no writes.
 *
 * <p>What differs is told by what programs see of the file, which need not be what the disk holds:
 * a flush may have failed before, or the disk may have lost a bit since. So an image with kept
 * blocks is whole only once it was read back past every cache; if it is not, it is written anew.
 *
 * <p>Memory: one buffer as long as the longest write.
 */
public final class SlotImage implements AutoCloseable {
  private static final int BLOCK_BYTES = ImageIdentity.BLOCK_BYTES;

  private final WritableFile file;
  private final Optional<RewritableFile> old;
  private final long oldBytes;
  private byte[] there = new byte[0];
  private long writtenBytes;
  private long keptBytes;

  /** A new file. */
  SlotImage(WritableFile file) {
    this.file = file;
    this.old = Optional.empty();
    this.oldBytes = 0;
  }

  /** A file with content, of this length. */
  SlotImage(RewritableFile file, long oldBytes) {
    this.file = file;
    this.old = Optional.of(file);
    this.oldBytes = oldBytes;
  }

  /**
   * Sees to it that the file has these bytes at a position. Not durable on return.
   *
   * @param position a multiple of {@link ImageIdentity#BLOCK_BYTES}; what is compared are blocks
   *     from here on
   */
  public void write(long position, byte[] source, int offset, int length)
      throws DeviceException, RetryableException {
    int known = read(position, length);
    int done = 0;
    while (done < length) {
      int kept = blocks(source, offset, done, length, known, true);
      int written = blocks(source, offset, done + kept, length, known, false);
      if (written > 0) {
        file.write(position + done + kept, source, offset + done + kept, written);
      }
      keptBytes += kept;
      writtenBytes += written;
      done += kept + written;
    }
  }

  /** Bytes from {@code from} on, in whole blocks, that are there already, or are not. */
  private int blocks(byte[] source, int offset, int from, int length, int known, boolean kept) {
    int end = from;
    while (end < length) {
      int next = Math.min(end + BLOCK_BYTES, length);
      if (isThere(source, offset, end, next, known) != kept) {
        break;
      }
      end = next;
    }
    return end - from;
  }

  private boolean isThere(byte[] source, int offset, int from, int to, int known) {
    return to <= known
        && ByteBuffer.wrap(there, from, to - from)
            .equals(ByteBuffer.wrap(source, offset + from, to - from));
  }

  /** How many bytes of the file are known, of these. What cannot be read is written. */
  private int read(long position, int length) throws RetryableException {
    if (!old.isPresent() || position >= oldBytes) {
      return 0;
    }
    if (there.length < length) {
      there = new byte[length];
    }
    try {
      return old.get().read(position, there, 0, length);
    } catch (DeviceException e) {
      return 0;
    }
  }

  /**
   * Makes it durable, what was kept included.
   *
   * @throws DeviceException see {@link WritableFile#sync}
   */
  public void sync() throws DeviceException, RetryableException {
    file.sync();
  }

  /** Bytes that were written. */
  public long writtenBytes() {
    return writtenBytes;
  }

  /** Bytes that were there already. */
  public long keptBytes() {
    return keptBytes;
  }

  @Override
  public void close() {
    file.close();
  }
}
