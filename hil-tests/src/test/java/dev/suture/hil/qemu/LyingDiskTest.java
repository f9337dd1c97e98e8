package dev.suture.hil.qemu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.suture.hil.HostProcess;
import dev.suture.hil.qemu.LyingDisk.Lie;
import dev.suture.hil.replay.Partition;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The lying disk, as QEMU's own block layer sees it. */
class LyingDiskTest {
  private static final Duration LIMIT = Duration.ofMinutes(1);
  private static final int DISK_BYTES = 2 << 20;
  private static final Partition PARTITION = new Partition("data", 1 << 20, 1 << 20);

  @TempDir private Path folder;
  private Path image;
  private LyingDisk disk;

  @BeforeEach
  void serve() throws Exception {
    image = Files.write(folder.resolve("disk.img"), new byte[DISK_BYTES]);
    disk = new LyingDisk(folder.resolve("disk.sock"), image, PARTITION);
  }

  @AfterEach
  void close() {
    disk.close();
  }

  private String qemuIo(String... commands) {
    List<String> words = new ArrayList<>(List.of("qemu-io", "-f", "raw"));
    for (String command : commands) {
      words.add("-c");
      words.add(command);
    }
    words.add("nbd+unix:///?socket=" + folder.resolve("disk.sock"));
    return HostProcess.run(words, LIMIT, Map.of(), folder.resolve("qemu-io.log"), line -> {})
        .orThrow()
        .output();
  }

  private long ones() throws Exception {
    byte[] bytes = Files.readAllBytes(image);
    long count = 0;
    for (byte one : bytes) {
      count += one == 1 ? 1 : 0;
    }
    return count;
  }

  @Test
  void honest_writesWhatItIsGiven() throws Exception {
    qemuIo("write -P 1 0 128k", "write -P 1 1M 128k", "flush", "read -P 1 64k 64k");

    assertThat(ones()).isEqualTo(256 << 10);
    assertThat(disk.lies()).isZero();
  }

  @Test
  void drop_forgetsWritesToThePartitionOnly() throws Exception {
    disk.lie(Lie.DROP);

    qemuIo("write -P 1 0 128k", "write -P 1 1M 128k", "flush", "read -P 0 1M 128k");

    assertThat(ones()).isEqualTo(128 << 10);
    assertThat(disk.lies()).isEqualTo(1);
  }

  @Test
  void corrupt_flipsOneBitOfLongWritesToThePartition() throws Exception {
    disk.lie(Lie.CORRUPT);

    qemuIo("write -P 1 0 512k", "write -P 1 1M 512k", "write -P 1 1792k 4k", "flush");

    byte[] bytes = Files.readAllBytes(image);
    assertThat(ones()).isEqualTo((512 << 10) + (512 << 10) - 1 + (4 << 10));
    assertThat(bytes[(1 << 20) + (256 << 10)]).isZero();
    assertThat(Arrays.mismatch(bytes, 0, 512 << 10, bytes, 1 << 20, (1 << 20) + (512 << 10)))
        .isEqualTo(256 << 10);
    assertThat(disk.lies()).isEqualTo(1);
  }
}
