package dev.suture.sim;

import dev.suture.protocol.Slot;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.slot.BootControl;
import dev.suture.slot.RecordMedium;
import dev.suture.slot.SlotDevice.BootChoice;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * Where agent and bootloader meet: areas of raw bytes, the first two of which are copies of a
 * record, and the bootloader that goes by them. A cut inside a write leaves the written area old,
 * new or torn.
 *
 * <p>Each bootloader has its own reader and writer of its format, so that a mistake in ours does
 * not hide itself.
 */
public abstract class SimBootRecord implements RecordMedium {
  /** A cut tears an area between any of these. */
  private static final int PART_BYTES = 32;

  private final SimPower power;
  private final Bytes[] areas;
  private byte @Nullable [] unsynced;
  private int unsyncedArea;
  private final boolean[] damagedAreas;
  private int failingWrites;
  private boolean bootloaderCounts = true;
  private boolean makesUpRecords;
  private @Nullable Witness witness;
  private final boolean[] isKnown;

  /** With this in its areas. */
  SimBootRecord(SimPower power, byte[]... areas) {
    this.power = power;
    this.areas = Arrays.stream(areas).map(Bytes::new).toArray(Bytes[]::new);
    this.damagedAreas = new boolean[areas.length];
    this.isKnown = new boolean[areas.length];
  }

  /** The same in another device. */
  public abstract SimBootRecord copy(SimPower other);

  /** The agent's side of it. */
  abstract BootControl control(SimWiring wiring);

  /** Whether the bootloader would believe this copy. */
  public abstract boolean isValid(int copy);

  /**
   * What the bootloader does at every start of the device.
   *
   * @param fits what it finds where the OS of a slot's own is
   */
  abstract BootChoice bootloader(Function<Slot, SimFirmware.Fit> fits);

  /** A person gives a slot up behind the agent's back, with the tools that the record is for. */
  public void markBad(Slot slot) {
    throw new AssertionError("nobody has tools for this record");
  }

  /** What a program of the OS that was started does to it, before the agent and behind it. */
  void osIsUp(Slot run) {}

  /** As below, on a device that no patch ever brought an OS to. */
  public BootChoice bootloader() {
    return bootloader(slot -> SimFirmware.Fit.NONE);
  }

  /** Whether the bootloader finds a record. */
  boolean isReadable() {
    return isValid(0) || isValid(1);
  }

  /** Makes a copy what this one is. */
  final <T extends SimBootRecord> T copied(T copy) {
    SimBootRecord target = copy;
    System.arraycopy(areas, 0, target.areas, 0, areas.length);
    target.unsynced = unsynced;
    target.unsyncedArea = unsyncedArea;
    System.arraycopy(damagedAreas, 0, target.damagedAreas, 0, areas.length);
    target.bootloaderCounts = bootloaderCounts;
    target.makesUpRecords = makesUpRecords;
    return copy;
  }

  /** The next writes fail, and change nothing. */
  public void failWrites(int count) {
    failingWrites = count;
  }

  /** A wrong bootloader, which does not count the tries down. */
  public void bootloaderForgetsToCount() {
    bootloaderCounts = false;
  }

  /** A bootloader that finds no record makes one up in which it can start A and B. */
  public void bootloaderMakesUpRecords() {
    makesUpRecords = true;
  }

  final boolean makesUpRecords() {
    return makesUpRecords;
  }

  /** The record is lost, durably; what else is there with it is not. */
  public void loseRecord() {
    throw new AssertionError("nobody loses this record");
  }

  /** How much it takes off for a start. */
  final int counted() {
    return bootloaderCounts ? 1 : 0;
  }

  /** Changes a byte of a copy, durably. */
  public void damage(int copy) {
    byte[] changed = peek(copy);
    changed[changed.length / 3] ^= 0x20;
    areas[copy] = new Bytes(changed);
    damagedAreas[copy] = true;
  }

  /** Replaces a copy, durably, by what somebody else may have written. */
  public void overwrite(int copy, byte[] bytes) {
    areas[copy] = new Bytes(Arrays.copyOf(bytes, peek(copy).length));
    damagedAreas[copy] = !isValid(copy);
  }

