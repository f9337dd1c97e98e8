package dev.suture.arm64.device;

import dev.suture.arm64.linux.Linux;
import dev.suture.arm64.linux.LinuxException;
import dev.suture.arm64.linux.Uapi;
import dev.suture.protocol.failure.DeviceException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Restarts the whole device. */
public final class SystemRestart {
  private static final Logger LOG = LoggerFactory.getLogger(SystemRestart.class);

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
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(SYNC_MILLIS_MAX);
    while (sync.isAlive() && System.nanoTime() < end) {
      try {
        TimeUnit.NANOSECONDS.timedJoin(sync, end - System.nanoTime());
      } catch (InterruptedException e) {
        LOG.info("the device is restarted all the same"); // Whoever interrupts has come too late.
      }
    }
    try {
      Linux.reboot(Uapi.RB_AUTOBOOT);
    } catch (LinuxException e) {
      throw KernelFailures.of("restart the device", e);
    }
  }
}
