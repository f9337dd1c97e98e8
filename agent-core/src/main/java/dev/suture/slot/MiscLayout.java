package dev.suture.slot;

import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/**
 * What else bootloaders have kept in {@code misc} before AOSP's {@code bootloader_control}, or keep
 * instead. A bootloader that goes by one of these does not look at ours, and ours would be written
 * over its data: so it is left alone, and told of.
 */
final class MiscLayout {
  /** {@code slot_suffix} within the older, shorter {@code bootloader_message}. */
  private static final int OLD_SUFFIX_AT = 864;

  /** Behind a suffix of four bytes. */
  private static final int MAGIC_AT = 4;

  private static final byte[] BRILLO = "BCc".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] LIBAVB_AB = "\0AB0".getBytes(StandardCharsets.US_ASCII);
  private static final byte LETTER_MAX = 'd';

  private MiscLayout() {}

  /**
   * Passes what is ours to write: a valid {@code bootloader_control}, a damaged one, or nothing.
   *
   * @param misc the beginning of the partition, {@link MiscMedium#BYTES}
   * @throws DeviceException {@code CONFIG_INVALID} with the name of the layout
   */
  static void requireOurs(byte[] misc) throws DeviceException {
    Optional<String> other = other(misc);
    if (other.isPresent()) {
      throw new DeviceException(
          FailureCode.CONFIG_INVALID,
          "misc: expected AOSP's bootloader_control at byte "
              + BootloaderControl.AT
              + " and no other layout, got "
              + other.get()
              + "; it is left as it is. Use a bootloader that reads bootloader_control, and clear"
              + " the other one");
    }
  }

  private static Optional<String> other(byte[] misc) {
    byte[] old = Arrays.copyOfRange(misc, OLD_SUFFIX_AT, OLD_SUFFIX_AT + BootloaderControl.BYTES);
    byte[] current =
        Arrays.copyOfRange(
            misc, BootloaderControl.AT, BootloaderControl.AT + BootloaderControl.BYTES);
    if (isAt(old, MAGIC_AT, BRILLO)) {
      return Optional.of("BrilloBootInfo at byte " + OLD_SUFFIX_AT);
    }
    if (BootloaderControl.isMagic(old)) {
      return Optional.of("bootloader_control at byte " + OLD_SUFFIX_AT + ", where it was before");
    }
    if (isSuffix(old)) {
      return Optional.of("a slot suffix at byte " + OLD_SUFFIX_AT);
    }
    if (isAt(current, MAGIC_AT, BRILLO) || isAt(current, 0, BRILLO)) {
      return Optional.of("BrilloBootInfo at byte " + BootloaderControl.AT);
    }
    if (isAt(current, 0, LIBAVB_AB)) {
      return Optional.of("libavb_ab's AvbABData at byte " + BootloaderControl.AT);
    }
    return BootloaderControl.isOfOtherVersion(current)
        ? Optional.of("bootloader_control of another version than " + BootloaderControl.VERSION)
        : Optional.empty();
  }

  private static boolean isSuffix(byte[] field) {
    return field[0] == '_' && field[1] >= 'a' && field[1] <= LETTER_MAX && field[2] == 0;
  }

  private static boolean isAt(byte[] bytes, int at, byte[] word) {
    return Arrays.equals(Arrays.copyOfRange(bytes, at, at + word.length), word);
  }
}
