package dev.suture.arm64.daemon;

import dev.suture.agent.DeviceConfig;
import dev.suture.arm64.device.ComponentMounter;
import dev.suture.arm64.device.FitPartition;
import dev.suture.arm64.device.MountedImage;
import dev.suture.arm64.device.Mounts;
import dev.suture.arm64.device.ReadBack;
import dev.suture.arm64.device.SystemRestart;
import dev.suture.background.Pacer;
import dev.suture.live.UserspaceTerms;
import dev.suture.protocol.ComponentName;
import dev.suture.protocol.Sha256;
import dev.suture.protocol.Slot;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.RetryableException;
import dev.suture.protocol.manifest.Manifest;
import dev.suture.protocol.manifest.OsParts;
import dev.suture.protocol.manifest.PatchComponent;
import dev.suture.protocol.manifest.RestartScope;
import dev.suture.slot.SlotDevice;
import dev.suture.slot.SlotFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Slots as the Linux kernel does them: loop devices, dm-verity, mounts, reboot. */
final class KernelSlotDevice implements SlotDevice {
  /** The agent's word to what guards the trial of a whole OS: it goes well. */
  private static final String CONFIRMED = "confirmed";

  private static final Path ROOT = Path.of("/");

  /**
   * Ten minutes: what is not switched then is for a restart of the device. Where services may take
   * longer by configuration, they have that, and a minute for all else.
   */
  private static final long SWITCH_MILLIS_MIN = 600_000;

  private static final long SWITCH_MORE_MILLIS = 60_000;

  private static final Logger LOG = LoggerFactory.getLogger(KernelSlotDevice.class);

  /** In the marker, instead of what runs, while that is being changed. */
  private static final String SWITCHING = "switching";

  private final DeviceConfig config;
  private final Mounts mounts;
  private final ComponentMounter mounter;
  private final ReadBack readBack;
  private final Runnable progress;
  private final Path runDirectory;
  private final Path marker;
  private final Path mustBeUpFile;
  private final SwitchLimit switchLimit;

  private final ServicesGate gate;

  private final BootChoice bootChoice;
  private final Optional<Character> refusedOsSlot;

  /**
   * The slots of this device.
   *
   * @param progress called while something takes long
   * @param runDirectory a directory that is empty after every boot
   */
  KernelSlotDevice(
      DeviceConfig config,
      Mounts mounts,
      ComponentMounter mounter,
      ReadBack readBack,
      Runnable progress,
      Path runDirectory)
      throws DeviceException {
    this.config = config;
    this.mounts = mounts;
    this.mounter = mounter;
    this.readBack = readBack;
    this.progress = progress;
    this.runDirectory = runDirectory;
    this.marker = runDirectory.resolve("running");
    this.mustBeUpFile = runDirectory.resolve("must-be-up");
    this.gate = new ServicesGate(runDirectory);
    this.switchLimit = new SwitchLimit(switchMillisMax(config), this::restartBecauseOfLimit);
    String commandLine = KernelCommandLine.read();
    this.bootChoice = KernelCommandLine.parse(commandLine, config.bootControl());
    this.refusedOsSlot = KernelCommandLine.refusedOsSlot(commandLine);
  }

  /** As a rehearsal tells it: each has its time to end, and the same to be up again. */
  static long switchMillisMax(DeviceConfig config) {
    long services =
        config.services().stream().mapToLong(one -> 2L * one.timeoutSeconds()).sum() * 1_000;
    long others = config.userspace().map(UserspaceTerms::timeoutMillis).orElse(0L);
    return Math.max(SWITCH_MILLIS_MIN, services + others + SWITCH_MORE_MILLIS);
  }

  @Override
  public void mount(Slot slot, Manifest manifest) throws DeviceException {
    try {
      switch (gate.close()) {
        case MOUNT -> {
          unmount(manifest); // What an agent that died half-way left mounted.
          mountAll(slot, manifest);
        }
        case TOO_LATE -> throw tooLate(slot);
        case UNDO -> {
          unmount(manifest);
          throw tooLate(slot);
        }
      }
    } finally {
      gate.open();
    }
  }

  private static DeviceException tooLate(Slot slot) {
    return new DeviceException(
        FailureCode.BASE_IN_USE,
        "slot "
            + slot.word()
            + ": expected to be mounted before the services start, they run on base already");
  }

  private void mountAll(Slot slot, Manifest manifest) throws DeviceException {
    for (PatchComponent component : manifest.components()) {
      try {
        if (OsParts.contain(component.name())) {
          requireBooted(component);
          continue;
        }
        mounter.mount(
            component.name(),
            image(slot, component.name()),
            component.image(),
            mountPoint(component.name()));
      } catch (DeviceException e) {
        unmount(manifest);
        throw new DeviceException(
            FailureCode.SLOT_UNMOUNTABLE,
            "slot " + slot.word() + ", " + component.name() + ": " + e.explanation(),
            e);
      }
    }
  }

  /** What the command line says is not signed; the root that the kernel holds the OS against is. */
  private void requireBooted(PatchComponent component) throws DeviceException {
    if (!component.name().equals(OsParts.ROOT)) {
      return; // It is gone when the OS runs; only a signed one opens this root.
    }
    Optional<Sha256> root = mounter.mounted(ROOT).flatMap(MountedImage::verityRoot);
    if (!root.equals(Optional.of(component.image().verityRoot()))) {
      throw new DeviceException(
          FailureCode.SLOT_UNMOUNTABLE,
          "expected that the OS runs below verity root "
              + component.image().verityRoot()
              + ", got "
              + root.map(Sha256::toString).orElse("none"));
    }
  }

  @Override
  public void beginSwitch() throws DeviceException {
    write(marker, List.of(SWITCHING));
    switchLimit.begin();
  }

