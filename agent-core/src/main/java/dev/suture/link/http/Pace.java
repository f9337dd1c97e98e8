package dev.suture.link.http;

import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.RetryableException;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** Ends a download that would never end by itself: too few bytes in a window, or too long. */
final class Pace {
  /** How long a slow mirror is given before it is judged. */
  static final long WINDOW_MILLIS = 60_000;

  /** What must have come in every full window: 1 KiB a second. */
  static final long WINDOW_BYTES_MIN = 60 * 1024;

  private final LongSupplier nanoClock;
  private final String what;
  private final long limitMillis;
  private final long startNanos;
  private long windowNanos;
  private long windowBytes;

  Pace(LongSupplier nanoClock, String what, long limitMillis) {
    this.nanoClock = nanoClock;
    this.what = what;
    this.limitMillis = limitMillis;
    startNanos = nanoClock.getAsLong();
    windowNanos = startNanos;
  }

  /**
   * Counts what has come.
   *
   * @throws RetryableException {@code DOWNLOAD_TOO_SLOW}
   */
  void received(int bytes) throws RetryableException {
    long nowNanos = nanoClock.getAsLong();
    windowBytes += bytes;
    if (nowNanos - startNanos > TimeUnit.MILLISECONDS.toNanos(limitMillis)) {
      throw tooSlow("to end within " + limitMillis / 1000 + " s", "more to come");
    }
    if (nowNanos - windowNanos >= TimeUnit.MILLISECONDS.toNanos(WINDOW_MILLIS)) {
      if (windowBytes < WINDOW_BYTES_MIN) {
        throw tooSlow(
            WINDOW_BYTES_MIN + " bytes or more in " + WINDOW_MILLIS / 1000 + " s",
            Long.toString(windowBytes));
      }
      windowNanos = nowNanos;
      windowBytes = 0;
    }
  }

  private RetryableException tooSlow(String expected, String got) {
    return new RetryableException(
        FailureCode.DOWNLOAD_TOO_SLOW,
        "download: expected " + expected + ", got " + got + " (" + what + ")");
  }
}
