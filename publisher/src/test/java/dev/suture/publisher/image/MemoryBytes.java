package dev.suture.publisher.image;

/** An image in memory; a read outside it is a test's failure. */
record MemoryBytes(byte[] content) implements RandomBytes {
  @Override
  public long bytes() {
    return content.length;
  }

  @Override
  public void read(long position, byte[] target, int offset, int length) {
    System.arraycopy(content, Math.toIntExact(position), target, offset, length);
  }
}
