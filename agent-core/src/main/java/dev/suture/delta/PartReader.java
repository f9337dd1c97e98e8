package dev.suture.delta;

import dev.suture.protocol.delta.DeltaLimits;
import dev.suture.protocol.delta.DeltaStream;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.RejectedException;

/** Takes surprises and new bytes from the parts of a delta, each read when it begins. */
final class PartReader implements Corrector {
  private static final long NONE = Long.MAX_VALUE;

  private final StreamInput input;
  private long imageLeft;
  private long partLeft;
  private StreamCursor gaps = empty(DeltaStream.SURPRISE_GAPS);
  private StreamCursor lengths = empty(DeltaStream.SURPRISE_LENGTHS);
  private StreamCursor surprises = empty(DeltaStream.SURPRISES);
  private StreamCursor newBytes = empty(DeltaStream.NEW_BYTES);

  /** Predicted bytes until the next surprise. */
  private long untilSurprise = NONE;

  /** Bytes of the present surprise that are left. */
  private long surpriseLeft;

  PartReader(StreamInput input, long imageBytes) {
    this.input = input;
    imageLeft = imageBytes;
  }

  private static StreamCursor empty(DeltaStream stream) {
    return new StreamCursor(stream, new byte[0], 0, 0);
  }

  @Override
  public void insert(byte[] target, int offset, int length)
      throws RejectedException, DeviceException {
    for (int made = 0; made < length; ) {
      int now = (int) Math.min(length - made, available());
      newBytes.take(target, offset + made, now);
      partLeft -= now;
      made += now;
    }
  }

  @Override
  public void correct(byte[] predicted, int offset, int length)
      throws RejectedException, DeviceException {
    if (length <= right()) {
      pass(length);
      return;
    }
    for (int made = 0; made < length; ) {
      int now = (int) Math.min(length - made, available());
      if (surpriseLeft == 0 && untilSurprise == 0) {
        surpriseLeft = lengths.number();
        if (surpriseLeft == 0) {
          throw lengths.malformed("expected a surprise of at least a byte, got none");
        }
      }
      if (surpriseLeft > 0) {
        now = (int) Math.min(now, surpriseLeft);
        surprises.addTo(predicted, offset + made, now);
        surpriseLeft -= now;
        if (surpriseLeft == 0) {
          untilSurprise = gaps.atEnd() ? NONE : gaps.number();
        }
      } else {
        now = (int) Math.min(now, untilSurprise);
        untilSurprise -= untilSurprise == NONE ? 0 : now;
      }
      partLeft -= now;
      made += now;
    }
  }

  @Override
  public int right() {
    return surpriseLeft > 0
        ? 0
        : (int) Math.min(Integer.MAX_VALUE, Math.min(untilSurprise, partLeft));
  }

  @Override
  public void pass(int length) {
    untilSurprise -= untilSurprise == NONE ? 0 : length;
    partLeft -= length;
  }

  /** Checks that all of the last part was used. */
  void requireEnd() throws RejectedException {
    if (surpriseLeft > 0 || untilSurprise != NONE) {
      throw gaps.malformed("expected no surprise behind a part's end");
    }
    gaps.requireEnd();
    lengths.requireEnd();
    surprises.requireEnd();
    newBytes.requireEnd();
  }

  /** How many bytes the present part has left; the next one is read if that is none. */
  private long available() throws RejectedException, DeviceException {
    if (partLeft == 0) {
      requireEnd();
      partLeft = input.number();
      if (partLeft == 0 || partLeft > imageLeft) {
        throw input.malformed(
            "part: expected 1 to " + imageLeft + " bytes of image, got " + partLeft);
      }
      imageLeft -= partLeft;
      StreamCursor[] streams =
          input.group(
              DeltaLimits.PART_STREAM_BYTES_MAX,
              DeltaStream.SURPRISE_GAPS,
              DeltaStream.SURPRISE_LENGTHS,
              DeltaStream.SURPRISES,
              DeltaStream.NEW_BYTES);
      gaps = streams[0];
      lengths = streams[1];
      surprises = streams[2];
      newBytes = streams[3];
      untilSurprise = gaps.atEnd() ? NONE : gaps.number();
    }
    return partLeft;
  }
}
