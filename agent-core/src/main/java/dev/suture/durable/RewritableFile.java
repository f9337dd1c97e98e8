package dev.suture.durable;

import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.RetryableException;

/**
 * A file opened for writing whose content was kept. What is read is what programs see, unsynced
 * writes included; after a failed {@link #sync}, or on a disk that lost bytes, the disk itself may
 * hold something else.
 */
public interface RewritableFile extends WritableFile, ReadableFile {
  /** Cuts the file to a length, which is at most its own. Not durable on return. */
  void truncate(long bytes) throws DeviceException, RetryableException;

  @Override
  void close();
}
