package dev.suture.delta;

import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.RetryableException;

/** Where a rebuilt image goes, in sequence. */
@FunctionalInterface
public interface ImageSink {
  /**
   * Takes the next {@code length} bytes; {@code source} belongs to the caller and may change
   * afterwards.
   */
  void write(byte[] source, int offset, int length) throws DeviceException, RetryableException;
}
