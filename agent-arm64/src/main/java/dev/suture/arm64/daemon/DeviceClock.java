package dev.suture.arm64.daemon;

import dev.suture.agent.Clock;
import dev.suture.arm64.device.ClockState;
import dev.suture.protocol.failure.DeviceException;
import java.time.Instant;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The kernel's clocks. The date counts only while somebody keeps it right, and says so. */
final class DeviceClock implements Clock {
  private static final Logger LOG = LoggerFactory.getLogger(DeviceClock.class);
  private static final long NANOS_PER_MILLI = 1_000_000;
  private static final long PAUSE_PIECE_MILLIS = 1_000;

  private final Runnable progress;

  /**
   * These clocks.
   *
   * @param progress called in every second of a pause: who pauses has a limit of its own
   */
  DeviceClock(Runnable progress) {
    this.progress = progress;
  }

  @Override
  public long monotonicMillis() {
    return System.nanoTime() / NANOS_PER_MILLI;
  }

  @Override
  public void pause(long millis) {
    for (long left = millis; left > 0; left -= PAUSE_PIECE_MILLIS) {
      progress.run();
      Clock.super.pause(Math.min(left, PAUSE_PIECE_MILLIS));
    }
  }

  @Override
  public Optional<Instant> trustworthyNow() {
    try {
      return ClockState.isSynchronised() ? Optional.of(Instant.now()) : Optional.empty();
    } catch (DeviceException e) {
      LOG.warn("the clock is not believed: {}", e.getMessage());
      return Optional.empty();
    }
  }
}
