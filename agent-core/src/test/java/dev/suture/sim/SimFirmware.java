package dev.suture.sim;

import dev.suture.protocol.Sha256;
import dev.suture.protocol.Slot;
import dev.suture.protocol.manifest.ImageIdentity;
import dev.suture.protocol.manifest.OsParts;
import dev.suture.slot.SlotDevice.BootChoice;
import dev.suture.slot.SlotFiles;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/**
 * What runs before the OS: the bootloader, which starts nothing that the publisher did not sign,
 * and the initramfs, which opens the root file system of what was started.
 *
 * <p>A slot's FIT is its first bytes a mark, then length and digest of its root file system.
 */
final class SimFirmware {
  private static final byte[] MAGIC = "FIT!".getBytes(StandardCharsets.US_ASCII);

  /** Behind what says how an image behaves. */
  private static final int MAGIC_AT = 8;

  /** Where the partitions are on the simulated disk. */
  static final String PARTITIONS = "fit";

  private SimFirmware() {}

  /** What the partition of a slot's FIT can be. */
  enum Fit {
    NONE,
    REFUSED,
    SIGNED
  }

  /** The signed start of a root file system, within an image of the component {@code boot}. */
  static void writeFit(byte[] boot, byte[] root) {
    ByteBuffer.wrap(boot)
        .position(MAGIC_AT)
        .put(MAGIC)
        .putInt(root.length)
        .put(Sha256.of(root).toBytes());
  }

  /** Where a slot's FIT is on the simulated disk: a partition of its own. */
  static String partition(Slot slot) {
    return PARTITIONS + "/" + slot.word();
  }

  /**
   * Starts the device, up to the first program of the OS.
   *
   * @throws Restart if the OS that was chosen does not start
   */
  static BootChoice start(SimFlash flash, SimPublisher publisher, String slots) {
    BootChoice choice = flash.record().bootloader(slot -> fit(flash, publisher, slot));
    choice.patchedOs().ifPresent(slot -> openRoot(flash, slots, slot));
    return choice;
  }

  private static Fit fit(SimFlash flash, SimPublisher publisher, Slot slot) {
    Optional<byte[]> fit = flash.disk().readPastCache(partition(slot));
    if (!fit.isPresent() || !isFit(fit.get())) {
      return Fit.NONE;
    }
    return publisher.image(Sha256.of(fit.get())).isPresent() ? Fit.SIGNED : Fit.REFUSED;
  }

  private static boolean isFit(byte[] start) {
    return start.length >= ImageIdentity.BLOCK_BYTES
        && Arrays.equals(start, MAGIC_AT, MAGIC_AT + MAGIC.length, MAGIC, 0, MAGIC.length);
  }

  private static void openRoot(SimFlash flash, String slots, Slot slot) {
    byte[] fit = flash.disk().readPastCache(partition(slot)).orElseThrow();
    ByteBuffer start = ByteBuffer.wrap(fit).position(MAGIC_AT + MAGIC.length);
    int bytes = start.getInt();
    byte[] digest = new byte[Sha256.BYTES];
    start.get(digest);
    byte[] root =
        flash
            .disk()
            .readPastCache(slots + "/" + SlotFiles.imagePath(slot, OsParts.ROOT))
            .orElse(new byte[0]);
    if (root.length < bytes
        || !Sha256.of(Arrays.copyOf(root, bytes)).equals(Sha256.ofBytes(digest))) {
      throw new Restart();
    }
    if (Arrays.equals(
        root, 0, SimPublisher.DEAD.length, SimPublisher.DEAD, 0, SimPublisher.DEAD.length)) {
      throw new Restart(); // Its agent never starts, which is watched from outside.
    }
  }
}
