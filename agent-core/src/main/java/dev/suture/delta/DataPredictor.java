package dev.suture.delta;

import dev.suture.protocol.delta.SpanKind;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.RejectedException;
import java.util.Arrays;

/**
 * Predicts tables with addresses in them. Layouts: System V ABI, "ELF-64 Object File Format", and
 * Linux Standard Base, "Exception Frames".
 */
final class DataPredictor {
  private static final int ENTRY_BYTES = 24;
  private static final int INFO_AT = 8;
  private static final int ADDEND_AT = 16;
  private static final int R_AARCH64_RELATIVE = 1027;
  private static final int VALUE_AT = 8;
  private static final int TABLE_HEADER_BYTES = 12;
  private static final int CIE_POINTER_AT = 4;
  private static final int FUNCTION_AT = 8;
  private static final int AUGMENTATION_AT = 16;
  private static final int LSDA_AT = 17;
  private static final int RECORD_BYTES_MAX = 1 << 16;

  private final BaseReader base;
  private final Segments segments;
  private final MovedAddresses addresses;

  /** A record of frames begins here, or did when it was last looked for; in this span. */
  private long record;

  private long recordSpan = -1;

  /** The piece that is being predicted. */
  private int segment;

  private long from;
  private long imageAddress;
  private int length;
  private byte[] bytes = new byte[0];
  private int offset;

  DataPredictor(BaseReader base, Segments segments, MovedAddresses addresses) {
    this.base = base;
    this.segments = segments;
    this.addresses = addresses;
  }

  /**
   * Predicts a piece of a table and has it corrected.
   *
   * @param from where in the base it begins
   * @param imageAddress its address in the image
   * @param output has the bytes of the base, and gets those of the image
   */
  void predict(
      SpanKind kind,
      int segment,
      long spanStart,
      long spanEnd,
      long from,
      long imageAddress,
      int length,
      byte[] output,
      int offset,
      Corrector corrector)
      throws RejectedException, DeviceException {
    this.segment = segment;
    this.from = from;
    this.imageAddress = imageAddress;
    this.length = length;
    this.offset = offset;
    bytes = output;
    byte[] old = Arrays.copyOfRange(output, offset, offset + length);
    switch (kind) {
      case RELOCATIONS -> relocations(spanStart, old);
      case POINTERS -> pointers(old);
      case FRAME_TABLE -> frameTable(spanStart, old);
      case FRAMES -> frames(spanStart, spanEnd);
      case SYMBOLS -> symbols(spanStart, spanEnd, old);
      case CODE -> throw new IllegalArgumentException("code is no table");
    }
    corrector.correct(output, offset, length);
    if (kind == SpanKind.RELOCATIONS) {
      learnRelocations(spanStart, old);
    }
  }

  private void relocations(long spanStart, byte[] old) {
    for (int at = first(spanStart); at < length; at += ENTRY_BYTES) {
      if (has(at, 8)) {
        wide(at, moved(get(old, at, 8)));
      }
      if (has(at + INFO_AT, 16) && get(old, at + INFO_AT, 4) == R_AARCH64_RELATIVE) {
        wide(at + ADDEND_AT, moved(get(old, at + ADDEND_AT, 8)));
      }
    }
  }

  private void learnRelocations(long spanStart, byte[] old) {
    for (int at = first(spanStart); at < length; at += ENTRY_BYTES) {
      if (has(at + INFO_AT, 16)
          && get(old, at + INFO_AT, 4) == R_AARCH64_RELATIVE
          && get(bytes, offset + at + INFO_AT, 4) == R_AARCH64_RELATIVE) {
        long target = get(old, at + ADDEND_AT, 8);
        addresses.learn(addresses.key(segment, target), get(bytes, offset + at + ADDEND_AT, 8));
      }
    }
  }

  private void pointers(byte[] old) {
    long address = segments.baseAddress(segment, from);
    for (int at = (int) (-address & 7); has(at, 8); at += 8) {
      long target = get(old, at, 8);
      if (target > 0 && segments.basePosition(segment, target) >= 0) {
        wide(at, addresses.moved(segment, target));
      }
    }
  }

  private void frameTable(long spanStart, byte[] old) {
    long table = segments.baseAddress(segment, spanStart) - TABLE_HEADER_BYTES;
    long moved = addresses.copied(segment, table);
    if (moved < 0) {
      return;
    }
    for (int at = (int) (-(from - spanStart) & 3); has(at, 4); at += 4) {
      narrow(at, addresses.moved(segment, table + (int) get(old, at, 4)), moved);
    }
  }

