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

class MiscPartitionTest {
  // Not the default temporary directory: that may be a tmpfs, and old ones have no direct I/O.
  @TempDir Path directory;

  @Test
  void write_control_touchesItsBytesOnly() throws Exception {
    byte[] before = new byte[1 << 16];
    Arrays.fill(before, (byte) 0x55);
    Path file = Files.write(directory.resolve("misc"), before);
    MiscPartition misc = new MiscPartition(file);
    byte[] control = new byte[32];
    Arrays.fill(control, (byte) 7);

    misc.write(control);

    System.arraycopy(control, 0, before, 2048, 32);
    assertThat(Files.readAllBytes(file)).isEqualTo(before);
    assertThat(misc.read()).isEqualTo(Arrays.copyOf(before, 4096));
  }

  @Test
  void write_sectorsOf4096Bytes_touchesItsBytesOnly() throws Exception {
    byte[] before = new byte[1 << 16];
    Arrays.fill(before, (byte) 0x55);
    Path file = Files.write(directory.resolve("disk"), before);
    byte[] control = new byte[32];
    Arrays.fill(control, (byte) 7);
    System.arraycopy(control, 0, before, 2048, 32);
    try (LargeSectors disk = LargeSectors.of(file)) {
      MiscPartition misc = new MiscPartition(disk.device());

      misc.write(control);

      assertThat(misc.read()).isEqualTo(Arrays.copyOf(before, 4096));
    }
    assertThat(Files.readAllBytes(file)).isEqualTo(before);
  }

  @Test
  void access_wrongLengthOrMissingOrTooSmall_isRefused() throws Exception {
    MiscPartition missing = new MiscPartition(directory.resolve("missing"));
    assertThatThrownBy(() -> missing.write(new byte[31]))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(missing::read)
        .isInstanceOfSatisfying(
            DeviceException.class, e -> assertThat(e.code()).isEqualTo(FailureCode.STORAGE_IO))
        .hasMessageContaining("ENOENT");
    assertThatThrownBy(() -> missing.write(new byte[32])).isInstanceOf(DeviceException.class);
    Path small = Files.write(directory.resolve("small"), new byte[1024]);
    assertThatThrownBy(new MiscPartition(small)::read)
        .isInstanceOf(DeviceException.class)
        .hasMessageContaining("expected 4096 bytes, got 1024");
  }
}
