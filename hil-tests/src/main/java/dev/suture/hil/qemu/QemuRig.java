package dev.suture.hil.qemu;

import dev.suture.hil.CommandResult;
import dev.suture.hil.HarnessException;
import dev.suture.hil.HostPorts;
import dev.suture.hil.HostProcess;
import dev.suture.hil.Project;
import dev.suture.hil.Provisioning;
import dev.suture.hil.Rig;
import dev.suture.hil.SerialLog;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The emulated device, driven through the scripts in {@code qemu/}. A power cut is the end of the
 * emulator's process: the guest loses its memory and page cache, while what it had handed to the
 * disk stays written.
 */
public final class QemuRig implements Rig {
  private static final Duration FLASH_LIMIT = Duration.ofMinutes(2);
  private static final Duration EXEC_MARGIN = Duration.ofSeconds(20);
  private static final int EXIT_NO_ANSWER = 124;
  private static final int EXIT_NO_CONSOLE = 125;
  private static final int GUEST_HTTPS_PORT = 443;

  private final Path folder;
  private final Path scripts;
  private final Duration runLimit;
  private final int httpsPort;
  private final SerialLog serial;
  private final Path factory;
  private final Disk disk;
  private List<String> moreArguments = List.of();
  private @Nullable HostProcess emulator;

  /**
   * The device's disk.
   *
   * @param file a raw image
   * @param isOurs whether it is this rig's own, to be removed in the end
   * @param arguments of {@code qemu/run}
   */
  private record Disk(Path file, boolean isOurs, List<String> arguments) {}

  /**
   * A device that is off and not flashed.
   *
   * @param folder gets disk, logs and sockets; made if absent
   * @param runLimit longest time from one power-on to the next; then the device goes off by itself
   */
  public QemuRig(Path folder, Duration runLimit) {
    this(folder, runLimit, Project.factory());
  }

  /**
   * As {@link #QemuRig(Path, Duration)} of other images.
   *
   * @param factory has {@code os.img}, {@code boot.img} and {@code uboot.dtb}
   */
  public QemuRig(Path folder, Duration runLimit, Path factory) {
    this(folder, runLimit, factory, new Disk(ownDisk(folder), true, List.of()));
  }

  /**
   * As {@link #QemuRig(Path, Duration)}; every write and flush that reaches the disk is recorded,
   * from the next power-on on.
   *
   * @param log made anew at each power-on, see {@link dev.suture.hil.replay.WriteLog}
   */
  public static QemuRig recording(Path folder, Duration runLimit, Path log) {
    return new QemuRig(
        folder,
        runLimit,
        Project.factory(),
        new Disk(ownDisk(folder), true, List.of("--log-writes", log.toAbsolutePath().toString())));
  }

  /**
   * A device whose disk is this image at every power-on, whatever it wrote before. The image is not
   * changed, and nobody else changes it while the device is on.
   */
  public static QemuRig onImage(Path folder, Duration runLimit, Path image) {
    return new QemuRig(
        folder,
        runLimit,
        Project.factory(),
        new Disk(image.toAbsolutePath(), false, List.of("--overlay")));
  }

  private static Path ownDisk(Path folder) {
    return folder.toAbsolutePath().resolve("disk.img");
  }

  private QemuRig(Path folder, Duration runLimit, Path factory, Disk disk) {
    this.disk = disk;
    this.factory = factory;
    this.folder = folder.toAbsolutePath();
    this.scripts = Project.root().resolve("qemu");
    this.runLimit = runLimit;
    this.httpsPort = HostPorts.free();
    try {
      Files.createDirectories(folder);
      Files.deleteIfExists(rawSerial());
    } catch (IOException e) {
      throw new HarnessException("device folder " + folder + ": cannot be prepared", e);
    }
    this.serial = new SerialLog(folder.resolve("serial-timed.log"));
    serial.follow(rawSerial());
  }

  @Override
  public void flash(Provisioning provisioning) {
    if (emulator != null) {
      throw new HarnessException("flash: expected the device to be off, it is on");
    }
    if (!disk.isOurs()) {
      throw new HarnessException("flash: expected a disk of this rig's own, got " + disk.file());
    }
    Path provision = folder.resolve("provision");
    provisioning.writeTo(provision);
    HostProcess.run(
            List.of(
                script("flash"),
                "--factory",
                factory.toString(),
                "--provision",
                provision.toString(),
                "--out",
                disk.file().toString()),
            FLASH_LIMIT,
            Map.of(),
            folder.resolve("flash.log"),
            line -> {})
        .orThrow();
  }

