package dev.suture.delta;

import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.RejectedException;

/**
 * Predicts instructions: those of the base with the addresses in them as they must be in the image.
 * Where an address has moved to is told by the last instruction that had it, otherwise by where its
 * bytes are copied to.
 *
 * <p>Memory: {@link #BATCH} and the reach of an ADRP, 17 bytes an instruction, the learned targets,
 * and what {@link LearnedOffsets} states.
 */
final class CodePredictor {
  /** Instructions that are predicted at once. */
  static final int BATCH = 2048;

  private static final int CONTEXT = PageRegisters.REACH;

  /** Short jumps stay within what is copied together; what looks like longer ones is data. */
  private static final int NEAR_BYTES = 1 << 15;

  private static final int ADR_BYTES = 1 << 16;

  private final BaseReader base;
  private final CopyMap map;
  private final Segments segments;
  private final MovedAddresses addresses;
  private final byte[] bytes = new byte[(BATCH + 2 * CONTEXT) * Arm64.BYTES];
  private final byte[] kinds = new byte[BATCH + 2 * CONTEXT];
  private final long[] targets = new long[BATCH + 2 * CONTEXT];
  private final LearnedOffsets offsets = new LearnedOffsets();
  private final PageRegisters baseRegisters = new PageRegisters();
  private final PageRegisters imageRegisters = new PageRegisters();

  CodePredictor(BaseReader base, CopyMap map, Segments segments, MovedAddresses addresses) {
    this.base = base;
    this.map = map;
    this.segments = segments;
    this.addresses = addresses;
  }

  /**
   * Predicts instructions and has each corrected before the next one.
   *
   * @param copy which copy they belong to
   * @param piece of at most {@link #BATCH} whole instructions
   */
  void predict(int copy, Piece piece, Corrector corrector)
      throws RejectedException, DeviceException {
    int segment = piece.segment();
    int count = piece.length() / Arm64.BYTES;
    int before = decode(piece, count);
    long copyStart = map.baseStart(copy);
    long copyEnd = copyStart + map.length(copy);
    long copyShift = map.imageStart(copy) - copyStart;
    long baseAddress = segments.baseAddress(segment, piece.from());
    byte[] output = piece.bytes();
    for (int i = 0; i < count; i++) {
      int word = word(bytes, (before + i) * Arm64.BYTES);
      int kind = kinds[before + i];
      boolean hasOffset = kind == Arm64.NONE;
      int at = piece.offset() + i * Arm64.BYTES;
      long address = piece.imageAddress() + i * (long) Arm64.BYTES;
      int key = 0;
      if (kind != Arm64.NONE) {
        long target = targets[before + i];
        long distance = target - (baseAddress + i * (long) Arm64.BYTES);
        boolean isNear = kind == Arm64.NEAR || kind == Arm64.NEAREST;
        long moved = -1;
        if (!isNear) {
          key = addresses.key(segment, target);
          moved = addresses.learned(key);
        }
        if (moved < 0 || kind == Arm64.ADR) {
          long position = segments.basePosition(segment, target);
          boolean isInCopy = position >= copyStart && position < copyEnd;
          if (isNear
              ? isInCopy || Math.abs(distance) >= NEAR_BYTES
              : kind == Arm64.ADR && (isInCopy || Math.abs(distance) >= ADR_BYTES)) {
            kind = Arm64.NONE;
          } else if (moved < 0) {
            moved =
                isInCopy
                    ? segments.imageAddress(segment, position + copyShift)
                    : addresses.copied(segment, target);
          }
        }
        if (kind != Arm64.NONE && moved >= 0) {
          word = Arm64.with(kind, word, moved, address);
        }
      }
      put(output, at, hasOffset ? offsets.predict(word) : word);
      corrector.correct(output, at, Arm64.BYTES);
      if (hasOffset) {
        offsets.learn(word, word(output, at));
      }
      observe(word(output, at), address, kind, key);
    }
  }

  /** Follows new instructions, which were not predicted. */
  void follow(byte[] source, int offset, int count, long imageAddress) {
    for (int i = 0; i < count; i++) {
      observe(word(source, offset + i * Arm64.BYTES), imageAddress + i * 4L, Arm64.NONE, 0);
    }
  }

  /** Learns from an instruction of the image. */
  private void observe(int word, long address, int expectedKind, int key) {
    int kind = Arm64.kind(word);
    long number = address / Arm64.BYTES;
    long target = 0;
    boolean isKnown = false;
    switch (kind) {
      case Arm64.BRANCH, Arm64.ADR, Arm64.ADRP -> {
        target = Arm64.target(kind, word, address);
        isKnown = kind != Arm64.ADRP;
      }
      case Arm64.ADD_LOW, Arm64.LOAD_LOW -> {
        target = imageRegisters.completed(kind, word, number);
        isKnown = true;
      }
      default -> {}
    }
    if (isKnown && kind == expectedKind) {
      addresses.learn(key, target);
    }
    imageRegisters.follow(kind, word, target, number);
  }

  /**
   * Finds the addresses in instructions of the base.
   *
   * @return how many instructions before the first one were looked at, too
   */
  private int decode(Piece piece, int count) throws DeviceException {
    long from = piece.from();
    int before = (int) Math.min(CONTEXT, (from - piece.spanStart()) / Arm64.BYTES);
    long end = from + count * (long) Arm64.BYTES;
    int behind = (int) Math.min(CONTEXT, (piece.spanEnd() - end) / Arm64.BYTES);
    int all = before + count + behind;
    long start = from - before * (long) Arm64.BYTES;
    base.read(start, bytes, 0, all * Arm64.BYTES);
    long address = segments.baseAddress(piece.segment(), start);
    baseRegisters.forget();
    for (int i = 0; i < all; i++, address += Arm64.BYTES) {
      int word = word(bytes, i * Arm64.BYTES);
      int kind = Arm64.kind(word);
      long target = 0;
      if (kind == Arm64.ADD_LOW || kind == Arm64.LOAD_LOW) {
        target = baseRegisters.completed(kind, word, i);
        if (target >= 0) {
          int adrp = (int) baseRegisters.madeAt(word);
          if ((targets[adrp] & (Arm64.PAGE_BYTES - 1)) == 0 && kinds[adrp] == Arm64.ADRP) {
            targets[adrp] = target;
          }
        }
        kinds[i] = (byte) (target < 0 ? Arm64.NONE : kind);
        baseRegisters.follow(kind, word, 0, i);
      } else {
        kinds[i] = (byte) kind;
        if (kind != Arm64.NONE) {
          target = Arm64.target(kind, word, address);
        }
        baseRegisters.follow(kind, word, target, i);
      }
      targets[i] = target;
    }
    return before;
  }

  private static int word(byte[] bytes, int at) {
    return (bytes[at] & 0xff)
        | (bytes[at + 1] & 0xff) << 8
        | (bytes[at + 2] & 0xff) << 16
        | bytes[at + 3] << 24;
  }

  private static void put(byte[] bytes, int at, int word) {
    bytes[at] = (byte) word;
    bytes[at + 1] = (byte) (word >>> 8);
    bytes[at + 2] = (byte) (word >>> 16);
    bytes[at + 3] = (byte) (word >>> 24);
  }
}
