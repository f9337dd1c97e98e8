package dev.suture.publisher.delta;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** A file of arm64 byte by byte, with what no linker makes. */
final class SmallElf {
  /** Where what is in the file begins: behind four program headers. */
  static final int CONTENT_AT = 64 + 4 * 56;

  private static final int READ = 4;
  private static final int EXECUTE = 1;

  private final ByteBuffer file;
  private int headers;

  SmallElf(int bytes) {
    file = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    file.putLong(0, 0x00010102464c457fL).putShort(16, (short) 3).putShort(18, (short) 183);
    file.putLong(32, 64).putShort(54, (short) 56);
  }

  SmallElf segment(long offset, long bytes, long address, boolean isCode) {
    return header(1, isCode ? READ | EXECUTE : READ, offset, bytes, address);
  }

  /** A dynamic section: pairs of tag and value. */
  SmallElf dynamic(int offset, long... numbers) {
    for (int i = 0; i < numbers.length; i++) {
      file.putLong(offset + i * Long.BYTES, numbers[i]);
    }
    return header(2, READ, offset, (long) numbers.length * Long.BYTES, offset);
  }

  byte[] bytes() {
    return file.array();
  }

  private SmallElf header(int type, int flags, long offset, long bytes, long address) {
    int at = 64 + 56 * headers++;
    file.putInt(at, type).putInt(at + 4, flags).putLong(at + 8, offset).putLong(at + 16, address);
    file.putLong(at + 32, bytes).putShort(56, (short) headers);
    return this;
  }
}
