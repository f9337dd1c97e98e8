package dev.suture.arm64.daemon;

import dev.suture.agent.DeviceConfig;
import dev.suture.arm64.device.ComponentMounter;
import dev.suture.arm64.device.MountedImage;
import dev.suture.arm64.device.ReadBack;
import dev.suture.arm64.device.SystemRestart;
import dev.suture.protocol.ComponentName;
import dev.suture.protocol.Slot;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.manifest.Manifest;
import dev.suture.protocol.manifest.PatchComponent;
import dev.suture.protocol.manifest.RestartScope;
import dev.suture.slot.SlotDevice;
import dev.suture.slot.SlotFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/** Slots as the Linux kernel does them: loop devices, dm-verity, mounts, reboot. */
final class KernelSlotDevice implements SlotDevice {
  private static final Path COMMAND_LINE = Path.of("/proc/cmdline");

  private final DeviceConfig config;
  private final ComponentMounter mounter;
  private final ReadBack readBack;
  private final Path marker;

  private final ServicesGate gate;

  private final BootChoice bootChoice;

  /**
   * The slots of this device.
   *
   * @param runDirectory a directory that is empty after every boot
   */
  KernelSlotDevice(
      DeviceConfig config, ComponentMounter mounter, ReadBack readBack, Path runDirectory)
      throws DeviceException {
    this.config = config;
    this.mounter = mounter;
    this.readBack = readBack;
    this.marker = runDirectory.resolve("running");
    this.gate = new ServicesGate(runDirectory);
    try {
      this.bootChoice = KernelCommandLine.parse(Files.readString(COMMAND_LINE));
    } catch (IOException e) {
      throw new DeviceException(
          FailureCode.KERNEL_CALL_FAILED, "read " + COMMAND_LINE + ": " + e.getMessage(), e);
    }
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

  @Override
  public void unmount(Manifest manifest) throws DeviceException {
    for (PatchComponent component : manifest.components()) {
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
  public void readBack(Slot slot, PatchComponent component) throws DeviceException {
    readBack.verify(component.name(), image(slot, component.name()), component.image());
  }

  @Override
  public BootChoice bootChoice() {
    return bootChoice;
  }

  @Override
  public Optional<Slot> decided() {
    try {
      return Optional.of(Slot.ofWord(Files.readString(marker).trim()));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException | IllegalArgumentException e) {
      return Optional
          .empty(); // Half written: the agent died before anything was started on top of it.
    }
  }

  @Override
  public void decide(Slot running) throws DeviceException {
    try {
      Files.createDirectories(marker.getParent());
      Files.writeString(marker, running.word() + "\n");
    } catch (IOException e) {
      throw new DeviceException(
          FailureCode.STORAGE_IO, "write " + marker + ": " + e.getMessage(), e);
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
      if (component.name().equals(name)) {
        return Path.of(component.mount());
      }
    }
    throw new DeviceException(
        FailureCode.WRONG_COMPONENTS, "mount point of " + name + ": expected in agent.json");
  }
}
