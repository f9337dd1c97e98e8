package dev.suture.sim;

/**
 * The power of one device. Counts the operations that change what is durable, or may, and fails at
 * a chosen one. Once it failed, every part of the device refuses every call until {@link #on()}.
 */
public final class SimPower {
  private static final long NEVER = -1;

  private long operations;
  private long cutAt = NEVER;
  private int period = 1;
  private boolean isOn = true;
  private String last = "nothing";
  private Runnable observer = () -> {};

  /** A power of its own with the same history. */
  SimPower copy() {
    SimPower copy = new SimPower();
    copy.operations = operations;
    copy.period = period;
    copy.isOn = isOn;
    copy.last = last;
    return copy;
  }

  /** How many durable operations were begun so far. */
  public long operations() {
    return operations;
  }

  /** The newest durable operation, for messages. */
  public String last() {
    return last;
  }

  /**
   * Lets the power fail inside the n-th durable operation from now.
   *
   * @param fromNow 1 or more
   */
  public void cutIn(long fromNow) {
    if (fromNow < 1) {
      throw new IllegalArgumentException("cut: expected 1 or more, got " + fromNow);
    }
    cutAt = operations + fromNow;
  }

  /** Is called inside every durable operation, where the power could fail. */
  public void observe(Runnable next) {
    observer = next;
  }

  /** The power stays. */
  public void neverCut() {
    cutAt = NEVER;
  }

  /** Power again; what was opened before is not open any more. */
  public void on() {
    isOn = true;
    period++;
  }

  /** The power fails between two operations. */
  public void off() {
    isOn = false;
  }

  /** Whether there is power. */
  public boolean isOn() {
    return isOn;
  }

  /** Grows with every {@link #on()}. */
  int period() {
    return period;
  }

  void require() {
    if (!isOn) {
      throw new PowerCut(operations, "which is over: there is no power");
    }
  }

  /** An operation has begun: what it changes is on its way, but nothing of it is durable yet. */
  void operation(String what) {
    require();
    operations++;
    last = what;
    observer.run();
    if (operations == cutAt) {
      isOn = false;
      throw new PowerCut(operations, what);
    }
  }
}
