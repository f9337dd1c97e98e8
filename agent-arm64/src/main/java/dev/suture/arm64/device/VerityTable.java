package dev.suture.arm64.device;

import dev.suture.arm64.linux.DeviceNumber;
import dev.suture.protocol.Sha256;
import dev.suture.protocol.manifest.ImageIdentity;

/**
 * The one line that tells the kernel's {@code verity} target what to hold the data against. Data
 * and tree lie on the same device, the tree right behind the data. Written as the kernel prints it,
 * so that what was loaded can be compared as text
 * (Documentation/admin-guide/device-mapper/verity.rst).
 *
 * @param device the device with data and tree
 * @param blocks data blocks of 4 KiB, and the block at which the tree begins
 * @param root root of the tree
 * @param salt salt of the tree
 */
public record VerityTable(DeviceNumber device, long blocks, Sha256 root, Sha256 salt) {
  /** Name of the target type. */
  static final String TYPE = "verity";

  private static final int SECTOR_BYTES = 512;
  private static final int WORDS = 10;

  /** The table for an image on a device. */
  static VerityTable of(DeviceNumber device, ImageIdentity identity) {
    return new VerityTable(
        device,
        identity.bytes() / ImageIdentity.BLOCK_BYTES,
        identity.verityRoot(),
        identity.veritySalt());
  }

  /**
   * Reads what the kernel printed; words after the tenth are options.
   *
   * @throws IllegalArgumentException if it is not a table of this kind
   */
  static VerityTable parse(String text) {
    String[] words = text.trim().split(" +", -1);
    if (words.length < WORDS) {
      throw new IllegalArgumentException(
          "verity table: expected " + WORDS + " words, got \"" + text + "\"");
    }
    VerityTable table =
        new VerityTable(
            DeviceNumber.parse(words[1]),
            Long.parseLong(words[5]),
            Sha256.ofHex(words[8]),
            Sha256.ofHex(words[9]));
    if (!text.trim().startsWith(table.parameters())) {
      throw new IllegalArgumentException(
          "verity table: expected \"" + table.parameters() + "\", got \"" + text + "\"");
    }
    return table;
  }

  /** The target's parameters: version, devices, block sizes, blocks, start of the tree, digests. */
  String parameters() {
    return String.join(
        " ",
        "1",
        device.toString(),
        device.toString(),
        Integer.toString(ImageIdentity.BLOCK_BYTES),
        Integer.toString(ImageIdentity.BLOCK_BYTES),
        Long.toString(blocks),
        Long.toString(blocks),
        "sha256",
        root.hex(),
        salt.hex());
  }

  /** Size of the verified device in sectors of 512 bytes. */
  long sectors() {
    return blocks * (ImageIdentity.BLOCK_BYTES / SECTOR_BYTES);
  }
}