  /**
   * Each image is mounted aside first. Between the old one going and the new one coming, base is
   * seen for a moment; who opens it then is found as any other process on old code.
   */
  @Override
  public void switchTo(Optional<Manifest> from, Slot slot, Optional<Manifest> to)
      throws DeviceException {
    List<PatchComponent> next = mounted(to);
    for (PatchComponent component : next) {
      Path aside = aside(component.name());
      mounter.detachAll(aside);
      mounter.mount(component.name(), image(slot, component.name()), component.image(), aside);
    }
    for (PatchComponent component : next) {
      Path mountPoint = mountPoint(component.name());
      mounter.detachAll(mountPoint);
      mounter.move(aside(component.name()), mountPoint, component.image());
    }
    for (PatchComponent component : mounted(from)) {
      if (next.stream().noneMatch(other -> other.name().equals(component.name()))) {
        mounter.detachAll(mountPoint(component.name()));
      }
    }
  }

  /** Those of a patch that have a mount point. */
  private static List<PatchComponent> mounted(Optional<Manifest> manifest) {
    return manifest.map(Manifest::components).orElse(List.of()).stream()
        .filter(component -> !OsParts.contain(component.name()))
        .toList();
  }

  private Path aside(ComponentName component) throws DeviceException {
    Path aside = runDirectory.resolve("aside");
    try {
      Files.createDirectories(aside);
      mounts.makePrivate(aside);
      return Files.createDirectories(aside.resolve(component.word()));
    } catch (IOException e) {
      throw new DeviceException(
          FailureCode.STORAGE_IO, "create " + aside + ": " + e.getMessage(), e);
    }
  }

  private void restartBecauseOfLimit() {
    LOG.error("not switched in time: the device is restarted");
    try {
      new SystemRestart().restart();
    } catch (DeviceException e) {
      LOG.error("cannot restart: {}", e.getMessage());
    }
  }

  @Override
  public boolean isSwitching() {
    return marked().equals(Optional.of(SWITCHING));
  }

  @Override
  public void unmount(Manifest manifest) throws DeviceException {
    for (PatchComponent component : mounted(Optional.of(manifest))) {
      Path mountPoint = mountPoint(component.name());
      while (isPatched(mountPoint)) {
        mounter.unmount(mountPoint);
      }
    }
  }

  private boolean isPatched(Path mountPoint) throws DeviceException {
    return mounter.mounted(mountPoint).flatMap(MountedImage::verityRoot).isPresent();
  }

  @Override
  public void readBack(Slot slot, PatchComponent component, Pacer pacer)
      throws DeviceException, RetryableException {
    readBack.verify(component.name(), image(slot, component.name()), component.image(), pacer);
  }

  @Override
  public void prepareStart(Slot slot, Manifest manifest) throws DeviceException {
    if (!config.os().isPresent()) {
      return; // No patch with an OS gets so far here: none of its parts is known.
    }
    FitPartition partition = new FitPartition(Path.of(config.os().get().fit(slot)), progress);
    Optional<PatchComponent> fit = manifest.component(OsParts.BOOT);
    if (fit.isPresent()) {
      partition.write(image(slot, OsParts.BOOT), fit.get().image());
    } else {
      partition.clear();
    }
  }

  @Override
  public void trialConfirmed() {
    Path file = runDirectory.resolve(CONFIRMED);
    try {
      Files.write(file, new byte[0]);
    } catch (IOException e) {
      LOG.error("write {}: {}", file, e.getMessage()); // The trial is confirmed all the same.
    }
  }

  @Override
  public BootChoice bootChoice() {
    return bootChoice;
  }

  @Override
  public Optional<Character> refusedOsSlot() {
    return refusedOsSlot;
  }

  @Override
  public Optional<Slot> decided() {
    try {
      return marked().map(Slot::ofWord);
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  @Override
  public void decide(Slot running, List<String> mustBeUp) throws DeviceException {
    write(mustBeUpFile, mustBeUp);
    write(marker, List.of(running.word()));
    switchLimit.end();
  }

  /** The marker is on a file system in memory, and is written at no other time. */
  @Override
  public Optional<Instant> decidedAt() {
    try {
      return decided().isPresent()
          ? Optional.of(
              Files.getLastModifiedTime(marker).toInstant().truncatedTo(ChronoUnit.SECONDS))
          : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  @Override
  public List<String> mustBeUp() {
    return lines(mustBeUpFile);
  }

  private Optional<String> marked() {
    return lines(marker).stream().findFirst().map(String::trim);
  }

  private static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file);
    } catch (IOException e) {
      return List.of();
    }
  }

  /** At once: an agent that dies here leaves the old lines or the new ones. */
  private void write(Path file, List<String> lines) throws DeviceException {
    Path next = runDirectory.resolve(file.getFileName() + ".new");
    try {
      Files.createDirectories(runDirectory);
      Files.write(next, lines);
      Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new DeviceException(FailureCode.STORAGE_IO, "write " + file + ": " + e.getMessage(), e);
    }
  }

  @Override
  public void restart(RestartScope scope) throws DeviceException {
    new SystemRestart().restart();
  }

  private Path image(Slot slot, ComponentName component) {
    return Path.of(config.slotsDir(), SlotFiles.imagePath(slot, component));
  }

  private Path mountPoint(ComponentName name) throws DeviceException {
    for (DeviceConfig.Component component : config.components()) {
      if (component.name().equals(name) && component.mount().isPresent()) {
        return Path.of(component.mount().get());
      }
    }
    throw new DeviceException(
        FailureCode.WRONG_COMPONENTS, "mount point of " + name + ": expected in agent.json");
  }
}
