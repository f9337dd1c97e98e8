package dev.suture.publisher.delta;

import dev.suture.protocol.delta.Varint;
import java.util.Arrays;

/** A stream before compression. */
final class StreamWriter {
  private byte[] content = new byte[1024];
  private int length;

  void number(long value) {
    reserve(Varint.BYTES_MAX);
    length += Varint.write(value, content, length);
  }

  void signed(long value) {
    number(Varint.zigzag(value));
  }

  void octet(int value) {
    reserve(1);
    content[length++] = (byte) value;
  }

  void bytes(byte[] source, int offset, int count) {
    reserve(count);
    System.arraycopy(source, offset, content, length, count);
    length += count;
  }

  int length() {
    return length;
  }

  byte[] content() {
    return Arrays.copyOf(content, length);
  }

  void clear() {
    length = 0;
  }

  private void reserve(int more) {
    if (content.length - length < more) {
      content = Arrays.copyOf(content, Math.max(2 * content.length, length + more));
    }
  }
}
