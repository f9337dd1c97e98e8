package dev.suture.protocol.bundle;

import static java.nio.charset.StandardCharsets.US_ASCII;

/** Bytes in memory; remembers how much was asked for. */
final class MemorySource implements ReadableSource {
  private final byte[] bytes;
  private long bytesRead;

  MemorySource(byte[] bytes) {
    this.bytes = bytes;
  }

  static MemorySource of(String text) {
    return new MemorySource(text.getBytes(US_ASCII));
  }

  long bytesRead() {
    return bytesRead;
  }

  @Override
  public long size() {
    return bytes.length;
  }

  @Override
  public int read(long position, byte[] target, int offset, int length) {
    int got = (int) Math.max(0, Math.min(length, bytes.length - position));
    System.arraycopy(bytes, (int) Math.min(position, bytes.length), target, offset, got);
    bytesRead += got;
    return got;
  }
}
