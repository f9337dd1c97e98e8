package dev.suture.arm64.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.suture.protocol.Sha256;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.manifest.ImageIdentity;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FitPartitionTest {
  private static final int BLOCK = ImageIdentity.BLOCK_BYTES;
  private static final int PARTITION_BYTES = 80 * BLOCK;

  // Not the default temporary directory: that may be a tmpfs, and old ones have no direct I/O.
  @TempDir Path directory;

  private static byte[] noise(int blocks, int seed) {
    byte[] bytes = new byte[blocks * BLOCK];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  private static ImageIdentity identity(byte[] image) {
    Sha256 any = Sha256.of(new byte[0]);
    return new ImageIdentity(image.length, Sha256.of(image), any, any);
  }

  private FitPartition partition(Path file) {
    return new FitPartition(file, () -> {});
  }

  @Test
  void write_copiesTheImageAlone_overWhateverIsThere() throws Exception {
    byte[] before = noise(80, 1);
    Path file = Files.write(directory.resolve("fit"), before);
    byte[] image = noise(70, 2); // More than two chunks, no whole number of them.
    Path slot = Files.write(directory.resolve("boot.img"), Arrays.copyOf(image, 75 * BLOCK));

    partition(file).write(slot, identity(image));

    byte[] after = Files.readAllBytes(file);
    assertThat(Arrays.copyOf(after, image.length)).isEqualTo(image);
    assertThat(Arrays.copyOfRange(after, image.length, PARTITION_BYTES))
        .isEqualTo(Arrays.copyOfRange(before, image.length, PARTITION_BYTES));
    partition(file).write(slot, identity(image));
    assertThat(Files.readAllBytes(file)).isEqualTo(after);
  }

  @Test
  void write_ofAnotherImageThanSigned_isRefused() throws Exception {
    Path file = Files.write(directory.resolve("fit"), new byte[PARTITION_BYTES]);
    byte[] image = noise(3, 3);
    Path slot = Files.write(directory.resolve("boot.img"), image);
    byte[] other = image.clone();
    other[BLOCK] ^= 1;

    assertThatThrownBy(() -> partition(file).write(slot, identity(other)))
        .isInstanceOfSatisfying(
            DeviceException.class,
            e -> assertThat(e.code()).isEqualTo(FailureCode.READ_BACK_MISMATCH));
  }

  @Test
  void write_whatDoesNotFit_isRefused() throws Exception {
    Path file = Files.write(directory.resolve("fit"), new byte[2 * BLOCK]);
    byte[] image = noise(3, 4);
    Path slot = Files.write(directory.resolve("boot.img"), image);

    assertThatThrownBy(() -> partition(file).write(slot, identity(image)))
        .isInstanceOf(DeviceException.class)
        .hasMessageContaining("expected 12288 bytes at 0, got 8192");
  }

  @Test
  void clear_leavesNothingThatStarts() throws Exception {
    Path file = Files.write(directory.resolve("fit"), noise(4, 5));
    partition(file).clear();
    byte[] after = Files.readAllBytes(file);
    assertThat(Arrays.copyOf(after, BLOCK)).isEqualTo(new byte[BLOCK]);
    assertThat(Arrays.copyOfRange(after, BLOCK, 4 * BLOCK))
        .isEqualTo(Arrays.copyOfRange(noise(4, 5), BLOCK, 4 * BLOCK));
    partition(file).clear();
    assertThat(Files.readAllBytes(file)).isEqualTo(after);
  }

  @Test
  void access_withoutPartition_saysWhich() {
    Path missing = directory.resolve("missing");
    assertThatThrownBy(() -> partition(missing).clear())
        .isInstanceOfSatisfying(
            DeviceException.class, e -> assertThat(e.code()).isEqualTo(FailureCode.STORAGE_IO))
        .hasMessageContaining(missing.toString());
  }
}