  private void symbols(long spanStart, long spanEnd, byte[] old) {
    long names = segments.baseAddress(segment, spanEnd - 1) + 1;
    long movedNames = addresses.copied(segment, names);
    for (int at = first(spanStart); at < length; at += ENTRY_BYTES) {
      if (has(at, 4) && movedNames >= 0) {
        long name = get(old, at, 4);
        if (name > 0) {
          narrow(at, addresses.copied(segment, names + name), movedNames);
        }
      }
      if (has(at + VALUE_AT, 8)) {
        long value = get(old, at + VALUE_AT, 8);
        if (value > 0) {
          wide(at + VALUE_AT, addresses.moved(segment, value));
        }
      }
    }
  }

  private void frames(long spanStart, long spanEnd) throws DeviceException {
    if (recordSpan != spanStart || record > from) {
      record = spanStart;
      recordSpan = spanStart;
    }
    byte[] head = new byte[LSDA_AT + 4];
    while (record < from + length && record + 8 <= spanEnd) {
      int now = (int) Math.min(head.length, spanEnd - record);
      base.read(record, head, 0, now);
      long bytesOfRecord = get(head, 0, 4);
      if (bytesOfRecord == 0 || bytesOfRecord > Math.min(RECORD_BYTES_MAX, spanEnd - record - 4)) {
        // Its end, or nothing that could be understood.
        record = spanEnd;
        return;
      }
      if (get(head, CIE_POINTER_AT, 4) != 0) {
        frame((int) (record - from), head, now, bytesOfRecord + 4);
      }
      if (record + 4 + bytesOfRecord > from + length) {
        return;
      }
      record += 4 + bytesOfRecord;
    }
  }

  private void frame(int at, byte[] head, int known, long recordBytes) {
    if (has(at + CIE_POINTER_AT, 4)) {
      long field = fieldAddress(at + CIE_POINTER_AT);
      long target = addresses.copied(segment, field - get(head, CIE_POINTER_AT, 4));
      narrow(at + CIE_POINTER_AT, imageAddress + at + CIE_POINTER_AT, target);
    }
    if (has(at + FUNCTION_AT, 4) && recordBytes >= FUNCTION_AT + 4) {
      long target = fieldAddress(at + FUNCTION_AT) + (int) get(head, FUNCTION_AT, 4);
      narrow(at + FUNCTION_AT, addresses.moved(segment, target), imageAddress + at + FUNCTION_AT);
    }
    if (known >= LSDA_AT + 4
        && recordBytes >= LSDA_AT + 4
        && head[AUGMENTATION_AT] == 4
        && has(at + LSDA_AT, 4)) {
      int distance = (int) get(head, LSDA_AT, 4);
      if (distance != 0) {
        narrow(
            at + LSDA_AT,
            addresses.moved(segment, fieldAddress(at + LSDA_AT) + distance),
            imageAddress + at + LSDA_AT);
      }
    }
  }

  /** The address in the base of a place in the piece. */
  private long fieldAddress(int at) {
    return segments.baseAddress(segment, from + at);
  }

  /** Where the first entry begins that is in the piece, or the one that reaches into it. */
  private int first(long spanStart) {
    return -(int) ((from - spanStart) % ENTRY_BYTES);
  }

  private boolean has(int at, int count) {
    return at >= 0 && at + count <= length;
  }

  private long moved(long address) {
    return address <= 0 ? -1 : addresses.moved(segment, address);
  }

  /** Puts eight bytes, if the address is known. */
  private void wide(int at, long address) {
    if (address >= 0) {
      for (int i = 0; i < 8; i++) {
        bytes[offset + at + i] = (byte) (address >>> (8 * i));
      }
    }
  }

  /** Puts the distance of two addresses in four bytes, if they are known. */
  private void narrow(int at, long address, long origin) {
    if (address >= 0 && origin >= 0) {
      long distance = address - origin;
      for (int i = 0; i < 4; i++) {
        bytes[offset + at + i] = (byte) (distance >>> (8 * i));
      }
    }
  }

  private static long get(byte[] bytes, int at, int count) {
    long value = 0;
    for (int i = 0; i < count; i++) {
      value |= (bytes[at + i] & 0xffL) << (8 * i);
    }
    return value;
  }
}
