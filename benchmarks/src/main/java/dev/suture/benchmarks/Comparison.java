package dev.suture.benchmarks;

import java.util.Map;
import java.util.Optional;

/**
 * What was measured of one pair.
 *
 * @param made what each tool that ran made; always Suture's and the full image
 */
record Comparison(
    ComparedPair pair, long oldBytes, long newBytes, Map<Tool, Made> made, RebuildTimes times) {
  /** Below this, a patch says hardly more than that nothing changed. */
  static final long BSDIFF_BYTES_MIN = 1_000;

  /** Whether it goes into the means. */
  boolean counts() {
    Made bsdiff = made.get(Tool.BSDIFF);
    return pair.code() && (bsdiff == null || bsdiff.bytes() >= BSDIFF_BYTES_MIN);
  }

  /** Suture's bytes to another tool's. */
  Optional<Double> ratioTo(Tool tool) {
    return Optional.ofNullable(made.get(tool))
        .map(other -> (double) suture().bytes() / other.bytes());
  }

  Made suture() {
    Made suture = made.get(Tool.SUTURE);
    if (suture == null) {
      throw new IllegalStateException(pair.name() + ": no delta was made");
    }
    return suture;
  }
}
