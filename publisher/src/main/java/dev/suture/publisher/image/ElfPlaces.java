package dev.suture.publisher.image;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * ELF files (64 bits, little-endian) by where they are in an image that has no names: each begins
 * at a block's beginning and ends with its table of sections, which linkers write last, or where
 * the next one begins.
 */
final class ElfPlaces {
  private static final int BLOCK_BYTES = 4096;
  private static final int HEADER_BYTES = 64;
  private static final int FILES_MAX = 1 << 16;
  private static final int MAGIC = 0x464c457f;
  private static final int CLASS_AND_ORDER = 0x0102;

  private ElfPlaces() {}

  static List<FileRange> find(RandomBytes image) throws IOException {
    List<FileRange> found = new ArrayList<>();
    byte[] bytes = new byte[HEADER_BYTES];
    ByteBuffer header = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    long last = image.bytes() - HEADER_BYTES;
    for (long at = 0; at <= last && found.size() < FILES_MAX; at += BLOCK_BYTES) {
      image.read(at, bytes, 0, HEADER_BYTES);
      if (header.getInt(0) == MAGIC && header.getShort(4) == CLASS_AND_ORDER) {
        long left = image.bytes() - at;
        long table = header.getLong(40);
        long tableBytes = (long) (header.getShort(58) & 0xffff) * (header.getShort(60) & 0xffff);
        boolean isWhole = table >= HEADER_BYTES && table <= left - tableBytes;
        endAt(found, at);
        found.add(
            new FileRange(
                String.format(Locale.ROOT, "(ELF file at 0x%x)", at),
                at,
                isWhole ? table + tableBytes : left,
                0));
      }
    }
    return found;
  }

  private static void endAt(List<FileRange> found, long end) {
    if (!found.isEmpty()) {
      FileRange before = found.get(found.size() - 1);
      long bytes = Math.min(before.bytes(), end - before.start());
      found.set(found.size() - 1, new FileRange(before.path(), before.start(), bytes, 0));
    }
  }
}
