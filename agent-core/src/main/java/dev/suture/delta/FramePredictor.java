package dev.suture.delta;

import dev.suture.protocol.failure.DeviceException;
import java.util.Arrays;

/**
 * Predicts records of exception frames. Layout: Linux Standard Base, "Exception Frames". Where a
 * record begins is only known from the one before it, so that they are followed from the first one
 * on; copies can come in any order, so marks say where to go on from.
 *
 * <p>Memory: four bytes for each of {@link #MARKS}.
 */
final class FramePredictor {
  private static final int CIE_POINTER_AT = 4;
  private static final int FUNCTION_AT = 8;
  private static final int AUGMENTATION_AT = 16;
  private static final int LSDA_AT = 17;
  private static final int HEAD_BYTES = LSDA_AT + 4;
  private static final int RECORD_BYTES_MAX = 1 << 16;
  private static final int MARKS = 1 << 12;

  private final BaseReader base;
  private final Segments segments;
  private final MovedAddresses addresses;
  private final AddressFields fields;
  private final byte[] head = new byte[HEAD_BYTES];

  /** Where a record begins in each section of the base; -1 if none is known. */
  private final int[] marks = new int[MARKS];

  /** Two to the power of this is the length of a section. */
  private final int sectionLog;

  /** The span that is followed begins here; -1 for none yet. */
  private long span = -1;

  /** A record of it begins here, or did when it was last looked for. */
  private long record;

  /** No record begins here or behind it in the span: the last one was found. */
  private long recordsEnd;

  FramePredictor(
      BaseReader base, Segments segments, MovedAddresses addresses, AddressFields fields) {
    this.base = base;
    this.segments = segments;
    this.addresses = addresses;
    this.fields = fields;
    int log = 0;
    while (base.bytes() - 1 >>> log >= MARKS) {
      log++;
    }
    sectionLog = log;
    Arrays.fill(marks, -1);
  }

  /** Predicts a piece of a span. */
  void predict(Piece piece) throws DeviceException {
    if (span != piece.spanStart()) {
      span = piece.spanStart();
      record = span;
      recordsEnd = piece.spanEnd();
    }
    // From where it went on last, or nearer.
    long mark = markBefore(piece.from());
    if (record > piece.from() || record < mark) {
      record = mark;
    }
    collect(piece);
    fields.replace(piece, Integer.BYTES);
  }

  /** Where a record of the span begins that is at or before a position in it. */
  private long markBefore(long position) {
    for (int i = section(position); i >= section(span); i--) {
      if (marks[i] >= span && marks[i] <= position) {
        return marks[i];
      }
    }
    return span;
  }

  /** Keeps the first record of a section that is seen, and of several spans in it the last. */
  private void mark() {
    int section = section(record);
    if (marks[section] < span || marks[section] > record) {
      marks[section] = (int) record;
    }
  }

  private int section(long position) {
    return (int) (position >>> sectionLog);
  }

  private void collect(Piece piece) throws DeviceException {
    long from = piece.from();
    long end = piece.spanEnd();
    boolean isAsInBase = true;
    while (record < Math.min(from + piece.length(), recordsEnd) && record + 8 <= end) {
      mark();
      int known = (int) Math.min(HEAD_BYTES, end - record);
      int at = (int) (record - from);
      byte[] bytes = head;
      int start = 0;
      if (isAsInBase && piece.has(at, known)) {
        bytes = piece.bytes();
        start = piece.offset() + at;
      } else {
        base.read(record, bytes, 0, known);
      }
      long bytesOfRecord = Piece.get(bytes, start, 4);
      if (bytesOfRecord == 0 || bytesOfRecord > Math.min(RECORD_BYTES_MAX, end - record - 4)) {
        // Its end, or nothing that could be understood.
        recordsEnd = record;
        return;
      }
      if (record + HEAD_BYTES > from && Piece.get(bytes, start + CIE_POINTER_AT, 4) != 0) {
        frame(piece, at, bytes, start, known, bytesOfRecord + 4);
      }
      if (record + 4 + bytesOfRecord > from + piece.length()) {
        return;
      }
      // What is not a record can be shorter than its fields, which then reach into the next one.
      isAsInBase &= bytesOfRecord >= 4;
      record += 4 + bytesOfRecord;
    }
  }

  private void frame(Piece piece, int at, byte[] bytes, int start, int known, long recordBytes) {
    long distanceToCie = Piece.get(bytes, start + CIE_POINTER_AT, 4);
    if (piece.has(at + FUNCTION_AT, 4) && recordBytes >= FUNCTION_AT + 4) {
      collect(piece, at + FUNCTION_AT, Piece.get(bytes, start + FUNCTION_AT));
    }
    if (known >= HEAD_BYTES
        && recordBytes >= HEAD_BYTES
        && bytes[start + AUGMENTATION_AT] == 4
        && piece.has(at + LSDA_AT, 4)) {
      int distance = Piece.get(bytes, start + LSDA_AT);
      if (distance != 0) {
        collect(piece, at + LSDA_AT, distance);
      }
    }
    // Put at once: only now, when the record is not read any more.
    if (piece.has(at + CIE_POINTER_AT, 4)) {
      long field = addressOf(piece, at + CIE_POINTER_AT);
      long target = addresses.copied(piece.segment(), field - distanceToCie);
      long moved = piece.imageAddress() + at + CIE_POINTER_AT;
      DataPredictor.narrow(piece, at + CIE_POINTER_AT, moved, target);
    }
  }

  /** Collects a field that has the distance from itself to an address. */
  private void collect(Piece piece, int at, int distance) {
    fields.add(piece, 4, at, addressOf(piece, at) + distance, piece.imageAddress() + at);
  }

  /** The address in the base of a place in the piece. */
  private long addressOf(Piece piece, int at) {
    return segments.baseAddress(piece.segment(), piece.from() + at);
  }
}
