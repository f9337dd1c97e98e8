package dev.suture.hil.replay;

import dev.suture.hil.HarnessException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * What reached a disk, in order: a log in the format of the kernel's dm-log-writes, version 1, as
 * QEMU's {@code blklogwrites} writes it. All numbers are little-endian.
 *
 * <pre>
 * sector 0     u64 magic 0x6a736677736872, u64 version, u64 entries, u32 bytes in a sector
 * each entry   one sector: u64 sector, u64 sectors, u64 flags, u64 length of a mark's text;
 *              then the data, sectors long; a discard has none
 * </pre>
 *
 * The whole chain of entries is checked when the log is opened; data is read when it is asked for.
 * An entry is logged when it is complete.
 */
public final class WriteLog implements AutoCloseable {
  private static final long MAGIC = 0x6a_7366_7773_6872L;
  private static final long VERSION = 1;
  private static final int SUPER_BYTES = 28;
  private static final int HEADER_BYTES = 32;
  private static final int SECTOR_BYTES_MIN = 512;
  private static final int SECTOR_BYTES_MAX = 65_536;

  /** No disk here is longer than 2^40 sectors. */
  private static final long DISK_SECTORS_MAX = 1L << 40;

  private static final long FLUSH = 1;
  private static final long FUA = 2;
  private static final long DISCARD = 4;
  private static final long MARK = 8;

  private final Path file;
  private final FileChannel channel;
  private final int sectorBytes;
  private final List<Entry> entries;

  /**
   * One entry.
   *
   * @param number its place, from 0
   * @param sector first sector on the disk
   * @param sectors how many; may be 0 in a flush
   * @param flags as in the log
   * @param dataAt where its data is in the log, in bytes
   */
  public record Entry(int number, long sector, long sectors, long flags, long dataAt) {
    /** Everything before it is durable once it is complete. */
    public boolean isFlush() {
      return (flags & FLUSH) != 0;
    }

    /** It is durable itself once it is complete. */
    public boolean isDurable() {
      return (flags & FUA) != 0;
    }

    /** Its sectors were given back; they read as zeros afterwards. */
    public boolean isDiscard() {
      return (flags & DISCARD) != 0;
    }

    /** Whether it changes the disk. */
    public boolean isWrite() {
      return sectors > 0 && (flags & MARK) == 0;
    }
  }

  private WriteLog(Path file, FileChannel channel, int sectorBytes, List<Entry> entries) {
    this.file = file;
    this.channel = channel;
    this.sectorBytes = sectorBytes;
    this.entries = Collections.unmodifiableList(entries);
  }

  /**
   * Opens a log and checks its structure.
   *
   * @throws HarnessException if it cannot be read, or is no such log: with the entry and what is
   *     wrong with it
   */
  public static WriteLog open(Path file) {
    FileChannel channel = null;
    try {
      channel = FileChannel.open(file, StandardOpenOption.READ);
      WriteLog log = parse(file, channel);
      channel = null;
      return log;
    } catch (IOException e) {
      throw new HarnessException("write log " + file + ": cannot be read", e);
    } finally {
      closeQuietly(channel);
    }
  }

  private static void closeQuietly(@org.jspecify.annotations.Nullable FileChannel channel) {
    try {
      if (channel != null) {
        channel.close();
      }
    } catch (IOException e) {
      throw new HarnessException("write log: cannot be closed", e);
    }
  }

  private static WriteLog parse(Path file, FileChannel channel) throws IOException {
    long length = channel.size();
    ByteBuffer head = read(channel, 0, SUPER_BYTES, length);
    if (head.remaining() < SUPER_BYTES) {
      throw malformed(file, "super block", SUPER_BYTES + " bytes", length + " bytes");
    }
    long magic = head.getLong();
    if (magic != MAGIC) {
      throw malformed(
          file, "magic", "0x" + Long.toHexString(MAGIC), "0x" + Long.toHexString(magic));
    }
    long version = head.getLong();
    if (version != VERSION) {
      throw malformed(file, "version", VERSION, Long.toUnsignedString(version));
    }
    long count = head.getLong();
    int sectorBytes = head.getInt();
    if (sectorBytes < SECTOR_BYTES_MIN
        || sectorBytes > SECTOR_BYTES_MAX
        || Integer.bitCount(sectorBytes) != 1) {
      throw malformed(
          file,
          "sector size",
          "a power of two from " + SECTOR_BYTES_MIN + " to " + SECTOR_BYTES_MAX,
          Integer.toUnsignedString(sectorBytes));
    }
    // Every entry takes a sector at least.
    long countMax = Math.min(Integer.MAX_VALUE, length / sectorBytes);
    if (count < 0 || count > countMax) {
      throw malformed(
          file,
          "number of entries",
          "at most " + countMax + " in " + length + " bytes",
          Long.toUnsignedString(count));
    }
    List<Entry> entries = new ArrayList<>();
    long position = sectorBytes;
    for (int number = 0; number < count; number++) {
      Entry entry = entry(file, channel, number, position, sectorBytes, length);
      entries.add(entry);
      position = entry.dataAt() + (entry.isDiscard() ? 0 : entry.sectors() * sectorBytes);
    }
    return new WriteLog(file, channel, sectorBytes, entries);
  }

