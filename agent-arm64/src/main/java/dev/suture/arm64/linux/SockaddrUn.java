package dev.suture.arm64.linux;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** {@code struct sockaddr_un}: the address of a Unix domain socket. */
final class SockaddrUn {
  static final StructLayout LAYOUT = new StructLayout("sockaddr_un");
  static final StructLayout.Member FAMILY = LAYOUT.member("sun_family", 2);
  static final StructLayout.Member PATH = LAYOUT.member("sun_path", 108);

  private final ByteBuffer memory;
  private final int bytes;

  private SockaddrUn(ByteBuffer memory, int bytes) {
    this.memory = memory;
    this.bytes = bytes;
  }

  /** A path, or with a leading {@code @} a name in the abstract name space. */
  static SockaddrUn of(String address) {
    byte[] name = address.getBytes(StandardCharsets.UTF_8);
    boolean isAbstract = address.startsWith("@");
    int bytesMax = isAbstract ? PATH.bytes() : PATH.bytes() - 1;
    if (name.length == 0 || name.length > bytesMax) {
      throw new IllegalArgumentException(
          "socket address: expected 1 to " + bytesMax + " bytes, got " + name.length);
    }
    if (isAbstract) {
      name[0] = 0;
    }
    ByteBuffer memory = StructLayout.memory(LAYOUT.bytes());
    memory.putShort(FAMILY.offset(), (short) Uapi.AF_UNIX);
    memory.put(PATH.offset(), name);
    // An abstract name has exactly its length; a path is ended by a NUL that counts.
    int end = PATH.offset() + name.length + (isAbstract ? 0 : 1);
    return new SockaddrUn(memory, end);
  }

  ByteBuffer memory() {
    return memory;
  }

  int bytes() {
    return bytes;
  }
}
