package dev.suture.hil;

import static org.assertj.core.api.Assertions.assertThat;

import dev.suture.hil.Publisher.Change;
import dev.suture.hil.Publisher.Release;
import dev.suture.hil.qemu.QemuRig;
import dev.suture.hil.replay.Partition;
import dev.suture.protocol.failure.FailureCode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.MethodOrderer.OrderAnnotation;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;

/**
 * A disk with bad sectors wherever it has free space: no image can be written that does not meet
 * one. Then the same disk, repaired, and slow; then with a torn superblock; then with sectors of
 * the running image that have gone bad.
 */
@TestMethodOrder(OrderAnnotation.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(value = 15, unit = TimeUnit.MINUTES)
@Tag(Campaign.TAG)
class BadDiskHilTest {
  private static final Duration RUN_LIMIT = Duration.ofMinutes(20);
  private static final Duration LIMIT = Duration.ofMinutes(5);
  private static final Path FOLDER = Project.root().resolve("target/hil/bad-disk");
  private static final String LEVEL_A = "26.1 (a)";

  /** One sector in 512 KiB: an image of 5.6 MB meets several, a small file hardly one. */
  private static final int BAD_EVERY_BLOCKS = 128;

  private static final int BLOCK_BYTES = 4_096;
  private static final int SECTOR_BYTES = 512;
  private static final long SUPERBLOCK_SECOND_SECTOR = 1_536;
  private static final Pattern DIGITS = Pattern.compile("\\d+");
  private static final Pattern FREE = Pattern.compile("(\\d+)-(\\d+)");

  private final Bench bench =
      Bench.start(FOLDER, device -> new QemuRig(device, RUN_LIMIT), line -> {}, line -> {});
  private final QemuRig rig = (QemuRig) bench.rig();

  @AfterAll
  void close() {
    bench.close();
  }

  @Test
  @Order(1)
  void writes_failOnBadSectors_baseRunsAndTheReasonIsReported() throws IOException {
    rig.flash(bench.provisioning());
    bench.boot();
    rig.powerOff();
    Path faults = FOLDER.resolve("faults.conf");
    assertThat(writeFaults(faults)).as("bad sectors").isGreaterThan(500);
    rig.nextRunsWith(List.of("--disk-faults", faults.toString()));
    bench.boot();
    bench.publisher().release(Release.of("a", Change.to("new", ComponentImage.TLS)));
    StatusWatcher.Mark reports = bench.watcher().mark();
    bench.publisher().notice(bench.broker());

    bench.watcher().awaitStatus(reports, "a failure with its code", BadDiskHilTest::saysWhy, LIMIT);

    assertThat(rig.serialLog().find(SerialLog.Mark.START, Pattern.compile("I/O error")))
        .as("the disk did fail")
        .isNotEmpty();
    assertThat(bench.device().mountedFrom(ComponentImage.TLS)).isEqualTo("loop");
    bench.device().awaitHttps(LIMIT);
    assertThat(bench.watcher().since(reports))
        .filteredOn(report -> report.kind().equals("status"))
        .as("never put on trial")
        .noneMatch(report -> report.status().phase().equals("ARMED"));
  }

  private static boolean saysWhy(DeviceStatus status) {
    return status.running().equals("base")
        && (status.attempt().filter(attempt -> attempt.code() != 0).isPresent()
            || status.lastOutcome().filter(outcome -> outcome.code() != 0).isPresent()
            || status.lastFailureCode() != 0);
  }

  @Test
  @Order(2)
  void disk_repairedAndSlow_patchIsInstalled() {
    rig.powerOff();
    // What a worn SD card does.
    rig.nextRunsWith(
        List.of(
            "--",
            "-set",
            "drive.d0.throttling.iops-total=400",
            "-set",
            "drive.d0.throttling.bps-total=12000000"));
    StatusWatcher.Mark reports = bench.watcher().mark();
    bench.boot();
    bench.device().run("suture install").orThrow();

    bench
        .watcher()
        .awaitStatus(reports, LEVEL_A, status -> status.isActive(LEVEL_A), Duration.ofMinutes(8));

    assertThat(bench.device().mountedFrom(ComponentImage.TLS)).isEqualTo("dm");
  }

  /** What a power cut did to a state of a recorded disk: half of the superblock is not there. */
  @Test
  @Order(3)
  void superblock_torn_isRepairedAtTheNextStart() throws IOException {
    rig.powerOff();
    rig.nextRunsWith(List.of());
    Partition data = Partition.of(rig.disk(), "data", FOLDER.resolve("tools.log"));
    try (FileChannel disk = FileChannel.open(rig.disk(), StandardOpenOption.WRITE)) {
      disk.write(ByteBuffer.allocate(SECTOR_BYTES), data.firstByte() + SUPERBLOCK_SECOND_SECTOR);
    }
    SerialLog.Mark start = rig.mark();

    bench.boot();

    assertThat(rig.serialLog().find(start, Pattern.compile("data partition: mount failed, repair")))
        .hasSize(1);
    assertThat(bench.device().mountedFrom(ComponentImage.TLS)).isEqualTo("dm");
    assertThat(bench.device().status().isActive(LEVEL_A)).isTrue();
  }

  /** Mounting succeeds: dm-verity reads a block when it is used. */
  @Test
  @Order(4)
  void reads_failInTheRunningImage_levelIsWrittenOnceMore() throws IOException {
    String slot = bench.device().status().running();
    rig.powerOff();
    Path faults = FOLDER.resolve("read-faults.conf");
    assertThat(readFaults("/slots/" + slot + "/tls.img", faults)).as("bad sectors").isPositive();
    rig.nextRunsWith(List.of("--disk-faults", faults.toString()));
    StatusWatcher.Mark reports = bench.watcher().mark();
    SerialLog.Mark start = rig.mark();

    rig.powerOn();

    bench
        .watcher()
        .awaitStatus(reports, "the damage is reported", BadDiskHilTest::saysDamaged, LIMIT);
    bench.watcher().awaitStatus(reports, "base", status -> status.running().equals("base"), LIMIT);
    StatusWatcher.Mark later = bench.watcher().mark();
    bench.watcher().awaitStatus(later, LEVEL_A, status -> status.isActive(LEVEL_A), LIMIT);
    assertThat(rig.serialLog().find(start, Pattern.compile("I/O error")))
        .as("the disk did fail")
        .isNotEmpty();
    bench.device().awaitHttps(LIMIT);
    assertThat(bench.device().mountedFrom(ComponentImage.TLS)).isEqualTo("dm");
  }

  private static boolean saysDamaged(DeviceStatus status) {
    return status
        .lastOutcome()
        .filter(last -> last.phase().equals("REVERTED"))
        .filter(last -> last.code() == FailureCode.READ_BACK_MISMATCH.number())
        .isPresent();
  }

  /** Returns how many blocks cannot be read: all in the second quarter of the file. */
  private int readFaults(String path, Path file) throws IOException {
    Partition data = Partition.of(rig.disk(), "data", FOLDER.resolve("tools.log"));
    String output =
        HostProcess.run(
                List.of(
                    "debugfs", "-R", "blocks " + path, rig.disk() + "?offset=" + data.firstByte()),
                LIMIT,
                Map.of(),
                FOLDER.resolve("debugfs.log"),
                line -> {})
            .orThrow()
            .output();
    List<Long> blocks =
        Pattern.compile("\\s+")
            .splitAsStream(output.strip())
            .filter(word -> DIGITS.matcher(word).matches())
            .map(Long::valueOf)
            .toList();
    StringBuilder rules = new StringBuilder();
    List<Long> bad = blocks.subList(blocks.size() / 4, blocks.size() / 2);
    bad.forEach(block -> rules.append(fault("read", data, block)));
    Files.writeString(file, rules);
    return bad.size();
  }

  private static String fault(String type, Partition data, long block) {
    return "[inject-error]\nevent = \"none\"\niotype = \""
        + type
        + "\"\nerrno = \"5\"\nonce = \"off\"\nimmediately = \"on\"\nsector = \""
        + (data.firstByte() + block * BLOCK_BYTES) / SECTOR_BYTES
        + "\"\n";
  }

  /** Returns how many sectors cannot be written. */
  private int writeFaults(Path file) throws IOException {
    Partition data = Partition.of(rig.disk(), "data", FOLDER.resolve("tools.log"));
    String groups =
        HostProcess.run(
                List.of("dumpe2fs", rig.disk() + "?offset=" + data.firstByte()),
                LIMIT,
                Map.of(),
                FOLDER.resolve("dumpe2fs.log"),
                line -> {})
            .orThrow()
            .output();
    StringBuilder rules = new StringBuilder();
    int count = 0;
    for (String line : groups.lines().toList()) {
      if (!line.strip().startsWith("Free blocks:")) {
        continue;
      }
      Matcher range = FREE.matcher(line);
      while (range.find()) {
        long last = Long.parseLong(range.group(2));
        for (long block = Long.parseLong(range.group(1)) + BAD_EVERY_BLOCKS;
            block <= last;
            block += BAD_EVERY_BLOCKS) {
          rules.append(fault("write", data, block));
          count++;
        }
      }
    }
    Files.writeString(file, rules);
    return count;
  }
}
