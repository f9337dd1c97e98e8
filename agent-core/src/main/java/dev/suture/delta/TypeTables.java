package dev.suture.delta;

import dev.suture.protocol.delta.TypeInfo;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.RejectedException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Predicts a kernel's descriptions of its types: the places of names, which are behind the span,
 * and the numbers of types.
 *
 * <p>Memory: four bytes for each {@link #STEP_BYTES} of the longest span, and what {@link
 * LearnedNumbers} states; none before the first description.
 */
final class TypeTables {
  /** So often a place is remembered where a description begins. */
  static final int STEP_BYTES = 4096;

  /** So many descriptions are looked at to find where others begin; then no more are predicted. */
  static final int SKIPS_MAX = 1 << 24;

  private static final int HEADER_BYTES = TypeInfo.HEADER_WORDS * Integer.BYTES;

  private final BaseReader base;
  private final Segments segments;
  private final MovedAddresses addresses;
  private @Nullable LearnedNumbers numbers;

  /** Of the present span, for each step: where the description begins that reaches into it. */
  private int[] steps = new int[0];

  private int stepsKnown;
  private long span = -1;
  private int skips;

  /** The present description: where it begins in the base, and its second word. */
  private long start;

  private int info;

  private final byte[] header = new byte[HEADER_BYTES];

  TypeTables(BaseReader base, Segments segments, MovedAddresses addresses) {
    this.base = base;
    this.segments = segments;
    this.addresses = addresses;
  }

  /** Predicts a piece word by word: one number tells what others became. */
  void predict(Piece piece, Corrector corrector) throws RejectedException, DeviceException {
    if (numbers == null) {
      numbers = new LearnedNumbers();
    }
    int segment = piece.segment();
    long names = segments.baseAddress(segment, piece.spanEnd() - 1) + 1;
    long movedNames = addresses.copied(segment, names);
    int corrected = 0;
    int at = (int) (-(piece.from() - piece.spanStart()) & (Integer.BYTES - 1));
    for (; piece.has(at, Integer.BYTES) && find(piece, piece.from() + at); at += Integer.BYTES) {
      int value = (int) piece.get(at, Integer.BYTES);
      int word = (int) ((piece.from() + at - start) / Integer.BYTES);
      if (value == 0) {
        continue;
      }
      switch (TypeInfo.word(info, word)) {
        case NAME -> {
          long name = addresses.copied(segment, names + Integer.toUnsignedLong(value));
          if (name >= 0 && movedNames >= 0) {
            piece.put(at, Integer.BYTES, name - movedNames);
          }
        }
        case NUMBER -> {
          piece.put(at, Integer.BYTES, numbers.predict(value));
          piece.correct(corrector, corrected, at + Integer.BYTES);
          corrected = at + Integer.BYTES;
          numbers.learn(value, (int) piece.get(at, Integer.BYTES));
        }
        case OTHER -> {}
      }
    }
    piece.correct(corrector, corrected, piece.length());
  }

  /** Makes the description that contains a position the present one; false if there is none. */
  private boolean find(Piece piece, long position) throws DeviceException {
    long from = piece.spanStart();
    if (span != from) {
      span = from;
      stepsKnown = 0;
      begin(from);
    }
    int step = (int) Math.min((position - from) / STEP_BYTES, stepsKnown - 1L);
    if (step >= 0 && (position < start || from + steps[step] > start)) {
      begin(from + steps[step]);
    } else if (position < start) {
      begin(from);
    }
    while (piece.spanEnd() - start >= HEADER_BYTES && skips < SKIPS_MAX) {
      long end = start + (long) TypeInfo.words(info) * Integer.BYTES;
      if (position < end) {
        return true;
      }
      remember((int) (start - from), end - from);
      skips++;
      begin(end);
    }
    return false;
  }

  private void begin(long description) throws DeviceException {
    start = description;
    if (base.bytes() - start >= HEADER_BYTES) {
      base.read(start, header, 0, HEADER_BYTES);
      info = (int) Piece.get(header, Integer.BYTES, Integer.BYTES);
    }
  }

  /** Notes the steps that begin within a description. */
  private void remember(int description, long end) {
    while ((long) stepsKnown * STEP_BYTES < end) {
      if (stepsKnown == steps.length) {
        steps = Arrays.copyOf(steps, Math.max(16, 2 * stepsKnown));
      }
      steps[stepsKnown++] = description;
    }
  }
}
