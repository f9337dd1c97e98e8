package dev.suture.delta;

import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.RejectedException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Predicts instructions: those of the base with the addresses in them as they must be in the image.
 * Where an address has moved to is told by the last instruction that had it, otherwise by where its
 * bytes are copied to.
 *
 * <p>Memory: six bytes for each of {@link BaseCode#BATCH} instructions, and what {@link BaseCode}
 * and {@link LearnedOffsets} state.
 */
final class CodePredictor {
  /** Short jumps stay within what is copied together; what looks like longer ones is data. */
  private static final int NEAR_BYTES = 1 << 15;

  private static final int ADR_BYTES = 1 << 16;

  private static final int HAS_OFFSET = Arm64.TWELVE_BITS | Arm64.SEVEN_BITS;

  /** A bit for each kind whose address is learned: not a near one, and not a page. */
  private static final int LEARNED_KINDS =
      1 << Arm64.BRANCH | 1 << Arm64.ADR | 1 << Arm64.ADD_LOW | 1 << Arm64.LOAD_LOW;

  private final CopyMap map;
  private final Segments segments;
  private final MovedAddresses addresses;
  private final BaseCode code;
  private final LearnedOffsets offsets = new LearnedOffsets();
  private final PageRegisters registers = new PageRegisters();
  private final int[] images = new int[BaseCode.BATCH];
  private final byte[] one = new byte[Arm64.BYTES];

  /** Of the present piece: its segment and copy, and how far the copy moved. */
  private int segment;

  private long fileStart;
  private long copyStart;
  private long copyEnd;
  private long copyShift;

  /** Addresses in the base from here on, so many, surely are of the copy. */
  private long inCopyStart;

  private long inCopyBytes;

  /** What stands for the address in the present instruction; 0 if nothing is learned from it. */
  private int key;

  /** Where that was seen last; -1 if it was not. */
  private long seen;

  CodePredictor(BaseReader base, CopyMap map, Segments segments, MovedAddresses addresses) {
    this.map = map;
    this.segments = segments;
    this.addresses = addresses;
    code = new BaseCode(base);
  }

  /**
   * Predicts instructions and has each corrected before the next one.
   *
   * @param copy which copy they belong to
   * @param piece of at most {@link BaseCode#BATCH} whole instructions
   */
  void predict(int copy, Piece piece, Corrector corrector)
      throws RejectedException, DeviceException {
    begin(copy, piece);
    int count = piece.length() / Arm64.BYTES;
    long baseAddress = segments.baseAddress(segment, piece.from());
    int first = code.decode(piece, baseAddress, count);
    code.touch(addresses, fileStart);
    int right = corrector.right();
    int passed = 0;
    for (int i = 0; i < count; i++) {
      int word = code.words[first + i];
      int form = code.forms[first + i];
      long target = code.targets[first + i];
      long from = baseAddress + i * (long) Arm64.BYTES;
      long address = piece.imageAddress() + i * (long) Arm64.BYTES;
      if (right >= Arm64.BYTES) {
        images[i] = predictRight(form, word, target, from, address);
        right -= Arm64.BYTES;
        passed += Arm64.BYTES;
      } else {
        if (passed > 0) {
          corrector.pass(passed);
          passed = 0;
        }
        images[i] = predictAndCorrect(form, word, target, from, address, corrector);
        right = corrector.right();
      }
    }
    if (passed > 0) {
      corrector.pass(passed);
    }
    write(piece.bytes(), piece.offset(), count);
  }

  /** Predicts an instruction that is surely right, and learns from it. */
  private int predictRight(int form, int word, long target, long from, long address) {
    int kind = form & Arm64.KIND;
    switch (kind) {
      case Arm64.NONE -> {
        int image = word;
        if ((form & HAS_OFFSET) != 0) {
          image = offsets.predictRight(form, word);
        } else {
          offsets.goOnBehind(image);
        }
        registers.follow(form, image);
        return image;
      }
      case Arm64.NEAR, Arm64.NEAREST -> {
        int image = near(kind, word, from, address);
        registers.follow(form, image);
        return image;
      }
      default -> {
        int image = far(kind, word, target, from, address);
        observe(form, image, address, kind);
        return image;
      }
    }
  }

  private int predictAndCorrect(
      int form, int word, long target, long from, long address, Corrector corrector)
      throws RejectedException, DeviceException {
    int kind = form & Arm64.KIND;
    int predicted =
        switch (kind) {
          case Arm64.NONE -> (form & HAS_OFFSET) == 0 ? word : offsets.predict(word);
          case Arm64.NEAR, Arm64.NEAREST -> near(kind, word, from, address);
          default -> far(kind, word, target, from, address);
        };
    Piece.put(one, 0, predicted);
    corrector.correct(one, 0, Arm64.BYTES);
    int image = Piece.get(one, 0);
    if (kind == Arm64.NONE) {
      offsets.learn(word, image);
    }
    observe(Arm64.form(image), image, address, kind);
    return image;
  }

  /** Follows new instructions, which were not predicted. */
  void follow(byte[] source, int offset, int count, long imageAddress) {
    for (int i = 0; i < count; i++) {
      int word = Piece.get(source, offset + i * Arm64.BYTES);
      observe(Arm64.form(word), word, imageAddress + i * (long) Arm64.BYTES, Arm64.NONE);
    }
  }

  private void begin(int copy, Piece piece) {
    segment = piece.segment();
    fileStart = segments.fileStart(segment);
    copyStart = map.baseStart(copy);
    copyEnd = copyStart + map.length(copy);
    copyShift = map.imageStart(copy) - copyStart;
    long start = Math.max(copyStart, segments.baseStart(segment));
    long end = Math.min(copyEnd, segments.baseEnd(segment));
    inCopyStart = segments.baseAddress(segment, start);
    inCopyBytes = segments.isFirstWithItsAddresses(segment) ? end - start : 0;
  }

  /** One that jumps near, or loads from near: nothing is learned from it. */
  private int near(int kind, int word, long from, long address) {
    long target = Arm64.target(kind, word, from);
    if (isSurelyInCopy(target) || Math.abs(target - from) >= NEAR_BYTES) {
      return word;
    }
    long position = segments.basePosition(segment, target);
    if (isInCopy(position)) {
      return word;
    }
    long moved = addresses.copied(segment, target, position);
    return moved < 0 ? word : Arm64.with(kind, word, moved, address);
  }

  private int far(int kind, int word, long target, long from, long address) {
    key = Segments.key(fileStart, target);
    long moved = addresses.learned(key);
    seen = moved;
    if (kind == Arm64.ADR || moved < 0) {
      long position = segments.basePosition(segment, target);
      boolean isInCopy = isInCopy(position);
      if (kind == Arm64.ADR && (isInCopy || Math.abs(target - from) >= ADR_BYTES)) {
        key = 0;
        return word;
      }
      if (moved < 0) {
        moved =
            isInCopy
                ? segments.imageAddress(segment, position + copyShift)
                : addresses.copied(segment, target, position);
      }
    }
    return moved < 0 ? word : Arm64.with(kind, word, moved, address);
  }

  private boolean isSurelyInCopy(long address) {
    return address >= inCopyStart && address - inCopyStart < inCopyBytes;
  }

  private boolean isInCopy(long position) {
    return position >= copyStart && position < copyEnd;
  }

  /**
   * Learns from an instruction of the image.
   *
   * @param expectedKind that of the base: {@link #key} stands for its address
   */
  private void observe(int form, int word, long address, int expectedKind) {
    int kind = form & Arm64.KIND;
    if (kind == Arm64.ADRP) {
      registers.hold(word, Arm64.target(kind, word, address), address / Arm64.BYTES);
      return;
    }
    // The others are not learned from.
    if (kind == expectedKind && (LEARNED_KINDS >>> kind & 1) != 0) {
      long target =
          kind >= Arm64.ADD_LOW
              ? registers.completed(kind, word, address / Arm64.BYTES)
              : Arm64.target(kind, word, address);
      if (target != seen) {
        addresses.learn(key, target);
      }
    }
    registers.follow(form, word);
  }

  private void write(byte[] target, int offset, int count) {
    ByteBuffer.wrap(target, offset, count * Arm64.BYTES)
        .order(ByteOrder.LITTLE_ENDIAN)
        .asIntBuffer()
        .put(images, 0, count);
  }
}
