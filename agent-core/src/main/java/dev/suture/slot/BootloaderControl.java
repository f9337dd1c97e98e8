package dev.suture.slot;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.zip.CRC32;

/**
 * AOSP's {@code struct bootloader_control}: 32 bytes that say which slots an Android-style
 * bootloader may start, in which order, and how often. A value. Only what is asked for is changed:
 * all else is somebody else's, and kept.
 *
 * <pre>
 *  0   4  slot_suffix   written by the bootloader
 *  4   4  magic         "BCAB"
 *  8   1  version       1
 *  9   2  bits 0 to 2: nb_slot; 3 to 5: recovery_tries_remaining; 6 to 8: merge_status
 * 11   1  reserved
 * 12   8  four slots of two bytes, each: bits 0 to 3 priority, 4 to 6 tries_remaining,
 *         7 successful_boot, 8 verity_corrupted, 9 to 15 reserved
 * 20   8  reserved
 * 28   4  CRC-32 of the 28 bytes before, little-endian
 * </pre>
 */
final class BootloaderControl {
  /** Where it is in {@code misc}. */
  static final int AT = 2048;

  /** Its length. */
  static final int BYTES = 32;

  /** Base, A and B. */
  static final int SLOTS = 3;

  /** Three bits. */
  static final int TRIES_MAX = 7;

  /** Of another version nothing but this is known. */
  static final int VERSION = 1;

  private static final byte[] MAGIC = "BCAB".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] SUFFIX_OF_BASE = "_c".getBytes(StandardCharsets.US_ASCII);
  private static final int MAGIC_AT = 4;
  private static final int VERSION_AT = 8;
  private static final int COUNT_AT = 9;
  private static final int COUNT_MASK = 0x07;
  private static final int SLOTS_AT = 12;
  private static final int SLOT_BYTES = 2;
  private static final int CRC_AT = 28;
  private static final int PRIORITY_MASK = 0x0f;
  private static final int TRIES_SHIFT = 4;
  private static final int SUCCESSFUL = 0x80;
  private static final int CORRUPTED = 0x01;

  private final byte[] bytes;

  private BootloaderControl(byte[] bytes) {
    this.bytes = bytes;
  }

  /** One in which no slot can be started yet, with the suffix of base. */
  static BootloaderControl fresh() {
    byte[] bytes = new byte[BYTES];
    System.arraycopy(SUFFIX_OF_BASE, 0, bytes, 0, SUFFIX_OF_BASE.length);
    System.arraycopy(MAGIC, 0, bytes, MAGIC_AT, MAGIC.length);
    bytes[VERSION_AT] = VERSION;
    bytes[COUNT_AT] = SLOTS;
    return new BootloaderControl(bytes);
  }

  /**
   * Reads it, from {@link #AT} on.
   *
   * @param misc the beginning of {@code misc}
   * @throws IllegalArgumentException if magic, version, checksum or the number of slots is wrong
   */
  static BootloaderControl decode(byte[] misc) {
    if (misc.length < AT + BYTES) {
      throw new IllegalArgumentException(
          "bootloader_control: expected " + (AT + BYTES) + " bytes of misc, got " + misc.length);
    }
    byte[] bytes = Arrays.copyOfRange(misc, AT, AT + BYTES);
    if (!isMagic(bytes)) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "bootloader_control: expected magic 42414342, got %08x",
              integer(bytes, MAGIC_AT)));
    }
    if (integer(bytes, CRC_AT) != crc(bytes)) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "bootloader_control: expected CRC-32 %08x, got %08x",
              integer(bytes, CRC_AT),
              crc(bytes)));
    }
    BootloaderControl control = new BootloaderControl(bytes);
    if (control.version() != VERSION) {
      throw new IllegalArgumentException(
          "bootloader_control: expected version " + VERSION + ", got " + control.version());
    }
    int slots = bytes[COUNT_AT] & COUNT_MASK;
    if (slots != SLOTS) {
      throw new IllegalArgumentException(
          "bootloader_control: expected " + SLOTS + " slots, got " + slots);
    }
    return control;
  }

  /** Whether these 32 bytes are one of another version, whole. */
  static boolean isOfOtherVersion(byte[] bytes) {
    return isMagic(bytes)
        && integer(bytes, CRC_AT) == crc(bytes)
        && bytes[VERSION_AT] != (byte) VERSION;
  }

  /** Whether the magic is where it has to be. */
  static boolean isMagic(byte[] bytes) {
    return Arrays.equals(Arrays.copyOfRange(bytes, MAGIC_AT, MAGIC_AT + MAGIC.length), MAGIC);
  }

  private int version() {
    return bytes[VERSION_AT] & 0xff;
  }

  /** 15 is started first, 0 never. */
  int priority(int slot) {
    return bytes[at(slot)] & PRIORITY_MASK;
  }

  /** How often it may still be started while it is not called successful. */
  int tries(int slot) {
    return bytes[at(slot)] >> TRIES_SHIFT & TRIES_MAX;
  }

  /** Whether its starts are not counted any more. */
  boolean isSuccessful(int slot) {
    return (bytes[at(slot)] & SUCCESSFUL) != 0;
  }

  /** Whether the bootloader found it damaged, and does not start it. */
  boolean isCorrupted(int slot) {
    return (bytes[at(slot) + 1] & CORRUPTED) != 0;
  }

  /** The same with a slot that is as new. */
  BootloaderControl with(int slot, int priority, int tries, boolean successful) {
    if (priority < 0 || priority > PRIORITY_MASK || tries < 0 || tries > TRIES_MAX) {
      throw new IllegalArgumentException(
          "bootloader_control: expected a priority of 0 to 15 and 0 to 7 tries, got "
              + priority
              + " and "
              + tries);
    }
    byte[] changed = bytes.clone();
    changed[at(slot)] = (byte) (priority | tries << TRIES_SHIFT | (successful ? SUCCESSFUL : 0));
    changed[at(slot) + 1] &= ~CORRUPTED;
    return new BootloaderControl(changed);
  }

  /** With its checksum, as it is on disk. */
  byte[] encode() {
    byte[] sealed = bytes.clone();
    ByteBuffer.wrap(sealed).order(ByteOrder.LITTLE_ENDIAN).putInt(CRC_AT, crc(bytes));
    return sealed;
  }

  private static int at(int slot) {
    if (slot < 0 || slot >= SLOTS) {
      throw new IllegalArgumentException("slot: expected 0 to 2, got " + slot);
    }
    return SLOTS_AT + slot * SLOT_BYTES;
  }

  private static int integer(byte[] bytes, int at) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getInt(at);
  }

  private static int crc(byte[] bytes) {
    CRC32 crc = new CRC32();
    crc.update(bytes, 0, CRC_AT);
    return (int) crc.getValue();
  }
}