  /**
   * From the next power-on on the emulator gets these as well.
   *
   * @param arguments of {@code qemu/run}; none for the device as it is
   */
  public void nextRunsWith(List<String> arguments) {
    moreArguments = List.copyOf(arguments);
  }

  /** The device's disk, to be looked at while the device is off. */
  public Path disk() {
    return disk.file();
  }

  @Override
  public void powerOn() {
    if (emulator != null) {
      throw new HarnessException("power on: expected the device to be off, it is on");
    }
    serial.add("harness: power on");
    List<String> command =
        new ArrayList<>(
            List.of(
                script("run"),
                "--factory",
                factory.toString(),
                "--disk",
                disk.file().toString(),
                "--workdir",
                folder.toString(),
                "--timeout",
                Long.toString(runLimit.toSeconds()),
                "--fwd",
                httpsPort + ":" + GUEST_HTTPS_PORT));
    command.addAll(disk.arguments());
    command.addAll(moreArguments);
    delete(overlay());
    emulator = HostProcess.start("qemu/run", command, Map.of(), emulatorLog());
  }

  @Override
  public void powerOff() {
    HostProcess running = emulator;
    if (running != null) {
      running.kill();
      emulator = null;
      serial.add("harness: power cut");
    }
  }

  @Override
  public SerialLog.Mark mark() {
    return serial.mark();
  }

  @Override
  public SerialLog.Line awaitSerial(SerialLog.Mark from, Pattern line, Duration limit) {
    HostProcess running = running();
    try {
      return serial.await(from, line, limit, running::running);
    } catch (HarnessException e) {
      throw running.running()
          ? e
          : new HarnessException(e.getMessage() + "\n" + whyOff(running), e);
    }
  }

  @Override
  public CommandResult exec(String command, Duration limit) {
    HostProcess running = running();
    CommandResult result =
        HostProcess.run(
            List.of(
                script("exec"),
                "--workdir",
                folder.toString(),
                "--timeout",
                Long.toString(Math.max(1, limit.toSeconds())),
                "--",
                command),
            limit.plus(EXEC_MARGIN),
            Map.of(),
            folder.resolve("exec.log"),
            line -> {});
    if (result.exitCode() == EXIT_NO_ANSWER || result.exitCode() == EXIT_NO_CONSOLE) {
      throw new HarnessException(
          "on the device: "
              + command
              + ": expected an answer within "
              + limit.toSeconds()
              + " s, got none: "
              + result.text()
              + (running.running() ? "" : "\n" + whyOff(running))
              + "\n"
              + serial.tail());
    }
    return new CommandResult(command, result.exitCode(), result.output());
  }

  @Override
  public InetSocketAddress https() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), httpsPort);
  }

  @Override
  public String hostAddress() {
    return "10.0.2.2";
  }

  @Override
  public SerialLog serialLog() {
    return serial;
  }

  @Override
  public String howToLookAround() {
    Path root = Project.root();
    return "root shell      "
        + root.relativize(Path.of(script("shell")))
        + " --workdir "
        + relative(folder)
        + "    (Ctrl-] leaves)\n"
        + "serial console  tail -f "
        + relative(serial.file())
        + "\n"
        + "HTTPS           curl -k https://127.0.0.1:"
        + httpsPort
        + "/";
  }

  private static String relative(Path path) {
    Path root = Project.root();
    return (path.startsWith(root) ? root.relativize(path) : path).toString();
  }

  @Override
  public void close() {
    powerOff();
    serial.close();
    delete(overlay());
    if (disk.isOurs()) {
      delete(disk.file());
    }
  }

  private static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new HarnessException("disk " + file + ": cannot be removed", e);
    }
  }

  private HostProcess running() {
    HostProcess running = emulator;
    if (running == null) {
      throw new HarnessException("expected the device to be on, it is off");
    }
    return running;
  }

  private String whyOff(HostProcess ended) {
    return (Files.exists(folder.resolve("timed-out"))
            ? "the device was on for longer than its limit of " + runLimit.toSeconds() + " s\n"
            : "the emulator has ended\n")
        + ended.tail();
  }

  private String script(String name) {
    return scripts.resolve(name).toString();
  }

  /** Where {@code qemu/run --overlay} keeps what the device writes. */
  private Path overlay() {
    return folder.resolve("disk.qcow2");
  }

  private Path rawSerial() {
    return folder.resolve("serial.log");
  }

  private Path emulatorLog() {
    return folder.resolve("emulator.log");
  }
}
