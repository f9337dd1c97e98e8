package dev.suture.delta;

/**
 * Addresses of eight bytes. Those of a kernel are in the highest 2^48 of all: their upper half is
 * the same for the whole kernel, so that the lower half stands for the address.
 */
final class WideAddress {
  private static final int KERNEL_BITS = 48;
  private static final long KERNEL = 0xffff;

  private WideAddress() {}

  /** What stands for an address among those of its file; negative if it can be none. */
  static long low(long wide) {
    return isOfKernel(wide) ? wide & Segments.ADDRESS_MAX : wide;
  }

  /** How many bytes of an address change when it moves: eight, or the lower four. */
  static int bytes(long wide) {
    return isOfKernel(wide) ? Integer.BYTES : Long.BYTES;
  }

  /** Whether it is one of a kernel. */
  static boolean isOfKernel(long wide) {
    return wide >>> KERNEL_BITS == KERNEL;
  }
}
