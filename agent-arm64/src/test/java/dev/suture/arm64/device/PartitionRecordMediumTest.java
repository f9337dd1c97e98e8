package dev.suture.arm64.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PartitionRecordMediumTest {
  private static final int PARTITION_BYTES = 1 << 20;

  // Not the default temporary directory: that may be a tmpfs, and old ones have no direct I/O.
  @TempDir Path directory;

  @Test
  void write_ofACopy_touchesItsSectorOnly() throws Exception {
    byte[] before = new byte[PARTITION_BYTES];
    Arrays.fill(before, (byte) 0x55);
    for (int copy = 0; copy < PartitionRecordMedium.COPIES; copy++) {
      Path partition = Files.write(directory.resolve("state" + copy), before);
      PartitionRecordMedium medium = new PartitionRecordMedium(partition);
      byte[] record = record(copy + 1);

      medium.write(copy, record);

      assertThat(medium.read(copy)).isEqualTo(record);
      byte[] expected = before.clone();
      System.arraycopy(record, 0, expected, copy * 524288, 512);
      assertThat(Files.readAllBytes(partition)).isEqualTo(expected);
    }
  }

  @Test
  void write_ofAnotherLength_isRefused() throws Exception {
    PartitionRecordMedium medium = partition();
    for (int length : new int[] {0, 511, 513}) {
      assertThatThrownBy(() -> medium.write(0, new byte[length]))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("copy 0 of the activation record")
          .hasMessageContaining("expected 512 bytes, got " + length);
    }
  }

  @Test
  void access_ofAnotherCopy_isRefused() throws Exception {
    PartitionRecordMedium medium = partition();
    for (int copy : new int[] {-1, 2}) {
      assertThatThrownBy(() -> medium.read(copy)).isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> medium.write(copy, new byte[512]))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void read_ofATooSmallPartition_saysHowMuchThereWas() throws Exception {
    Path small = Files.write(directory.resolve("small"), new byte[524288 + 100]);
    PartitionRecordMedium medium = new PartitionRecordMedium(small);

    assertThat(medium.read(0)).isEqualTo(new byte[512]);
    assertThatThrownBy(() -> medium.read(1))
        .isInstanceOfSatisfying(
            DeviceException.class, e -> assertThat(e.code()).isEqualTo(FailureCode.STORAGE_IO))
        .hasMessageContaining("read copy 1 of the activation record on " + small)
        .hasMessageContaining("expected 512 bytes, got 100");
  }

  @Test
  void access_ofAMissingDevice_saysSo() {
    PartitionRecordMedium medium = new PartitionRecordMedium(directory.resolve("missing"));

    assertThatThrownBy(() -> medium.read(0))
        .isInstanceOf(DeviceException.class)
        .hasMessageContaining("ENOENT");
    assertThatThrownBy(() -> medium.write(0, new byte[512]))
        .isInstanceOf(DeviceException.class)
        .hasMessageContaining("ENOENT");
  }

  @Test
  void write_toAReadOnlyDevice_isSaidToBeThat() throws Exception {
    HostNeeds.loopDevices();
    Path file = Files.write(directory.resolve("file"), new byte[PARTITION_BYTES]);
    try (LoopDevices.LoopDevice loop = new LoopDevices().attach(file)) {
      PartitionRecordMedium medium = new PartitionRecordMedium(Path.of(loop.path()));
      assertThatThrownBy(() -> medium.write(0, new byte[512]))
          .isInstanceOf(DeviceException.class)
          .satisfies(
              e ->
                  assertThat(((DeviceException) e).code())
                      .isEqualTo(FailureCode.STORAGE_READ_ONLY));
    }
  }

  @Test
  void write_sectorsOf4096Bytes_touchesItsBytesOnly() throws Exception {
    byte[] before = new byte[PARTITION_BYTES];
    Arrays.fill(before, (byte) 0x55);
    Path file = Files.write(directory.resolve("disk"), before);
    try (LargeSectors disk = LargeSectors.of(file)) {
      PartitionRecordMedium medium = new PartitionRecordMedium(disk.device());
      for (int copy = 0; copy < PartitionRecordMedium.COPIES; copy++) {
        medium.write(copy, record(copy + 1));
        assertThat(medium.read(copy)).isEqualTo(record(copy + 1));
        System.arraycopy(record(copy + 1), 0, before, copy * 524288, 512);
      }
      medium.requireSectorsApart();
    }
    assertThat(Files.readAllBytes(file)).isEqualTo(before);
  }

  @Test
  void copies_inOneSectorOfTheDisk_areRefused() throws Exception {
    Path file = Files.write(directory.resolve("disk"), new byte[PARTITION_BYTES]);
    copies(file, 2048, 4096).requireSectorsApart();
    try (LargeSectors disk = LargeSectors.of(file)) {
      copies(disk.device(), 4096, 8192).requireSectorsApart();
      PartitionRecordMedium together = copies(disk.device(), 0, 2048);
      assertThatThrownBy(together::requireSectorsApart)
          .isInstanceOfSatisfying(
              DeviceException.class,
              e -> assertThat(e.code()).isEqualTo(FailureCode.CONFIG_INVALID))
          .hasMessageContaining("no sector of the disk in common");
    }
  }

  private static PartitionRecordMedium copies(Path device, int first, int second) {
    return new PartitionRecordMedium(
        new PartitionRecordMedium.Place(device, first, 2048),
        new PartitionRecordMedium.Place(device, second, 2048));
  }

  private PartitionRecordMedium partition() throws Exception {
    return new PartitionRecordMedium(
        Files.write(directory.resolve("state"), new byte[PARTITION_BYTES]));
  }

  private static byte[] record(int seed) {
    byte[] record = new byte[512];
    for (int i = 0; i < record.length; i++) {
      record[i] = (byte) (i * 31 + seed);
    }
    return record;
  }
}
