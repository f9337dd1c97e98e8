package dev.suture.publisher.delta;

import dev.suture.delta.CopyMap;
import dev.suture.protocol.delta.DeltaLimits;

/** The copies of a delta: few enough for a device to accept. */
final class CopyPlan {
  /** Shorter copies cost more than their bytes. */
  private static final int BYTES_MIN = 16;

  private CopyPlan() {}

  /** Turns alignments into copies: the short ones are given up until there are few enough. */
  static CopyMap of(Alignments alignments) {
    for (long bytesMin = BYTES_MIN; ; bytesMin++) {
      int count = 0;
      for (int i = 0; i < alignments.count(); i++) {
        count += alignments.length(i) >= bytesMin ? pieces(alignments.length(i)) : 0;
      }
      if (count <= DeltaLimits.COPIES_MAX) {
        return copies(alignments, bytesMin, count);
      }
    }
  }

  /** The streams that say what is copied. */
  static StreamWriter[] streams(CopyMap map) {
    StreamWriter gaps = new StreamWriter();
    StreamWriter lengths = new StreamWriter();
    StreamWriter places = new StreamWriter();
    long image = 0;
    long base = 0;
    for (int i = 0; i < map.count(); i++) {
      gaps.number(map.imageStart(i) - image);
      lengths.number(map.length(i));
      places.signed(map.baseStart(i) - base);
      image = map.imageStart(i) + map.length(i);
      base = map.baseStart(i) + map.length(i);
    }
    return new StreamWriter[] {gaps, lengths, places};
  }

  private static CopyMap copies(Alignments alignments, long bytesMin, int count) {
    int[] imageStarts = new int[count];
    int[] baseStarts = new int[count];
    int[] lengths = new int[count];
    int next = 0;
    for (int i = 0; i < alignments.count(); i++) {
      long left = alignments.length(i) >= bytesMin ? alignments.length(i) : 0;
      for (long at = 0; left > 0; next++) {
        imageStarts[next] = (int) (alignments.imagePosition(i) + at);
        baseStarts[next] = (int) (alignments.basePosition(i) + at);
        lengths[next] = (int) Math.min(left, DeltaLimits.RANGE_BYTES_MAX);
        at += lengths[next];
        left -= lengths[next];
      }
    }
    return new CopyMap(imageStarts, baseStarts, lengths);
  }

  private static int pieces(long length) {
    return (int) ((length + DeltaLimits.RANGE_BYTES_MAX - 1) / DeltaLimits.RANGE_BYTES_MAX);
  }
}
