package dev.suture.publisher.delta;

import dev.suture.protocol.Sha256;
import dev.suture.protocol.manifest.ImageIdentity;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;

/** A file of up to {@link ImageIdentity#BYTES_MAX}, mapped for reading; it must not change. */
final class MappedImage {
  private static final int SEGMENT_LOG = 30;
  private static final long SEGMENT_BYTES = 1L << SEGMENT_LOG;
  private static final long SEGMENT_MASK = SEGMENT_BYTES - 1;
  private static final int STEP_BYTES = 1 << 20;

  private final ByteBuffer[] segments;
  private final long bytes;

  private MappedImage(ByteBuffer[] segments, long bytes) {
    this.segments = segments;
    this.bytes = bytes;
  }

  static MappedImage map(Path file) throws IOException, InterruptedException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long bytes = channel.size();
      if (bytes == 0 || bytes > ImageIdentity.BYTES_MAX) {
        throw new IOException(
            "image: expected 1 to "
                + ImageIdentity.BYTES_MAX
                + " bytes, got "
                + bytes
                + ": "
                + file);
      }
      int count = (int) ((bytes + SEGMENT_MASK) >>> SEGMENT_LOG);
      ByteBuffer[] segments = new ByteBuffer[count];
      for (int i = 0; i < count; i++) {
        long start = i * SEGMENT_BYTES;
        // A word may begin in one segment and end in the next: each has the next one's beginning.
        long length = Math.min(SEGMENT_BYTES + Long.BYTES, bytes - start);
        segments[i] =
            channel
                .map(FileChannel.MapMode.READ_ONLY, start, length)
                .order(ByteOrder.LITTLE_ENDIAN);
      }
      return new MappedImage(segments, bytes);
    } catch (ClosedByInterruptException e) {
      Thread.interrupted();
      throw (InterruptedException) new InterruptedException(e.getMessage()).initCause(e);
    }
  }

  long bytes() {
    return bytes;
  }

  byte at(long position) {
    return segments[(int) (position >>> SEGMENT_LOG)].get((int) (position & SEGMENT_MASK));
  }

  /** Eight bytes, little-endian; all of them lie within the image. */
  long word(long position) {
    return segments[(int) (position >>> SEGMENT_LOG)].getLong((int) (position & SEGMENT_MASK));
  }

  /** Copies a range that lies within the image. */
  void read(long position, byte[] target, int offset, int length) {
    int done = 0;
    while (done < length) {
      long at = position + done;
      int now = (int) Math.min(length - done, SEGMENT_BYTES - (at & SEGMENT_MASK));
      segments[(int) (at >>> SEGMENT_LOG)].get(
          (int) (at & SEGMENT_MASK), target, offset + done, now);
      done += now;
    }
  }

  /** How many bytes from {@code position} on equal those of another image, at most {@code max}. */
  long equalRun(long position, MappedImage other, long otherPosition, long max) {
    long limit = Math.min(max, Math.min(bytes - position, other.bytes - otherPosition));
    long run = 0;
    while (run + Long.BYTES <= limit) {
      long difference = word(position + run) ^ other.word(otherPosition + run);
      if (difference != 0) {
        return run + Long.numberOfTrailingZeros(difference) / Byte.SIZE;
      }
      run += Long.BYTES;
    }
    while (run < limit && at(position + run) == other.at(otherPosition + run)) {
      run++;
    }
    return run;
  }

  /** Writes the image to a file. */
  void copyTo(Path file) throws IOException, InterruptedException {
    try (OutputStream out = new FileOutputStream(file.toFile())) {
      writeTo(out, 0, bytes);
    }
  }

  /** Writes a range of the image. */
  void writeTo(OutputStream out, long position, long length)
      throws IOException, InterruptedException {
    byte[] piece = new byte[(int) Math.min(STEP_BYTES, length)];
    for (long done = 0; done < length; done += piece.length) {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      int now = (int) Math.min(piece.length, length - done);
      read(position + done, piece, 0, now);
      out.write(piece, 0, now);
    }
  }

  Sha256 sha256() throws InterruptedException {
    try {
      return sha256(0, bytes);
    } catch (Cancelled e) {
      throw e.asInterrupt();
    }
  }

  /**
   * Digests a range.
   *
   * @throws Cancelled if the thread is interrupted
   */
  Sha256 sha256(long position, long length) {
    MessageDigest digest = Sha256.newDigest();
    byte[] piece = new byte[(int) Math.min(STEP_BYTES, length)];
    for (long done = 0; done < length; done += piece.length) {
      Cancelled.check("digesting");
      int now = (int) Math.min(piece.length, length - done);
      read(position + done, piece, 0, now);
      digest.update(piece, 0, now);
    }
    return Sha256.ofBytes(digest.digest());
  }
}