  private static Entry entry(
      Path file, FileChannel channel, int number, long position, int sectorBytes, long length)
      throws IOException {
    ByteBuffer header = read(channel, position, HEADER_BYTES, length);
    if (header.remaining() < HEADER_BYTES) {
      throw malformed(
          file,
          "entry " + number,
          "a header at byte " + position,
          "the end of the log at " + length);
    }
    long sector = header.getLong();
    long sectors = header.getLong();
    long flags = header.getLong();
    long textBytes = header.getLong();
    if ((flags & ~(FLUSH | FUA | DISCARD | MARK)) != 0) {
      throw malformed(
          file,
          "flags of entry " + number,
          "flush, FUA, discard and mark only",
          "0x" + Long.toHexString(flags));
    }
    if (sector < 0
        || sectors < 0
        || sector > DISK_SECTORS_MAX
        || sectors > DISK_SECTORS_MAX - sector) {
      throw malformed(
          file,
          "sectors of entry " + number,
          "below " + DISK_SECTORS_MAX,
          Long.toUnsignedString(sectors) + " from " + Long.toUnsignedString(sector));
    }
    if (textBytes < 0 || textBytes > sectorBytes - HEADER_BYTES) {
      throw malformed(
          file,
          "mark of entry " + number,
          "at most " + (sectorBytes - HEADER_BYTES) + " bytes",
          Long.toUnsignedString(textBytes));
    }
    long dataAt = position + sectorBytes;
    boolean hasData = sectors > 0 && (flags & DISCARD) == 0;
    if (hasData && sectors > (length - dataAt) / sectorBytes) {
      throw malformed(
          file,
          "data of entry " + number,
          sectors + " sectors at byte " + dataAt,
          "the end of the log at " + length);
    }
    return new Entry(number, sector, sectors, flags, dataAt);
  }

  private static ByteBuffer read(FileChannel channel, long position, int bytes, long length)
      throws IOException {
    ByteBuffer buffer =
        ByteBuffer.allocate((int) Math.max(0, Math.min(bytes, length - position)))
            .order(ByteOrder.LITTLE_ENDIAN);
    while (buffer.hasRemaining() && channel.read(buffer, position + buffer.position()) > 0) {
      // Until full.
    }
    return buffer.flip();
  }

  private static HarnessException malformed(Path file, String what, Object expected, Object got) {
    return new HarnessException(
        "write log " + file + ": " + what + ": expected " + expected + ", got " + got);
  }

  /** Length of a sector in bytes. */
  public int sectorBytes() {
    return sectorBytes;
  }

  /** All entries, in the order in which they were complete. */
  public List<Entry> entries() {
    return entries;
  }

  /** Number of the newest flush among the first {@code cut} entries, or -1. */
  public int lastFlush(int cut) {
    for (int number = cut - 1; number >= 0; number--) {
      if (entries.get(number).isFlush()) {
        return number;
      }
    }
    return -1;
  }

  /**
   * Some of what an entry wrote.
   *
   * @param from first sector, counted from the entry's own first
   * @param sectors how many
   * @return a buffer that belongs to the caller; zeros for a discard
   */
  public ByteBuffer data(Entry entry, long from, long sectors) {
    if (from < 0 || sectors < 0 || sectors > entry.sectors() - from) {
      throw new IllegalArgumentException(
          "sectors: expected within " + entry.sectors() + ", got " + sectors + " from " + from);
    }
    ByteBuffer data = ByteBuffer.allocate(Math.toIntExact(sectors * sectorBytes));
    if (entry.isDiscard()) {
      return data;
    }
    long position = entry.dataAt() + from * sectorBytes;
    try {
      while (data.hasRemaining() && channel.read(data, position + data.position()) > 0) {
        // Until full.
      }
    } catch (IOException e) {
      throw new HarnessException("write log " + file + ": cannot be read", e);
    }
    if (data.hasRemaining()) {
      throw malformed(file, "data of entry " + entry.number(), "as when it was opened", "less");
    }
    return data.flip();
  }

  @Override
  public void close() {
    closeQuietly(channel);
  }
}
