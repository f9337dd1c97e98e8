package dev.suture.link.http;

import java.util.concurrent.TimeUnit;

/**
 * How long the mirror is waited for, in milliseconds.
 *
 * @param connectMillis until the mirror has taken the connection
 * @param silenceMillis longest time without a single byte
 * @param headMillis from the request to the end of the answer's head, however it trickles
 * @param readMillis longest single read of the body, however it trickles
 * @param documentMillis whole time of a document
 * @param rangeMillis whole time of one call for a range; the next call goes on where it ended
 */
record HttpLimits(
    int connectMillis,
    int silenceMillis,
    long headMillis,
    long readMillis,
    long documentMillis,
    long rangeMillis) {
  static final HttpLimits DEVICE =
      new HttpLimits(
          10_000, 20_000, 30_000, 30_000, TimeUnit.MINUTES.toMillis(2), TimeUnit.HOURS.toMillis(6));
}
