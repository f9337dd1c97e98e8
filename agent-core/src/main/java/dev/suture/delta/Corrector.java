package dev.suture.delta;

import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.RejectedException;

/** Has the bytes that cannot be predicted, in the order of the image: at least one at a time. */
public interface Corrector {
  /** Puts the next bytes of the image, which are new. */
  void insert(byte[] target, int offset, int length) throws RejectedException, DeviceException;

  /** Makes the next bytes of the image of what was predicted. */
  void correct(byte[] predicted, int offset, int length) throws RejectedException, DeviceException;

  /**
   * How many of the next bytes of the image are surely as predicted, if they are not new: 0 if that
   * is not known before they were predicted.
   */
  default int right() {
    return 0;
  }

  /**
   * Goes on behind bytes that were as predicted, in place of {@link #correct}.
   *
   * @param length at most {@link #right}
   */
  default void pass(int length) {
    throw new IllegalStateException("not known to be right: " + length + " bytes");
  }
}
