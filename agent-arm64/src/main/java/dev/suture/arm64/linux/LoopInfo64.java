package dev.suture.arm64.linux;

import java.nio.ByteBuffer;

/** {@code struct loop_info64}: what a loop device shows. */
public final class LoopInfo64 {
  static final StructLayout LAYOUT = new StructLayout("loop_info64");
  static final StructLayout.Member DEVICE = LAYOUT.member("lo_device", 8);
  static final StructLayout.Member INODE = LAYOUT.member("lo_inode", 8);
  static final StructLayout.Member RDEVICE = LAYOUT.member("lo_rdevice", 8);
  static final StructLayout.Member OFFSET = LAYOUT.member("lo_offset", 8);
  static final StructLayout.Member SIZELIMIT = LAYOUT.member("lo_sizelimit", 8);
  static final StructLayout.Member NUMBER = LAYOUT.member("lo_number", 4);
  static final StructLayout.Member ENCRYPT_TYPE = LAYOUT.member("lo_encrypt_type", 4);
  static final StructLayout.Member ENCRYPT_KEY_SIZE = LAYOUT.member("lo_encrypt_key_size", 4);
  static final StructLayout.Member FLAGS = LAYOUT.member("lo_flags", 4);
  static final StructLayout.Member FILE_NAME = LAYOUT.member("lo_file_name", 64);
  static final StructLayout.Member CRYPT_NAME = LAYOUT.member("lo_crypt_name", 64);
  static final StructLayout.Member ENCRYPT_KEY = LAYOUT.member("lo_encrypt_key", 32);
  static final StructLayout.Member INIT = LAYOUT.member("lo_init", 16);

  private final ByteBuffer memory = StructLayout.memory(LAYOUT.bytes());

  private LoopInfo64() {}

  /** The status of an open loop device. */
  public static LoopInfo64 of(LinuxFile loop) throws LinuxException {
    LoopInfo64 info = new LoopInfo64();
    loop.ioctl(Uapi.LOOP_GET_STATUS64, info.memory);
    return info;
  }

  /** {@code LO_FLAGS_*}. */
  public int flags() {
    return FLAGS.getInt(memory);
  }

  /** The inode of the file behind it. */
  public long inode() {
    return INODE.getLong(memory);
  }
}
