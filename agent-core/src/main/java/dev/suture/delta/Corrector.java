package dev.suture.delta;

import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.RejectedException;

/** Has the bytes that cannot be predicted, in the order of the image: at least one at a time. */
public interface Corrector {
  /** Puts the next bytes of the image, which are new. */
  void insert(byte[] target, int offset, int length) throws RejectedException, DeviceException;

  /** Makes the next bytes of the image of what was predicted. */
  void correct(byte[] predicted, int offset, int length) throws RejectedException, DeviceException;
}
