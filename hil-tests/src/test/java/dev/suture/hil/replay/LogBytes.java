package dev.suture.hil.replay;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** Writes logs, right and wrong ones. */
final class LogBytes {
  static final int SECTOR = 512;
  static final long FLUSH = 1;
  static final long FUA = 2;
  static final long DISCARD = 4;
  static final long MARK = 8;

  private final ByteArrayOutputStream entries = new ByteArrayOutputStream();
  private int count;

  /** A write whose every sector is filled with this value. */
  LogBytes write(long sector, int sectors, int value) {
    return write(sector, sectors, value, 0);
  }

  LogBytes write(long sector, int sectors, int value, long flags) {
    header(sector, sectors, flags, 0);
    byte[] data = new byte[sectors * SECTOR];
    Arrays.fill(data, (byte) value);
    entries.writeBytes(data);
    return this;
  }

  LogBytes flush() {
    header(0, 0, FLUSH, 0);
    return this;
  }

  LogBytes discard(long sector, long sectors) {
    header(sector, sectors, DISCARD, 0);
    return this;
  }

  LogBytes mark(int bytes) {
    header(0, 0, MARK, bytes);
    return this;
  }

  private void header(long sector, long sectors, long flags, long textBytes) {
    count++;
    entries.writeBytes(
        ByteBuffer.allocate(SECTOR)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(sector)
            .putLong(sectors)
            .putLong(flags)
            .putLong(textBytes)
            .array());
  }

  byte[] bytes() {
    byte[] head =
        ByteBuffer.allocate(SECTOR)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(0x6a736677736872L)
            .putLong(1)
            .putLong(count)
            .putInt(SECTOR)
            .array();
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.writeBytes(head);
    all.writeBytes(entries.toByteArray());
    return all.toByteArray();
  }

  WriteLog openIn(Path folder) {
    return open(folder, bytes());
  }

  static WriteLog open(Path folder, byte[] bytes) {
    try {
      Path file = folder.resolve("writes.log");
      Files.write(file, bytes);
      return WriteLog.open(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
