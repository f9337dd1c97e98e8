package dev.suture.arm64.device;

import dev.suture.arm64.linux.Linux;
import dev.suture.arm64.linux.LinuxException;
import dev.suture.arm64.linux.Uapi;
import dev.suture.protocol.failure.DeviceException;

/** Restarts the whole device. */
public final class SystemRestart {
  /**
   * Writes back what is dirty and restarts by way of the bootloader. The activation record must be
   * durable before. Does not return unless it fails.
   *
   * @throws DeviceException {@code KERNEL_CALL_FAILED}
   */
  public void restart() throws DeviceException {
    Linux.sync();
    try {
      Linux.reboot(Uapi.RB_AUTOBOOT);
    } catch (LinuxException e) {
      throw KernelFailures.of("restart the device", e);
    }
  }
}
