package dev.suture.benchmarks;

/**
 * What a tool made of a pair.
 *
 * @param bytes what a device would have to download
 * @param nanos how long it took
 * @param peakKib the highest resident memory; 0 if it was not in one program
 */
record Made(long bytes, long nanos, long peakKib) {
  static final long PEAK_UNKNOWN = 0;

  double seconds() {
    return nanos / 1e9;
  }
}
