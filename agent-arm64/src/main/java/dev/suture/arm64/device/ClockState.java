package dev.suture.arm64.device;

import dev.suture.arm64.linux.LinuxException;
import dev.suture.arm64.linux.Timex;
import dev.suture.arm64.linux.Uapi;
import dev.suture.protocol.failure.DeviceException;

/**
 * Whether the kernel holds its clock to be right. Who sets it from the network (systemd-timesyncd,
 * chrony, ntpd) tells the kernel, and the kernel takes it back by itself when the error may have
 * grown beyond 16 s. After a start the answer is no, whatever the battery-backed clock says.
 */
public final class ClockState {
  private ClockState() {}

  /** Asks the kernel now. */
  public static boolean isSynchronised() throws DeviceException {
    try {
      Timex timex = Timex.read();
      return isSynchronised(timex.state(), timex.status());
    } catch (LinuxException e) {
      throw KernelFailures.of("ask whether the clock is synchronised", e);
    }
  }

  static boolean isSynchronised(int state, int status) {
    return state != Uapi.TIME_ERROR && (status & Uapi.STA_UNSYNC) == 0;
  }
}
