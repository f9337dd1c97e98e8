package dev.suture.arm64.background;

import dev.suture.agent.DeviceConfig;
import dev.suture.background.Resource;
import dev.suture.background.Sensors;
import dev.suture.background.Stall;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How a Linux device is: pressure stall information ({@code /proc/pressure}, Linux 4.20), batteries
 * ({@code /sys/class/power_supply}) and temperatures ({@code /sys/class/thermal}).
 */
public final class LinuxSensors implements Sensors {
  private static final int TEXT_BYTES_MAX = 4096;
  private static final int MILLIDEGREES = 1_000;
  private static final int PERCENT = 100;
  private static final Pattern SOME =
      Pattern.compile("some avg10=(\\d{1,3})\\.\\d\\d .* total=(\\d{1,18})");

  private final Path proc;
  private final Path sys;
  private final Inhibitors inhibitors;

  /** Of this device. */
  public LinuxSensors(DeviceConfig.Background config) {
    this(Path.of("/proc"), Path.of("/sys"), new Inhibitors(config));
  }

  LinuxSensors(Path proc, Path sys, Inhibitors inhibitors) {
    this.proc = proc;
    this.sys = sys;
    this.inhibitors = inhibitors;
  }

  @Override
  public Optional<Stall> stall(Resource resource) {
    return text(proc.resolve("pressure").resolve(resource.word()))
        .flatMap(text -> text.lines().findFirst())
        .map(SOME::matcher)
        .filter(Matcher::matches)
        .map(some -> new Stall(Integer.parseInt(some.group(1)), Long.parseLong(some.group(2))));
  }

  /** The least full one, if several are used up. What belongs to a mouse is none. */
  @Override
  public Optional<Integer> batteryPercent() {
    return below("power_supply").stream()
        .filter(supply -> is(supply, "type", "Battery") && is(supply, "status", "Discharging"))
        .filter(supply -> !is(supply, "scope", "Device"))
        .flatMap(supply -> number(supply.resolve("capacity")).stream())
        .filter(percent -> percent >= 0 && percent <= PERCENT)
        .min(Integer::compare);
  }

  @Override
  public Optional<Integer> celsius() {
    return below("thermal").stream()
        .flatMap(zone -> number(zone.resolve("temp")).stream())
        .map(millidegrees -> Math.floorDiv(millidegrees, MILLIDEGREES))
        .max(Integer::compare);
  }

  @Override
  public Optional<String> inhibitor() {
    return inhibitors.held();
  }

  private List<Path> below(String deviceClass) {
    List<Path> devices = new ArrayList<>();
    try (DirectoryStream<Path> entries =
        Files.newDirectoryStream(sys.resolve("class").resolve(deviceClass))) {
      entries.forEach(devices::add);
    } catch (IOException | DirectoryIteratorException e) {
      return List.of(); // This kernel or device has none.
    }
    return devices;
  }

  private static boolean is(Path device, String name, String value) {
    return text(device.resolve(name)).filter(value::equals).isPresent();
  }

  private static Optional<Integer> number(Path file) {
    try {
      return text(file).map(Integer::valueOf);
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  /** Without the line's end; empty if it cannot be read, as of a sensor that sleeps. */
  private static Optional<String> text(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      return Optional.of(
          new String(in.readNBytes(TEXT_BYTES_MAX), StandardCharsets.US_ASCII).strip());
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
