package dev.suture.slot;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.zip.CRC32;

/**
 * One copy of a redundant U-Boot environment, as U-Boot's {@code env/common.c} and libubootenv have
 * it: little-endian CRC-32 of everything behind the next byte; one byte of flags, which counts the
 * writes; then {@code name=value} ended by NUL each, and one more NUL. A value. What a variable is
 * called and holds is bytes, kept as they are: as text in ISO 8859-1.
 */
final class UbootEnvironment {
  /** An environment with no variables. */
  static final UbootEnvironment EMPTY = new UbootEnvironment(0, Collections.emptyList());

  /** Flags are one byte. */
  static final int FLAGS_MAX = 255;

  private static final int CRC_BYTES = 4;
  private static final int HEADER_BYTES = CRC_BYTES + 1;
  private static final Charset BYTES_AS_TEXT = StandardCharsets.ISO_8859_1;

  private final int flags;
  private final List<String> entries;

  private UbootEnvironment(int flags, List<String> entries) {
    this.flags = flags;
    this.entries = entries;
  }

  /**
   * Reads one copy.
   *
   * @throws IllegalArgumentException if its checksum is wrong, or it has no end
   */
  static UbootEnvironment decode(byte[] copy) {
    if (copy.length <= HEADER_BYTES) {
      throw new IllegalArgumentException(
          "environment: expected more than " + HEADER_BYTES + " bytes, got " + copy.length);
    }
    long expected = ByteBuffer.wrap(copy).order(ByteOrder.LITTLE_ENDIAN).getInt() & 0xffff_ffffL;
    if (expected != crc(copy)) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT, "environment: expected CRC-32 %08x, got %08x", expected, crc(copy)));
    }
    List<String> entries = new ArrayList<>();
    int start = HEADER_BYTES;
    for (int i = HEADER_BYTES; i < copy.length; i++) {
      if (copy[i] != 0) {
        continue;
      }
      if (i == start) {
        return new UbootEnvironment(copy[CRC_BYTES] & FLAGS_MAX, entries);
      }
      entries.add(new String(copy, start, i - start, BYTES_AS_TEXT));
      start = i + 1;
    }
    throw new IllegalArgumentException(
        "environment: expected an end within " + copy.length + " bytes, got none");
  }

  /** The serial of the write that made it, 0 to {@link #FLAGS_MAX}. */
  int flags() {
    return flags;
  }

  /** Whether it counts and the other copy does not. Both are valid; this one is the first. */
  boolean isNewerOrEqual(UbootEnvironment second) {
    if (flags == FLAGS_MAX && second.flags == 0) {
      return false;
    }
    return flags == 0 && second.flags == FLAGS_MAX || flags >= second.flags;
  }

  /**
   * The value of a variable. Of several, the last one counts; an empty value is none, as for
   * U-Boot.
   */
  Optional<String> value(String name) {
    String begin = name + "=";
    Optional<String> value = Optional.empty();
    for (String entry : entries) {
      if (entry.startsWith(begin)) {
        value = Optional.of(entry.substring(begin.length())).filter(text -> !text.isEmpty());
      }
    }
    return value;
  }

  /**
   * The same with these variables: those that are there change in their place, others come last.
   * All other variables stay as they are, in their order.
   */
  UbootEnvironment with(Map<String, String> variables) {
    List<String> changed = new ArrayList<>();
    Set<String> done = new HashSet<>();
    for (String entry : entries) {
      String name = entry.substring(0, Math.max(0, entry.indexOf('=')));
      String value = variables.get(name);
      if (value == null) {
        changed.add(entry);
      } else if (done.add(name)) {
        changed.add(name + "=" + value);
      }
    }
    for (Map.Entry<String, String> variable : variables.entrySet()) {
      if (done.add(variable.getKey())) {
        changed.add(variable.getKey() + "=" + variable.getValue());
      }
    }
    return new UbootEnvironment(flags, changed);
  }

  /**
   * As one copy.
   *
   * @param bytes its length
   * @param serial what its flags are
   * @throws IllegalArgumentException if it does not fit
   */
  byte[] encode(int bytes, int serial) {
    int needed = HEADER_BYTES + 1;
    for (String entry : entries) {
      needed += entry.length() + 1;
    }
    if (needed > bytes) {
      throw new IllegalArgumentException(
          "environment: expected at most " + bytes + " bytes, got " + needed);
    }
    byte[] copy = new byte[bytes];
    copy[CRC_BYTES] = (byte) serial;
    int end = HEADER_BYTES;
    for (String entry : entries) {
      byte[] text = entry.getBytes(BYTES_AS_TEXT);
      System.arraycopy(text, 0, copy, end, text.length);
      end += text.length + 1;
    }
    ByteBuffer.wrap(copy).order(ByteOrder.LITTLE_ENDIAN).putInt(0, (int) crc(copy));
    return copy;
  }

  private static long crc(byte[] copy) {
    CRC32 crc = new CRC32();
    crc.update(copy, HEADER_BYTES, copy.length - HEADER_BYTES);
    return crc.getValue();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof UbootEnvironment that
        && that.flags == flags
        && that.entries.equals(entries);
  }

  @Override
  public int hashCode() {
    return Arrays.asList(flags, entries).hashCode();
  }

  @Override
  public String toString() {
    return "environment " + flags + " " + entries;
  }
}
