package dev.suture.live;

import dev.suture.protocol.PrintableText;
import dev.suture.protocol.failure.DeviceException;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/** The services of this device that may be restarted by themselves. */
public interface Services {
  /**
   * Each service, those first that others need; empty if nothing but the device restarts.
   *
   * @throws DeviceException {@code KERNEL_CALL_FAILED} if whoever runs services does not say what
   *     must be known of them, {@code CONFIG_INVALID} if one of them cannot be restarted by itself
   */
  List<Service> inOrder() throws DeviceException;

  /**
   * The service that each of these processes belongs to, if it belongs to one. All of them are
   * asked for at once: what a service says of itself is read once, so the answers go together.
   */
  Map<OldCode, Service> owners(Collection<OldCode> processes);

  /**
   * Asks for the restart of a service, and does not wait for it.
   *
   * @throws DeviceException {@code KERNEL_CALL_FAILED}
   */
  void restart(Service service) throws DeviceException;

  /**
   * Asks for the end of a service, so that it does not run again before {@link #start}, and does
   * not wait for it.
   *
   * @return false if whoever runs it can restart it, but not keep it from running: nothing was done
   * @throws DeviceException {@code KERNEL_CALL_FAILED}, {@code CONFIG_INVALID} if the agent would
   *     end along with it
   */
  boolean stop(Service service) throws DeviceException;

  /**
   * Whether a service whose end was asked for has ended.
   *
   * @throws DeviceException {@code KERNEL_CALL_FAILED} if that cannot be told
   */
  boolean isStopped(Service service) throws DeviceException;

  /**
   * Ends what is left of a service whose end was asked for, without asking it again, and does not
   * wait for it.
   *
   * @throws DeviceException {@code KERNEL_CALL_FAILED}
   */
  void kill(Service service) throws DeviceException;

  /**
   * Asks for the start of a service that was stopped, and of whatever was stopped along with it,
   * and does not wait for it.
   *
   * @throws DeviceException {@code KERNEL_CALL_FAILED}
   */
  void start(Service service) throws DeviceException;

  /**
   * How a service is now; while a restart that was asked for is under way it is {@code DOWN}.
   *
   * @throws DeviceException {@code KERNEL_CALL_FAILED} if that cannot be told
   */
  Condition condition(Service service) throws DeviceException;

  /**
   * How all services are now, and how often each has ended by itself: what its service manager
   * counted, as far as it knows. What was asked of it here does not count.
   *
   * @throws DeviceException {@code KERNEL_CALL_FAILED} if that cannot be told
   */
  Map<Service, Tally> tallies() throws DeviceException;

  /**
   * How a service is, and what was counted.
   *
   * @param kind how it is now
   * @param epoch a word of at most 64 characters for the time since when it is counted; whatever
   *     sets the counters back to 0 without anybody's doing changes it
   * @param deaths how often it ended by itself since then; lower than before if somebody started it
   *     anew
   * @param crashes how often of those by the signal of a crash: SIGSEGV, SIGBUS, SIGILL or SIGABRT;
   *     lower than before if some are forgotten; 0 if that cannot be told
   */
  record Tally(Condition.Kind kind, String epoch, long deaths, long crashes) {}

  /**
   * A service.
   *
   * @param name for people
   * @param timeoutMillis how long its processes may take to end when they are asked to, and then
   *     how long it may take to be up again
   * @param isNeverRestarted whether it must not be restarted by itself, whatever it runs
   */
  record Service(String name, long timeoutMillis, boolean isNeverRestarted) {
    /** One that may be restarted. */
    public Service(String name, long timeoutMillis) {
      this(name, timeoutMillis, false);
    }
  }

  /**
   * How a service is.
   *
   * @param kind what that means
   * @param said how whoever runs it puts it, for people
   */
  record Condition(Kind kind, String said) {
    private static final int SAID_CHARS_MAX = 200;

    /** Makes harmless and short what comes from elsewhere. */
    public Condition {
      said = PrintableText.of(said, SAID_CHARS_MAX);
    }

    /** What a condition means. */
    public enum Kind {
      /** It runs. */
      UP,
      /** Its work is done, and went well: it does not run, and need not. */
      DONE,
      /** It does not run, or not yet: time may help. */
      DOWN,
      /** It was tried and given up: it does not come back by itself. */
      FAILED;

      /** Whether it is as it should be. */
      public boolean isWell() {
        return this == UP || this == DONE;
      }
    }
  }
}
