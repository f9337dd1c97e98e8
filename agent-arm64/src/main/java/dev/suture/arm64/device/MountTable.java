package dev.suture.arm64.device;

import dev.suture.arm64.linux.DeviceNumber;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The mounts that this process sees, as {@code /proc/self/mountinfo} lists them.
 *
 * @param mounts in the kernel's order
 */
public record MountTable(List<Mount> mounts) {
  /** Keeps a copy. */
  public MountTable {
    mounts = List.copyOf(mounts);
  }

  /**
   * One mount.
   *
   * @param id number of the mount
   * @param parent number of the mount that it lies in or over
   * @param device the file system's device
   * @param mountPoint where it is mounted
   * @param options the mount's own options, comma separated
   * @param type the file system's type
   * @param source what was mounted, often a path below {@code /dev}
   */
  public record Mount(
      int id,
      int parent,
      DeviceNumber device,
      String mountPoint,
      String options,
      String type,
      String source) {
    /** Whether an option such as {@code ro} is set. */
    public boolean has(String option) {
      return List.of(options.split(",", -1)).contains(option);
    }
  }

  /**
   * Reads mountinfo's text (proc(5)).
   *
   * @param text one character a byte (ISO 8859-1): paths are bytes of any kind
   * @throws IllegalArgumentException if a line is not of that form
   */
  static MountTable parse(String text) {
    List<Mount> mounts = new ArrayList<>();
    for (String line : text.split("\n", -1)) {
      if (!line.isEmpty()) {
        mounts.add(parseLine(line));
      }
    }
    return new MountTable(mounts);
  }

  /** The mount that is seen at a mount point: the topmost where several lie over each other. */
  public Optional<Mount> at(String mountPoint) {
    List<Mount> here = mounts.stream().filter(m -> m.mountPoint().equals(mountPoint)).toList();
    return here.stream()
        .filter(mount -> here.stream().noneMatch(over -> over.parent() == mount.id()))
        .findFirst();
  }

  private static Mount parseLine(String line) {
    // id parent major:minor root mountpoint options [optional fields] - type source superoptions
    String[] words = line.split(" ", -1);
    int separator = 6;
    while (separator < words.length && !words[separator].equals("-")) {
      separator++;
    }
    if (separator + 2 >= words.length) {
      throw new IllegalArgumentException(
          "mountinfo: expected at least 6 fields, \" - \", type and source, got " + words.length);
    }
    try {
      return new Mount(
          Integer.parseInt(words[0]),
          Integer.parseInt(words[1]),
          DeviceNumber.parse(words[2]),
          unescape(words[4]),
          words[5],
          words[separator + 1],
          unescape(words[separator + 2]));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("mountinfo: expected numbers in \"" + line + "\"", e);
    }
  }

  /**
   * Space, tab, newline and backslash are written as a backslash and three octal digits. The bytes
   * are UTF-8, as far as they are.
   */
  private static String unescape(String word) {
    byte[] in = word.getBytes(StandardCharsets.ISO_8859_1);
    byte[] out = new byte[in.length];
    int length = 0;
    for (int i = 0; i < in.length; i++) {
      if (in[i] == '\\' && i + 3 < in.length && isOctal(in, i + 1)) {
        out[length++] = (byte) ((in[i + 1] - '0') << 6 | (in[i + 2] - '0') << 3 | in[i + 3] - '0');
        i += 3;
      } else {
        out[length++] = in[i];
      }
    }
    return new String(out, 0, length, StandardCharsets.UTF_8);
  }

  private static boolean isOctal(byte[] text, int from) {
    for (int i = from; i < from + 3; i++) {
      if (text[i] < '0' || text[i] > '7') {
        return false;
      }
    }
    return true;
  }
}
