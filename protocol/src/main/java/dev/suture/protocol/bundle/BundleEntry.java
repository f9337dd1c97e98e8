package dev.suture.protocol.bundle;

import dev.suture.protocol.FileRef;
import dev.suture.protocol.failure.DeviceException;

/**
 * One file of a bundle. Where it is, and nothing about its content: that is for who knows its
 * digest.
 *
 * @param offset of its first byte in the bundle
 * @param length in bytes: 0 to {@link FileRef#BYTES_MAX}
 */
public record BundleEntry(long offset, long length) {
  /** Checks the ranges. */
  public BundleEntry {
    if (offset < UstarHeader.BYTES || offset % UstarHeader.BYTES != 0) {
      throw new IllegalArgumentException(
          "bundle entry: expected a multiple of " + UstarHeader.BYTES + ", got offset " + offset);
    }
    UstarHeader.checkLength(length);
  }

  /** This file alone, read through the bundle that it is in; nothing is copied. */
  public ReadableSource within(ReadableSource bundle) {
    return new Section(bundle, offset, length);
  }

  private record Section(ReadableSource bundle, long start, long size) implements ReadableSource {
    @Override
    public int read(long position, byte[] target, int offset, int length) throws DeviceException {
      if (position < 0) {
        throw new IllegalArgumentException("position: expected at least 0, got " + position);
      }
      int wanted = (int) Math.min(length, Math.max(0, size - position));
      return wanted == 0 ? 0 : bundle.read(start + position, target, offset, wanted);
    }
  }
}