  /** Whether a test damaged every copy, and nobody has written one since. */
  public boolean isDamagedOnPurpose() {
    return damagedAreas[0] && damagedAreas[1];
  }

  /** What a copy holds. */
  public byte[] peek(int copy) {
    return areas[copy].array().clone();
  }

  /** The answer to {@link Question.Copy}. */
  Bytes copy(int copy) {
    return areas[copy];
  }

  /** Tells this witness what is seen of the areas as they are now, from now on. */
  void watch(Witness next) {
    witness = next;
    Arrays.fill(isKnown, false);
  }

  final Bytes seen(int copy) {
    if (witness != null && !isKnown[copy]) {
      isKnown[copy] = true;
      witness.saw(new Question.Copy(copy), areas[copy]);
    }
    return areas[copy];
  }

  /** What the power would find unsynced if it failed now. */
  List<CacheFate.Part> unsynced() {
    List<CacheFate.Part> parts = new ArrayList<>();
    byte[] bytes = unsynced;
    if (bytes != null) {
      byte[] before = areas[unsyncedArea].array();
      for (int at = 0; at < bytes.length; at += PART_BYTES) {
        if (!Arrays.equals(before, at, at + PART_BYTES, bytes, at, at + PART_BYTES)) {
          parts.add(new CacheFate.Part(CacheFate.Kind.RECORD, power.operations(), at / PART_BYTES));
        }
      }
    }
    return parts;
  }

  /** Feeds all areas as they are durable. */
  void identify(StateId.Builder id) {
    for (int area = 0; area < areas.length; area++) {
      id.add("copy " + area, areas[area]);
    }
  }

  /** Feeds all areas, and what is being written. */
  void identifyWithCache(StateId.Builder id) {
    for (int area = 0; area < areas.length; area++) {
      id.add(damagedAreas[area] ? "damaged copy" : "copy", areas[area]);
    }
    byte[] bytes = unsynced;
    if (bytes != null) {
      id.add("to " + unsyncedArea, new Bytes(bytes));
    }
  }

  /** Power again, after a cut: an unfinished write had this fate. */
  public void powerOn(CacheFate fate) {
    byte[] bytes = unsynced;
    if (bytes != null) {
      byte[] torn = peek(unsyncedArea);
      for (int at = 0; at < bytes.length; at += PART_BYTES) {
        if (fate.lands(CacheFate.Kind.RECORD, power.operations(), at / PART_BYTES)) {
          System.arraycopy(bytes, at, torn, at, PART_BYTES);
        }
      }
      areas[unsyncedArea] = new Bytes(torn);
    }
    unsynced = null;
  }

  @Override
  public byte[] read(int copy) {
    power.require();
    return seen(copy).array().clone();
  }

  @Override
  public void write(int copy, byte[] bytes) throws DeviceException {
    power.require();
    if (bytes.length != peek(copy).length) {
      throw new IllegalArgumentException(
          "copy: expected " + peek(copy).length + " bytes, got " + bytes.length);
    }
    if (failingWrites > 0) {
      failingWrites--;
      throw new DeviceException(
          FailureCode.STORAGE_IO, "record copy " + copy + ": failed as it was told to");
    }
    unsynced = bytes.clone();
    unsyncedArea = copy;
    power.operation("write record copy " + copy);
    areas[copy] = new Bytes(bytes.clone());
    isKnown[copy] = true;
    damagedAreas[copy] = false;
    unsynced = null;
  }

  /** Writes as a bootloader does. */
  final boolean isWritten(int copy, byte[] bytes) {
    try {
      write(copy, bytes);
      return true;
    } catch (DeviceException e) {
      return false;
    }
  }

  /** What a bootloader that counts every start starts in the end. */
  static BootChoice withOwnOs(BootChoice chosen, Function<Slot, SimFirmware.Fit> fits) {
    boolean isOwn =
        chosen.counted()
            && chosen.run() != Slot.BASE
            && fits.apply(chosen.run()) == SimFirmware.Fit.SIGNED;
    return isOwn
        ? new BootChoice(
            chosen.run(), chosen.trial(), chosen.osSlot(), Optional.of(chosen.run()), true)
        : chosen;
  }

  static int crc(byte[] content) {
    CRC32 crc = new CRC32();
    crc.update(content);
    return (int) crc.getValue();
  }
}
