package dev.suture.delta;

import org.tukaani.xz.ArrayCache;

/**
 * Gives one decoder after the other the same memory for its dictionary: that of each would be
 * garbage soon, and a heap that is bounded grows to its bound.
 *
 * <p>Memory: the longest dictionary so far, rounded up to a power of two.
 */
final class Dictionary extends ArrayCache {
  private byte[] bytes = new byte[0];
  private boolean isLent;

  @Override
  public synchronized byte[] getByteArray(int size, boolean fillWithZeros) {
    if (isLent || fillWithZeros) {
      return new byte[size];
    }
    isLent = true;
    bytes = StreamInput.atLeast(bytes, size);
    // What is before the first byte is 0.
    bytes[size - 1] = 0;
    return bytes;
  }

  @Override
  public synchronized void putArray(byte[] array) {
    if (array == bytes) {
      isLent = false;
    }
  }
}
