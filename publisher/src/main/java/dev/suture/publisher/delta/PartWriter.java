package dev.suture.publisher.delta;

import dev.suture.delta.Corrector;
import dev.suture.protocol.delta.DeltaLimits;
import dev.suture.protocol.delta.Varint;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;

/** Compares what is predicted with the image, and writes the surprises and the new bytes. */
final class PartWriter implements Corrector {
  /** So many right bytes within a surprise are cheaper than the end of it. */
  private static final int RIGHT_BYTES_MAX = 3;

  /** A walk asks for at most this many bytes at once. */
  private static final int STEP_BYTES_MAX = 64 << 10;

  private final MappedImage image;
  private final OutputStream out;
  private final StreamWriter gaps = new StreamWriter();
  private final StreamWriter lengths = new StreamWriter();
  private final StreamWriter surprises = new StreamWriter();
  private final StreamWriter newBytes = new StreamWriter();
  private final byte[] wanted = new byte[STEP_BYTES_MAX];
  private long done;
  private long partStart;
  private long gap;
  private int run;
  private int right;
  private long written;
  private long surprised;
  private long inserted;

  PartWriter(MappedImage image, OutputStream out) {
    this.image = image;
    this.out = out;
  }

  @Override
  public void insert(byte[] target, int offset, int length) {
    image.read(done, target, offset, length);
    newBytes.bytes(target, offset, length);
    inserted += length;
    advance(length);
  }

  @Override
  public void correct(byte[] predicted, int offset, int length) {
    image.read(done, wanted, 0, length);
    for (int i = 0; i < length; i++) {
      int difference = wanted[i] - predicted[offset + i];
      if (difference != 0) {
        for (; right > 0; right--) {
          surprises.octet(0);
          run++;
        }
        if (run == 0) {
          gaps.number(gap);
          gap = 0;
        }
        surprises.octet(difference);
        run++;
        surprised++;
        predicted[offset + i] = wanted[i];
      } else if (run > 0) {
        right++;
        if (right > RIGHT_BYTES_MAX) {
          endRun();
        }
      } else {
        gap++;
      }
    }
    advance(length);
  }

  /** Writes the last part; how many bytes all of them have. */
  long finish() {
    endPart();
    return written;
  }

  /** How many bytes of the image were looked at. */
  long done() {
    return done;
  }

  /** How many bytes were predicted wrong. */
  long surprised() {
    return surprised;
  }

  /** How many bytes are new. */
  long inserted() {
    return inserted;
  }

  private void endRun() {
    if (run > 0) {
      lengths.number(run);
      run = 0;
    }
    gap += right;
    right = 0;
  }

  private void advance(int length) {
    done += length;
    long streams = (long) gaps.length() + lengths.length() + surprises.length() + newBytes.length();
    // Each byte of a step can be a surprise of its own, with a gap and a length.
    if (streams > DeltaLimits.PART_STREAM_BYTES_MAX - 4L * STEP_BYTES_MAX) {
      endPart();
    }
  }

  private void endPart() {
    if (done == partStart) {
      return;
    }
    endRun();
    gap = 0;
    byte[] length = new byte[Varint.BYTES_MAX];
    int lengthBytes = Varint.write(done - partStart, length, 0);
    try {
      out.write(length, 0, lengthBytes);
      written += lengthBytes + StreamGroup.write(out, gaps, lengths, surprises, newBytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    partStart = done;
    gaps.clear();
    lengths.clear();
    surprises.clear();
    newBytes.clear();
  }
}
