package dev.suture.arm64.device;

import dev.suture.arm64.linux.Linux;
import dev.suture.arm64.linux.LinuxException;
import dev.suture.arm64.linux.Uapi;
import dev.suture.protocol.failure.DeviceException;

/** Restarts the whole device. */
public final class SystemRestart {
  /** A file system whose server is away must not keep the device from being restarted. */
  private static final long SYNC_MILLIS_MAX = 20_000;

  /**
   * Writes back what is dirty, as far as that can be done in twenty seconds, and restarts by way of
   * the bootloader. The activation record must be durable before. Does not return unless it fails.
   *
   * @throws DeviceException {@code KERNEL_CALL_FAILED}
   */
  public void restart() throws DeviceException {
    Thread sync = new Thread(Linux::sync, "sync");
    sync.setDaemon(true);
    sync.start();
    try {
      sync.join(SYNC_MILLIS_MAX);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // Whoever is asked to end restarts all the same.
    }
    try {
      Linux.reboot(Uapi.RB_AUTOBOOT);
    } catch (LinuxException e) {
      throw KernelFailures.of("restart the device", e);
    }
  }
}
