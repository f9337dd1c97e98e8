package dev.suture.sim;

/** The device stopped working, as after a panic of its kernel; only the watchdog helps. */
public final class Hang extends Error {
  private static final long serialVersionUID = 1L;

  Hang() {
    super("the device hangs", null, false, false);
  }
}
