package dev.suture.arm64.daemon;

import dev.suture.agent.BootControlConfig;
import dev.suture.agent.DeviceConfig;
import dev.suture.arm64.device.LockFile;
import dev.suture.arm64.device.MiscPartition;
import dev.suture.arm64.device.PartitionRecordMedium;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.slot.BootControl;
import dev.suture.slot.EnvironmentRecord;
import dev.suture.slot.MiscRecord;
import dev.suture.slot.TwoCopyRecord;
import java.nio.file.Path;

/** The activation record of this device, in the form that its bootloader reads. */
final class BootControls {
  private BootControls() {}

  /**
   * As the configuration says.
   *
   * @throws DeviceException {@code CONFIG_INVALID} if the bootloader uses another layout of {@code
   *     misc}, or both copies of its environment are in one sector of the disk; {@code STORAGE_IO}
   */
  static BootControl of(DeviceConfig config) throws DeviceException {
    BootControlConfig bootControl = config.bootControl();
    return switch (bootControl.kind()) {
      case RAW -> new TwoCopyRecord(activationDevice(config));
      case ENVIRONMENT -> environment(bootControl.environment().orElseThrow());
      case MISC -> misc(Path.of(bootControl.misc().orElseThrow()), config);
    };
  }

  private static PartitionRecordMedium activationDevice(DeviceConfig config) {
    return new PartitionRecordMedium(Path.of(config.activationDevice()));
  }

  private static BootControl environment(BootControlConfig.Environment environment)
      throws DeviceException {
    PartitionRecordMedium copies =
        new PartitionRecordMedium(
            place(environment.copies().get(0)), place(environment.copies().get(1)));
    copies.requireSectorsApart();
    return new EnvironmentRecord(
        copies,
        environment.names(),
        environment.isOurs(),
        new LockFile(Path.of(environment.lock())));
  }

  private static PartitionRecordMedium.Place place(BootControlConfig.Copy copy) {
    return new PartitionRecordMedium.Place(Path.of(copy.device()), copy.offset(), copy.size());
  }

  private static BootControl misc(Path partition, DeviceConfig config) throws DeviceException {
    MiscRecord record = new MiscRecord(new MiscPartition(partition), activationDevice(config));
    record.requireLayout();
    return record;
  }
}
