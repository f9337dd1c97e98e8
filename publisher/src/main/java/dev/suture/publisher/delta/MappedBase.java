package dev.suture.publisher.delta;

import dev.suture.delta.BaseImage;

/** A mapped image as the base of a walk. */
record MappedBase(MappedImage image) implements BaseImage {
  @Override
  public long bytes() {
    return image.bytes();
  }

  @Override
  public void read(long position, byte[] target, int offset, int length) {
    image.read(position, target, offset, length);
  }

  @Override
  public void close() {}
}
