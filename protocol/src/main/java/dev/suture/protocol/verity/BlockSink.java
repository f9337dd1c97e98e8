package dev.suture.protocol.verity;

import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.RetryableException;

/** Where the blocks of a hash tree go. */
@FunctionalInterface
public interface BlockSink {
  /**
   * Takes one block of {@link VerityTreeBuilder#BLOCK_BYTES} bytes. Every block of the tree comes
   * once; their order is not that of their positions.
   *
   * @param positionBehindImage where the block belongs, in bytes behind the end of the image
   * @param block belongs to the caller and changes afterwards
   */
  void write(long positionBehindImage, byte[] block) throws DeviceException, RetryableException;
}
