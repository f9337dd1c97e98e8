package dev.suture.trust.seal;

import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.RetryableException;

/** Where the inside of a sealed file goes, in sequence. */
@FunctionalInterface
public interface OpenedSink {
  /**
   * Takes the next {@code length} bytes; {@code source} belongs to the caller and may change
   * afterwards.
   */
  void write(byte[] source, int offset, int length) throws DeviceException, RetryableException;
}
