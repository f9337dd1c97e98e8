package dev.suture.link.mqtt;

import java.util.concurrent.TimeUnit;

/**
 * How long the broker is waited for, and how much of it is believed.
 *
 * @param connectMillis until the broker has taken the connection, TLS and the login, each
 * @param answerMillis until it has acknowledged a report or a subscription
 * @param keepAliveSeconds longest silence on an idle connection; a dead one is noticed within twice
 *     that
 * @param willDelaySeconds how long a device may be away before the broker calls it lost: longer
 *     than a restart
 * @param retryFloorMillis longest pause after the first failure
 * @param retryCeilingMillis longest pause after many
 */
record MqttLimits(
    int connectMillis,
    long answerMillis,
    int keepAliveSeconds,
    long willDelaySeconds,
    long retryFloorMillis,
    long retryCeilingMillis) {
  /** How long the broker keeps notices for a device that is away. */
  static final long SESSION_SECONDS = TimeUnit.DAYS.toSeconds(7);

  /** Longest packet that we let the broker send, whatever is in it. */
  static final int PACKET_BYTES_MAX = 4096;

  /** Notices that the broker is asked to send at most before we have acknowledged the first. */
  static final int RECEIVE_MAX = 16;

  /**
   * Notices that it may send. Mosquitto 2.0.11 does not always keep to what it is asked: while more
   * come in and acknowledgements are under way, it sends all that it has queued, 1,000 and those 16
   * by its defaults. A device that hung up on that could be kept away by a burst of notices. What
   * each costs the library is a few hundred bytes.
   */
  static final int UNACKNOWLEDGED_MAX = 2_048;

  static final MqttLimits DEVICE = new MqttLimits(15_000, 10_000, 60, 60, 1_000, 60_000);
}
