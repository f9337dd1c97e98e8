package dev.suture.arm64.device;

import dev.suture.arm64.linux.Linux;
import dev.suture.arm64.linux.LinuxException;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the service manager that the agent goes on, as sd_watchdog_enabled(3) asks for it: {@code
 * WATCHDOG=1} as sd_notify(3). Whoever hears nothing for the time in {@code WATCHDOG_USEC} ends the
 * agent and starts it again.
 *
 * <p>No timer and no thread of its own sends it: {@link #beat()} is called where work goes on, by
 * the agent's loop between its steps and by what takes long for every piece of it. A rebuild of
 * hours beats with every block that it writes; a loop that hangs, or waits for work that hangs,
 * does not.
 */
public final class Watchdog {
  /** Microseconds without a beat after which the agent is ended. */
  public static final String LIMIT_VARIABLE = "WATCHDOG_USEC";

  /** Number of the process that is to beat; any, if it is not there. */
  public static final String PROCESS_VARIABLE = "WATCHDOG_PID";

  private static final Logger LOG = LoggerFactory.getLogger(Watchdog.class);
  private static final String ALIVE = "WATCHDOG=1\n";

  /** One that is late, or lost, does not end anything. */
  private static final int BEATS_WITHIN_LIMIT = 4;

  private final String socket;
  private final long everyNanos;
  private final LongSupplier nanoClock;
  private final AtomicLong lastNanos;
  private volatile boolean isFailureLogged;

  /**
   * As the environment asks for it: for nothing, if a variable is missing, malformed or meant for
   * another process.
   *
   * @param environment of this process
   * @param nanoClock nanoseconds of a clock that only goes forward
   */
  public Watchdog(Map<String, String> environment, LongSupplier nanoClock) {
    this.socket = environment.getOrDefault(Readiness.SOCKET_VARIABLE, "");
    this.everyNanos = TimeUnit.MICROSECONDS.toNanos(limitMicros(environment)) / BEATS_WITHIN_LIMIT;
    this.nanoClock = nanoClock;
    this.lastNanos = new AtomicLong(nanoClock.getAsLong());
  }

  private static long limitMicros(Map<String, String> environment) {
    String process = environment.getOrDefault(PROCESS_VARIABLE, "");
    if (!process.isEmpty() && !process.equals(Integer.toString(Linux.processId()))) {
      return 0;
    }
    String limit = environment.getOrDefault(LIMIT_VARIABLE, "0");
    try {
      return Math.max(0, Long.parseLong(limit));
    } catch (NumberFormatException e) {
      LOG.warn("{}: expected microseconds, got \"{}\"", LIMIT_VARIABLE, limit);
      return 0;
    }
  }

  /**
   * How long whoever has nothing to do may wait before it beats again, in milliseconds; {@link
   * Long#MAX_VALUE} if nobody asks for it.
   */
  public long everyMillis() {
    return isWanted() ? Math.max(1, TimeUnit.NANOSECONDS.toMillis(everyNanos)) : Long.MAX_VALUE;
  }

  private boolean isWanted() {
    return everyNanos > 0 && !socket.isEmpty();
  }

  /**
   * Work goes on. Costs a look at the clock; tells it four times within the limit, however often it
   * is called. Any thread may. A failure is logged once: it stops nothing, who listens judges.
   */
  public void beat() {
    if (!isWanted()) {
      return;
    }
    long now = nanoClock.getAsLong();
    long last = lastNanos.get();
    if (now - last < everyNanos || !lastNanos.compareAndSet(last, now)) {
      return;
    }
    try {
      Linux.sendDatagram(socket, ALIVE);
    } catch (LinuxException | IllegalArgumentException e) {
      if (!isFailureLogged) {
        isFailureLogged = true;
        LOG.warn("watchdog: not told: {}", e.getMessage());
      }
    }
  }
}
