package dev.suture.arm64.linux;

import java.nio.ByteBuffer;

/** {@code struct loop_config}: sets up a loop device in one call. */
public final class LoopConfig {
  static final StructLayout LAYOUT = new StructLayout("loop_config");
  static final StructLayout.Member FD = LAYOUT.member("fd", 4);
  static final StructLayout.Member BLOCK_SIZE = LAYOUT.member("block_size", 4);
  static final StructLayout.Member INFO = LAYOUT.member("info", LoopInfo64.LAYOUT.bytes());
  static final StructLayout.Member RESERVED = LAYOUT.member("__reserved", 64);

  private LoopConfig() {}

  /**
   * {@code LOOP_CONFIGURE}.
   *
   * @param loop the open loop device
   * @param backing the open file behind it
   * @param blockBytes logical block size of the loop device
   * @param flags {@code LO_FLAGS_*}
   */
  public static void configure(LinuxFile loop, LinuxFile backing, int blockBytes, int flags)
      throws LinuxException {
    ByteBuffer memory = StructLayout.memory(LAYOUT.bytes());
    FD.putInt(memory, backing.number());
    BLOCK_SIZE.putInt(memory, blockBytes);
    memory.putInt(INFO.offset() + LoopInfo64.FLAGS.offset(), flags);
    loop.ioctl(Uapi.LOOP_CONFIGURE, memory);
  }
}
