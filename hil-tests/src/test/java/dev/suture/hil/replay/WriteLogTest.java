package dev.suture.hil.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.suture.hil.HarnessException;
import dev.suture.hil.HostProcess;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WriteLogTest {
  private static final Duration LIMIT = Duration.ofMinutes(1);

  @TempDir private Path folder;

  private LogBytes sample() {
    return new LogBytes().write(8, 2, 1).flush().write(9, 1, 2, LogBytes.FUA).discard(8, 1).mark(7);
  }

  @Test
  void open_everyKindOfEntry_isRead() {
    try (WriteLog log = sample().openIn(folder)) {
      assertThat(log.sectorBytes()).isEqualTo(512);
      assertThat(log.entries()).hasSize(5);
      assertThat(log.entries().get(0).isWrite()).isTrue();
      assertThat(log.entries().get(1).isFlush()).isTrue();
      assertThat(log.entries().get(1).isWrite()).isFalse();
      assertThat(log.entries().get(2).isDurable()).isTrue();
      assertThat(log.entries().get(3).isDiscard()).isTrue();
      assertThat(log.entries().get(4).isWrite()).isFalse();
      assertThat(log.lastFlush(1)).isEqualTo(-1);
      assertThat(log.lastFlush(5)).isEqualTo(1);
      assertThat(log.data(log.entries().get(0), 1, 1).array()).containsOnly(1);
      assertThat(log.data(log.entries().get(3), 0, 1).array()).containsOnly(0);
    }
  }

  @Test
  void open_truncatedAnywhere_isRefused() {
    byte[] whole = sample().bytes();
    // The last header's sector may be cut after its numbers: nothing of it is missing then.
    int needed = whole.length - LogBytes.SECTOR + 32;
    for (int length = 0; length < needed; length++) {
      byte[] part = Arrays.copyOf(whole, length);
      assertThatThrownBy(() -> LogBytes.open(folder, part))
          .as("%d of %d bytes", length, whole.length)
          .isInstanceOf(HarnessException.class)
          .hasMessageContaining("expected");
    }
  }

  @ParameterizedTest
  @CsvSource({
    // Where, and what the message names.
    "0, magic",
    "8, version",
    "16, number of entries",
    "24, sector size",
    "512, sectors of entry 0",
    "520, sectors of entry 0",
    "528, flags of entry 0",
    "536, mark of entry 0",
  })
  void open_numberOutOfRange_isRefusedWithItsName(int position, String name) {
    for (long value : new long[] {-1, Long.MAX_VALUE, Long.MIN_VALUE, 1L << 41}) {
      byte[] bytes = sample().bytes();
      ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
      if (position == 24) {
        buffer.putInt(position, (int) (value >> 9 | 3));
      } else {
        buffer.putLong(position, value);
      }
      assertThatThrownBy(() -> LogBytes.open(folder, bytes))
          .isInstanceOf(HarnessException.class)
          .hasMessageContaining(name);
    }
  }

  @Test
  void open_dataBeyondTheEnd_isRefused() {
    byte[] bytes = sample().bytes();
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(520, 1L << 39);
    assertThatThrownBy(() -> LogBytes.open(folder, bytes))
        .isInstanceOf(HarnessException.class)
        .hasMessageContaining("data of entry 0");
  }

  @Test
  void open_noFile_isRefused() {
    assertThatThrownBy(() -> WriteLog.open(folder.resolve("none")))
        .isInstanceOf(HarnessException.class);
  }

  @Test
  void open_writtenByQemu_hasWhatWasWritten() throws Exception {
    Path disk = Files.write(folder.resolve("disk.img"), new byte[1 << 20]);
    Path base = Files.write(folder.resolve("base.img"), new byte[1 << 20]);
    Path writes = Files.createFile(folder.resolve("qemu.log"));
    HostProcess.run(
            List.of(
                "qemu-io",
                "--image-opts",
                "-c",
                "write -P 1 0 8k",
                "-c",
                "flush",
                "-c",
                "write -f -P 2 4k 512",
                "-c",
                "write -z 64k 4k",
                "-c",
                "write -P 3 512k 12k",
                "-c",
                "flush",
                "driver=blklogwrites,log-sector-size=512,log-super-update-interval=1,"
                    + "file.driver=raw,file.file.driver=file,file.file.filename="
                    + disk
                    + ",log.driver=file,log.filename="
                    + writes),
            LIMIT,
            Map.of(),
            folder.resolve("qemu-io.out"),
            line -> {})
        .orThrow();
    try (WriteLog log = WriteLog.open(writes);
        DiskHistory history = new DiskHistory(log, base, 0)) {
      assertThat(log.entries().stream().filter(WriteLog.Entry::isFlush)).hasSizeGreaterThan(1);

      history.become(DiskState.landed(log.entries().size()));

      assertThat(Files.mismatch(base, disk)).isEqualTo(-1);
    }
  }
}
