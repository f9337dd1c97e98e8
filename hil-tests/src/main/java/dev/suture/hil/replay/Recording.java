package dev.suture.hil.replay;

import dev.suture.hil.Bench;
import dev.suture.hil.ComponentImage;
import dev.suture.hil.Device;
import dev.suture.hil.HarnessException;
import dev.suture.hil.HostProcess;
import dev.suture.hil.Provisioning;
import dev.suture.hil.Publisher.Change;
import dev.suture.hil.Publisher.Release;
import dev.suture.hil.SerialLog;
import dev.suture.hil.StatusWatcher;
import dev.suture.hil.qemu.QemuRig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * One real installation, with every write and flush that reached the device's disk: first boot on
 * base, notice, download, rebuild, restart, trial, confirmed. Broker and mirror stay as they were,
 * so that a state of this disk can finish the installation.
 */
public final class Recording implements AutoCloseable {
  /** The release that is installed. */
  public static final String RELEASE = "26.1 (a)";

  private static final Duration RUN_LIMIT = Duration.ofMinutes(15);
  private static final Duration INSTALL_LIMIT = Duration.ofMinutes(8);
  private static final Duration COPY_LIMIT = Duration.ofMinutes(2);
  private static final String LEVEL = "a";

  /**
   * Ends all writing: what the emulator has in its hands when it is killed may be on the disk and
   * not in the log.
   */
  private static final String QUIET =
      "for i in 1 2 3 4 5; do sync; mount -o remount,ro /data && exit 0; sleep 1; done; exit 1";

  private final Bench bench;
  private final Path base;
  private final Path after;
  private final Path provision;
  private final WriteLog log;

  private Recording(Bench bench, Path base, Path after, Path provision, WriteLog log) {
    this.bench = bench;
    this.base = base;
    this.after = after;
    this.provision = provision;
    this.log = log;
  }

  /**
   * Records.
   *
   * @param folder for all files; emptied first
   */
  public static Recording make(Path folder) {
    Path writes = folder.resolve("writes.log");
    Bench bench =
        Bench.start(
            folder.resolve("bench"),
            device -> QemuRig.recording(device, RUN_LIMIT, writes),
            line -> {},
            line -> {});
    try {
      Path disk = bench.folder().resolve("device/disk.img");
      Path base = folder.resolve("base.img");
      Path after = folder.resolve("after.img");
      Path provision = folder.resolve("provision");
      Provisioning provisioning = bench.provisioning();
      provisioning.writeTo(provision);
      bench.rig().flash(provisioning);
      copy(disk, base, folder);
      bench.publisher().release(Release.of(LEVEL, Change.to("new", ComponentImage.TLS)));
      SerialLog.Mark start = bench.rig().mark();
      bench.rig().powerOn();
      bench.rig().awaitSerial(start, Device.AGENT_READY, Device.BOOT_LIMIT);
      bench.publisher().notice(bench.broker());
      bench
          .watcher()
          .awaitStatus(
              StatusWatcher.Mark.START,
              RELEASE,
              status -> status.isActive(RELEASE) && status.lastOutcome().isPresent(),
              INSTALL_LIMIT);
      bench.device().run(QUIET).orThrow();
      bench.rig().powerOff();
      copy(disk, after, folder);
      return new Recording(bench, base, after, provision, WriteLog.open(writes));
    } catch (RuntimeException e) {
      e.addSuppressed(new HarnessException("evidence:\n" + bench.evidence()));
      bench.close();
      throw e;
    }
  }

  /** Copies an image, holes as holes. */
  static void copy(Path from, Path to, Path folder) {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new HarnessException("folder " + folder + ": cannot be made", e);
    }
    HostProcess.run(
            List.of("cp", "--sparse=auto", from.toString(), to.toString()),
            COPY_LIMIT,
            Map.of(),
            folder.resolve("tools.log"),
            line -> {})
        .orThrow();
  }

  /** The disk as it was flashed. */
  public Path base() {
    return base;
  }

  /** The disk as the emulator left it. */
  public Path after() {
    return after;
  }

  /** What the device was provisioned with. */
  public Path provision() {
    return provision;
  }

  /** What reached the disk. */
  public WriteLog log() {
    return log;
  }

  /** The world around the device; its own device is off. */
  public Bench bench() {
    return bench;
  }

  /** A part of the recorded disk. */
  public Partition partition(String name) {
    return Partition.of(base, name, base.resolveSibling("tools.log"));
  }

  @Override
  public void close() {
    try (bench;
        log) {
      Files.deleteIfExists(after);
    } catch (IOException e) {
      throw new HarnessException("image " + after + ": cannot be removed", e);
    }
  }
}
