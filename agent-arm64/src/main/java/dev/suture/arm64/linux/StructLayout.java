package dev.suture.arm64.linux;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Where the members of a C struct lie. Members are declared in C's order, with the padding between
 * them; each offset is the sum of the sizes before it. A test compares the result with a C
 * compiler's {@code sizeof} and {@code offsetof}.
 */
final class StructLayout {
  private final String name;
  private final List<Member> members = new ArrayList<>();
  private int bytes;

  StructLayout(String name) {
    this.name = name;
  }

  /** One member. {@code put} and {@code get} take the buffer that holds the struct at 0. */
  record Member(String name, int offset, int bytes) {
    void putInt(ByteBuffer struct, int value) {
      struct.putInt(offset, value);
    }

    int getInt(ByteBuffer struct) {
      return struct.getInt(offset);
    }

    void putLong(ByteBuffer struct, long value) {
      struct.putLong(offset, value);
    }

    long getLong(ByteBuffer struct) {
      return struct.getLong(offset);
    }

    /** Puts ASCII text and the NUL after it. */
    void putText(ByteBuffer struct, int base, String text) {
      byte[] ascii = text.getBytes(StandardCharsets.US_ASCII);
      if (ascii.length >= bytes) {
        throw new IllegalArgumentException(
            name + ": expected at most " + (bytes - 1) + " characters, got " + ascii.length);
      }
      struct.put(base + offset, ascii);
      struct.put(base + offset + ascii.length, (byte) 0);
    }

    /** ASCII text up to the first NUL. */
    String getText(ByteBuffer struct, int base) {
      return text(struct, base + offset, bytes);
    }
  }

  /** Adds a member of the given size. */
  Member member(String memberName, int memberBytes) {
    Member member = new Member(memberName, bytes, memberBytes);
    members.add(member);
    bytes += memberBytes;
    return member;
  }

  /** Adds bytes without a name in C. */
  void padding(int paddingBytes) {
    bytes += paddingBytes;
  }

  /** Size of the struct. */
  int bytes() {
    return bytes;
  }

  /** The layout as lines {@code struct size} and {@code struct.member offset size}. */
  List<String> lines() {
    List<String> lines = new ArrayList<>();
    lines.add(name + " " + bytes);
    for (Member member : members) {
      lines.add(name + "." + member.name + " " + member.offset + " " + member.bytes);
    }
    return lines;
  }

  /** Zeroed memory outside the heap that the kernel may read and write. */
  static ByteBuffer memory(int bytes) {
    return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
  }

  /** ASCII text up to the first NUL, at most {@code bytesMax} long. */
  static String text(ByteBuffer memory, int offset, int bytesMax) {
    int length = 0;
    while (length < bytesMax && memory.get(offset + length) != 0) {
      length++;
    }
    byte[] ascii = new byte[length];
    memory.get(offset, ascii);
    return new String(ascii, StandardCharsets.US_ASCII);
  }
}
