package dev.suture.arm64.linux;

/** A block device's number, written {@code major:minor}. */
public record DeviceNumber(int major, int minor) {
  private static final int MAJOR_MAX = 0xfff;
  private static final int MINOR_MAX = 0xfffff;
  private static final int HEX = 16;

  /** Checks the ranges: 12 bits and 20 bits, as in the kernel. */
  public DeviceNumber {
    if (major < 0 || major > MAJOR_MAX || minor < 0 || minor > MINOR_MAX) {
      throw new IllegalArgumentException(
          "device number: expected at most "
              + MAJOR_MAX
              + ":"
              + MINOR_MAX
              + ", got "
              + major
              + ":"
              + minor);
    }
  }

  /** Reads {@code major:minor} as in {@code /sys} and in mountinfo. */
  public static DeviceNumber parse(String text) {
    int colon = text.indexOf(':');
    try {
      return new DeviceNumber(
          Integer.parseInt(text.substring(0, Math.max(colon, 0))),
          Integer.parseInt(text.substring(colon + 1)));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "device number: expected major:minor, got \"" + text + "\"", e);
    }
  }

  /** Reads {@code major:minor} in hexadecimal digits, as in {@code /proc/PID/maps}. */
  public static DeviceNumber parseHex(String text) {
    int colon = text.indexOf(':');
    try {
      return new DeviceNumber(
          Integer.parseInt(text.substring(0, Math.max(colon, 0)), HEX),
          Integer.parseInt(text.substring(colon + 1), HEX));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "device number: expected major:minor in hexadecimal, got \"" + text + "\"", e);
    }
  }

  /** Reads the kernel's {@code huge_encode_dev} form. */
  static DeviceNumber decode(long encoded) {
    int major = (int) (encoded >> 8) & MAJOR_MAX;
    int minor = (int) (encoded & 0xff) | (int) (encoded >> 12 & 0xfff00);
    return new DeviceNumber(major, minor);
  }

  /** The kernel's {@code huge_encode_dev} form. */
  long encoded() {
    return (minor & 0xffL) | (long) major << 8 | (minor & 0xfff00L) << 12;
  }

  @Override
  public String toString() {
    return major + ":" + minor;
  }
}
