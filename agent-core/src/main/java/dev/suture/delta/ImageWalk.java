package dev.suture.delta;

import dev.suture.protocol.delta.SpanKind;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.RejectedException;
import dev.suture.protocol.failure.RetryableException;

/**
 * Goes through an image from its first byte to its last, predicts each byte that is copied, and has
 * a {@link Corrector} make it right. Who makes a delta and who applies it take the same walk, so
 * that both predict the same; what is predicted depends on the base, the map and what came before
 * in the image, and on nothing else.
 *
 * <p>Memory: {@link #OUTPUT_BYTES} and what {@link CodePredictor}, {@link DataPredictor} and {@link
 * BaseReader} state.
 */
public final class ImageWalk {
  /** The image is written in pieces of at most this many bytes. */
  static final int OUTPUT_BYTES = 64 << 10;

  private final CopyMap map;
  private final Segments segments;
  private final Spans spans;
  private final long imageBytes;
  private final BaseReader base;
  private final Corrector corrector;
  private final ImageSink out;
  private final CodePredictor code;
  private final DataPredictor data;
  private final byte[] output = new byte[OUTPUT_BYTES];
  private int used;
  private long done;

  /** The segment of the last code: new bytes behind it are code, too. */
  private int codeSegment = -1;

  /**
   * Prepares a walk.
   *
   * @param learnedLog two to the power of this of learned targets are remembered
   * @param imageBytes length of the image; copies lie within it
   */
  public ImageWalk(
      CopyMap map,
      Segments segments,
      Spans spans,
      int learnedLog,
      long imageBytes,
      BaseImage base,
      Corrector corrector,
      ImageSink out) {
    this.map = map;
    this.segments = segments;
    this.spans = spans;
    this.imageBytes = imageBytes;
    this.base = new BaseReader(base);
    this.corrector = corrector;
    this.out = out;
    MovedAddresses addresses = new MovedAddresses(map, segments, new LearnedTargets(learnedLog));
    code = new CodePredictor(this.base, map, segments, addresses);
    data = new DataPredictor(this.base, segments, spans, addresses);
  }

  /** Makes the whole image. Exactly its length is written on success, never more otherwise. */
  public void run() throws RejectedException, DeviceException, RetryableException {
    for (int copy = 0; copy < map.count(); copy++) {
      insert(map.imageStart(copy) - done);
      copy(copy);
    }
    insert(imageBytes - done);
    flush();
  }

  /**
   * Makes each copy at its place, and nothing else: copies may come in any order, overlap, or lie
   * outside the image. What is written are the copies, one behind the other.
   */
  public void runCopies() throws RejectedException, DeviceException, RetryableException {
    for (int copy = 0; copy < map.count(); copy++) {
      done = map.imageStart(copy);
      copy(copy);
    }
    flush();
  }

  private void insert(long length) throws RejectedException, DeviceException, RetryableException {
    for (long left = length; left > 0; ) {
      int now = (int) Math.min(left, room());
      corrector.insert(output, used, now);
      long address = codeSegment < 0 ? -1 : segments.imageAddress(codeSegment, done);
      if (address >= 0) {
        int skip = (int) (-address & (Arm64.BYTES - 1));
        code.follow(output, used + skip, Math.max(0, now - skip) / Arm64.BYTES, address + skip);
      }
      advance(now);
      left -= now;
    }
  }

  private void copy(int copy) throws RejectedException, DeviceException, RetryableException {
    long at = map.baseStart(copy);
    long end = at + map.length(copy);
    int span = spans.next(at);
    while (at < end) {
      while (span < spans.count() && spans.end(span) <= at) {
        span++;
      }
      boolean isInSpan = span < spans.count() && spans.start(span) <= at;
      long limit = end;
      if (span < spans.count()) {
        limit = Math.min(end, isInSpan ? spans.end(span) : spans.start(span));
      }
      int now = (int) Math.min(limit - at, room());
      if (isInSpan && spans.kind(span) == SpanKind.CODE) {
        now = code(copy, span, at, now);
      } else if (isInSpan) {
        table(span, at, now);
      } else {
        plain(at, now);
      }
      at += now;
      advance(now);
    }
  }

  /** Makes bytes of code; how many it made: 1 to {@code length}. */
  private int code(int copy, int span, long at, int length)
      throws RejectedException, DeviceException {
    int segment = segments.ofBase(at);
    codeSegment = segment;
    long address = segments.imageAddress(segment, done);
    int ahead = (int) (-segments.baseAddress(segment, at) & (Arm64.BYTES - 1));
    if (ahead > 0 || length < Arm64.BYTES || address < 0 || address % Arm64.BYTES != 0) {
      // Up to the next instruction, or none of them.
      int plain = ahead > 0 && length > ahead ? ahead : Math.min(length, Arm64.BYTES);
      plain(at, plain);
      return plain;
    }
    int count =
        (int)
            Math.min(
                Math.min(length, segments.imageLeft(segment, done)) / Arm64.BYTES, BaseCode.BATCH);
    if (count == 0) {
      // The segment of the image ends within this instruction; another can follow.
      plain(at, Arm64.BYTES);
      return Arm64.BYTES;
    }
    code.predict(copy, piece(segment, span, at, address, count * Arm64.BYTES), corrector);
    return count * Arm64.BYTES;
  }

  private void table(int span, long at, int length) throws RejectedException, DeviceException {
    int segment = segments.ofBase(at);
    long address = segments.imageAddress(segment, done);
    if (address < 0) {
      plain(at, length);
      return;
    }
    base.read(at, output, used, length);
    data.predict(spans.kind(span), piece(segment, span, at, address, length), corrector);
  }

  private Piece piece(int segment, int span, long at, long address, int length) {
    return new Piece(
        segment, spans.start(span), spans.end(span), at, address, length, output, used);
  }

  private void plain(long at, int length) throws RejectedException, DeviceException {
    base.read(at, output, used, length);
    corrector.correct(output, used, length);
  }

  private void advance(int length) {
    used += length;
    done += length;
  }

  /** How many bytes can be put into the output: enough for a batch of instructions. */
  private int room() throws DeviceException, RetryableException {
    if (OUTPUT_BYTES - used < BaseCode.BATCH * Arm64.BYTES) {
      flush();
    }
    return OUTPUT_BYTES - used;
  }

  private void flush() throws DeviceException, RetryableException {
    if (used > 0) {
      out.write(output, 0, used);
      used = 0;
    }
  }
}
