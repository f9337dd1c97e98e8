package dev.suture.delta;

import dev.suture.protocol.failure.DeviceException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Finds the addresses in a stretch of instructions of the base.
 *
 * <p>Memory: 21 bytes for each of {@link #BATCH} instructions and the reach of an ADRP before and
 * behind them.
 */
final class BaseCode {
  /** Instructions that are looked at together. */
  static final int BATCH = 2048;

  private static final int CONTEXT = PageRegisters.REACH;
  private static final int CAPACITY = BATCH + 2 * CONTEXT;

  /** A bit for each kind that has the whole distance to an address that can be far. */
  private static final int WHOLE_KINDS = 1 << Arm64.BRANCH | 1 << Arm64.ADR | 1 << Arm64.ADRP;

  /** A bit for each kind whose address is looked up among the learned. */
  private static final int FAR_KINDS = WHOLE_KINDS | 1 << Arm64.ADD_LOW | 1 << Arm64.LOAD_LOW;

  private final BaseReader base;
  private final byte[] bytes = new byte[CAPACITY * Arm64.BYTES];
  private final PageRegisters registers = new PageRegisters();

  /** The instructions, those before the first one wanted too. */
  final int[] words = new int[CAPACITY];

  /** Of each, {@link Arm64#form}; without a kind if there is no address after all. */
  final byte[] forms = new byte[CAPACITY];

  /** The address in each whose kind is none of those that jump near. */
  final long[] targets = new long[CAPACITY];

  /** Where those are that have an address which is looked up. */
  private final int[] farPlaces = new int[CAPACITY];

  private int farCount;

  BaseCode(BaseReader base) {
    this.base = base;
  }

  /**
   * Reads and decodes the instructions of a piece.
   *
   * @param address of the first of them in the base
   * @param count how many, at most {@link #BATCH}
   * @return where the first of them is in the arrays
   */
  int decode(Piece piece, long address, int count) throws DeviceException {
    long from = piece.from();
    int before = (int) Math.min(CONTEXT, (from - piece.spanStart()) / Arm64.BYTES);
    long end = from + count * (long) Arm64.BYTES;
    int behind = (int) Math.min(CONTEXT, (piece.spanEnd() - end) / Arm64.BYTES);
    int all = before + count + behind;
    base.read(from - before * (long) Arm64.BYTES, bytes, 0, all * Arm64.BYTES);
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asIntBuffer().get(words, 0, all);
    decode(address - before * (long) Arm64.BYTES, all);
    return before;
  }

  private void decode(long start, int all) {
    registers.forget();
    int far = 0;
    for (int i = 0; i < all; i++) {
      int word = words[i];
      int form = Arm64.form(word);
      int kind = form & Arm64.KIND;
      if (registers.mayHold(Arm64.from(word)) && kind >= Arm64.ADD_LOW) {
        long target = registers.completed(kind, word, i);
        if (target < 0) {
          form &= ~Arm64.KIND;
        } else {
          targets[i] = target;
          complete((int) registers.madeAt(word), target);
        }
      } else {
        form = withoutLow(form);
        if ((WHOLE_KINDS >>> kind & 1) != 0) {
          targets[i] = Arm64.target(kind, word, start + i * (long) Arm64.BYTES);
        }
      }
      forms[i] = (byte) form;
      farPlaces[far] = i;
      far += FAR_KINDS >>> (form & Arm64.KIND) & 1;
      if (kind == Arm64.ADRP) {
        registers.hold(word, targets[i], i);
      } else {
        registers.follow(form, word);
      }
    }
    farCount = far;
  }

  /** Has the places in the table of the learned fetched for all that will be looked up. */
  void touch(MovedAddresses addresses, long fileStart) {
    int read = 0;
    for (int i = 0; i < farCount; i++) {
      read ^= addresses.touch(Segments.key(fileStart, targets[farPlaces[i]]));
    }
    addresses.touched(read);
  }

  /** A form without its kind, if that is {@link Arm64#ADD_LOW} or {@link Arm64#LOAD_LOW}. */
  private static int withoutLow(int form) {
    return form & ~(((form & Arm64.KIND) + 2 >>> 3) * Arm64.KIND);
  }

  /** An ADRP has the address that is completed first, unless that is one of a page. */
  private void complete(int adrp, long target) {
    if ((targets[adrp] & (Arm64.PAGE_BYTES - 1)) == 0) {
      targets[adrp] = target;
    }
  }
}
