package dev.suture.arm64.live;

import dev.suture.arm64.linux.DeviceNumber;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/**
 * What a process maps, as {@code /proc/PID/maps} lists it.
 *
 * @param isThere whether it maps anything: a thread of the kernel does not, nor does one that is
 *     ending, and neither runs a program
 * @param old the first mapping of one of the file systems, for people
 */
record Maps(boolean isThere, Optional<String> old) {
  /** Nothing is mapped. */
  static final Maps NONE = new Maps(false, Optional.empty());

  /** So many words stand before the device in a line. */
  private static final int WORDS_BEFORE_DEVICE = 3;

  /**
   * So much of a line is kept: all but the end of a long path. Paths are bytes of any kind but
   * newlines, which the kernel escapes, and anybody can map a file that is called as he likes.
   */
  private static final int LINE_CHARS_MAX = 256;

  /** Reads the file, as far as it takes to find one of these file systems. */
  static Maps of(Path file, Set<DeviceNumber> devices) throws IOException {
    try (BufferedReader text = Files.newBufferedReader(file, StandardCharsets.ISO_8859_1)) {
      return read(text, devices);
    }
  }

  /**
   * Reads text of that form.
   *
   * @throws IllegalArgumentException if a line is not
   */
  static Maps read(Reader text, Set<DeviceNumber> devices) throws IOException {
    StringBuilder line = new StringBuilder();
    boolean isThere = false;
    for (int next = text.read(); next >= 0; next = text.read()) {
      if (next != '\n') {
        if (line.length() < LINE_CHARS_MAX) {
          line.append((char) next);
        }
        continue;
      }
      isThere = true;
      Optional<String> old = old(line.toString(), devices);
      if (old.isPresent()) {
        return new Maps(true, old);
      }
      line.setLength(0);
    }
    return new Maps(isThere, Optional.empty());
  }

  /**
   * A line: range, permissions, offset, {@code major:minor}, inode, and the path if there is one.
   */
  private static Optional<String> old(String line, Set<DeviceNumber> devices) {
    int device = skipWords(line, 0, WORDS_BEFORE_DEVICE);
    int inode = skipWords(line, device, 1);
    int path = skipWords(line, inode, 1);
    return line.charAt(inode) != '0'
            && devices.contains(DeviceNumber.parseHex(line.substring(device, inode).trim()))
        ? Optional.of("maps " + line.substring(path))
        : Optional.empty();
  }

  /** Where the word begins that is so many words behind this one; the line's end for the last. */
  private static int skipWords(String line, int from, int words) {
    int at = from;
    for (int word = 0; word < words; word++) {
      at = line.indexOf(' ', at);
      if (at < 0) {
        throw new IllegalArgumentException("maps: expected 5 words and a space, got less");
      }
      while (at < line.length() && line.charAt(at) == ' ') {
        at++;
      }
    }
    return at;
  }
}
