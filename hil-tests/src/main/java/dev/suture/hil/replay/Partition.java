package dev.suture.hil.replay;

import dev.suture.hil.HarnessException;
import dev.suture.hil.HostProcess;
import dev.suture.protocol.json.Fields;
import dev.suture.protocol.json.StrictJson;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * A part of a device's disk.
 *
 * @param name as in the partition table
 * @param firstByte where it begins
 * @param bytes its length
 */
public record Partition(String name, long firstByte, long bytes) {
  private static final Duration LIMIT = Duration.ofMinutes(1);
  private static final int TABLE_BYTES_MAX = 1 << 20;
  private static final int PARTITIONS_MAX = 128;
  private static final int SECTOR_BYTES = 512;

  /**
   * The partition of this name, as {@code sfdisk} reads the disk's table.
   *
   * @param log gets sfdisk's output
   */
  public static Partition of(Path disk, String name, Path log) {
    String text =
        HostProcess.run(
                List.of("sfdisk", "--json", disk.toString()), LIMIT, Map.of(), log, line -> {})
            .orThrow()
            .output();
    try {
      Fields table =
          StrictJson.parse("sfdisk", text.getBytes(StandardCharsets.UTF_8), TABLE_BYTES_MAX)
              .object("partitiontable");
      for (Fields partition : table.objects("partitions", PARTITIONS_MAX)) {
        if (partition.text("name").equals(name)) {
          return new Partition(
              name,
              partition.integer("start", 0, Long.MAX_VALUE / SECTOR_BYTES) * SECTOR_BYTES,
              partition.integer("size", 1, Long.MAX_VALUE / SECTOR_BYTES) * SECTOR_BYTES);
        }
      }
    } catch (IllegalArgumentException e) {
      throw new HarnessException("sfdisk " + disk + ": " + e.getMessage(), e);
    }
    throw new HarnessException(disk + ": expected a partition " + name + ", got none");
  }

  /** Copies this part of the disk into a file of its own, which stays sparse. */
  public void extract(Path disk, Path file, Path log) {
    HostProcess.run(
            List.of(
                "dd",
                "if=" + disk,
                "of=" + file,
                "bs=1M",
                "iflag=skip_bytes,count_bytes",
                "skip=" + firstByte,
                "count=" + bytes,
                "conv=sparse",
                "status=none"),
            LIMIT,
            Map.of(),
            log,
            line -> {})
        .orThrow();
    HostProcess.run(
            List.of("truncate", "-s", Long.toString(bytes), file.toString()),
            LIMIT,
            Map.of(),
            log,
            line -> {})
        .orThrow();
  }

  /** Whether an entry of a log writes to it. */
  public boolean isWrittenBy(WriteLog.Entry entry, int sectorBytes) {
    long start = entry.sector() * sectorBytes;
    return entry.isWrite()
        && start < firstByte + bytes
        && firstByte < start + entry.sectors() * sectorBytes;
  }
}
