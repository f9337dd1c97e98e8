package dev.suture.sim;

/** The device restarts: as with {@code reboot(2)}, the call does not return. */
public final class Restart extends Error {
  private static final long serialVersionUID = 1L;

  Restart() {
    super("the device restarts", null, false, false);
  }
}
