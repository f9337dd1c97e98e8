package dev.suture.publisher.bundle;

import dev.suture.protocol.bundle.ReadableSource;

/** Bytes in memory, which nobody changes any more. */
final class MemorySource implements ReadableSource {
  private final byte[] content;

  MemorySource(byte[] content) {
    this.content = content;
  }

  @Override
  public long size() {
    return content.length;
  }

  @Override
  public int read(long position, byte[] target, int offset, int length) {
    int n = (int) Math.max(0, Math.min(length, content.length - position));
    System.arraycopy(content, (int) position, target, offset, n);
    return n;
  }
}
