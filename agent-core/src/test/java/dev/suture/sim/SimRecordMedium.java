package dev.suture.sim;

import dev.suture.protocol.Slot;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.slot.ActivationRecord;
import dev.suture.slot.ActivationRecordCodec;
import dev.suture.slot.RecordMedium;
import dev.suture.slot.SlotDevice.BootChoice;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * The raw partition of the activation record, and the bootloader that reads it. A cut inside a
 * write leaves the written copy old, new or torn.
 *
 * <p>{@link #bootloader()} is the boot script once more, with its own reader and writer of the
 * format, so that a mistake in ours does not hide itself.
 */
public final class SimRecordMedium implements RecordMedium {
  private static final int BYTES = 512;

  /** A cut tears a copy between any of these. */
  private static final int PART_BYTES = 32;

  private final SimPower power;
  private final Bytes[] copies = {new Bytes(new byte[BYTES]), new Bytes(new byte[BYTES])};
  private byte @Nullable [] unsynced;
  private int unsyncedCopy;
  private final boolean[] damagedCopies = new boolean[COPIES];
  private int failingWrites;
  private boolean bootloaderCounts = true;
  private @Nullable Witness witness;
  private final boolean[] isKnown = new boolean[COPIES];

  /** The partition of a freshly flashed device. */
  public SimRecordMedium(SimPower power) {
    this.power = power;
    copies[0] = new Bytes(ActivationRecordCodec.encode(ActivationRecord.factory('a')));
  }

  /** The same partition in another device. */
  public SimRecordMedium copy(SimPower other) {
    SimRecordMedium copy = new SimRecordMedium(other);
    System.arraycopy(copies, 0, copy.copies, 0, COPIES);
    copy.unsynced = unsynced;
    copy.unsyncedCopy = unsyncedCopy;
    System.arraycopy(damagedCopies, 0, copy.damagedCopies, 0, COPIES);
    copy.bootloaderCounts = bootloaderCounts;
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

  /** Changes a byte of a copy, durably. */
  public void damage(int copy) {
    byte[] changed = peek(copy);
    changed[BYTES / 3] ^= 0x20;
    copies[copy] = new Bytes(changed);
    damagedCopies[copy] = true;
  }

  /** Replaces a copy, durably, by what somebody else may have written. */
  public void overwrite(int copy, byte[] bytes) {
    copies[copy] = new Bytes(Arrays.copyOf(bytes, BYTES));
    damagedCopies[copy] = !isValid(copy);
  }

  /** Whether a test damaged every copy, and nobody has written one since. */
  public boolean isDamagedOnPurpose() {
    return damagedCopies[0] && damagedCopies[1];
  }

  /** What a copy holds. */
  public byte[] peek(int copy) {
    return copies[copy].array().clone();
  }

  /** The answer to {@link Question.Copy}. */
  Bytes copy(int copy) {
    return copies[copy];
  }

  /** Tells this witness what is seen of the copies as they are now, from now on. */
  void watch(Witness next) {
    witness = next;
    Arrays.fill(isKnown, false);
  }

  private Bytes seen(int copy) {
    if (witness != null && !isKnown[copy]) {
      isKnown[copy] = true;
      witness.saw(new Question.Copy(copy), copies[copy]);
    }
    return copies[copy];
  }

  /** What the power would find unsynced if it failed now. */
  List<CacheFate.Part> unsynced() {
    List<CacheFate.Part> parts = new ArrayList<>();
    byte[] bytes = unsynced;
    if (bytes != null) {
      byte[] before = copies[unsyncedCopy].array();
      for (int at = 0; at < BYTES; at += PART_BYTES) {
        if (!Arrays.equals(before, at, at + PART_BYTES, bytes, at, at + PART_BYTES)) {
          parts.add(new CacheFate.Part(CacheFate.Kind.RECORD, power.operations(), at / PART_BYTES));
        }
      }
    }
    return parts;
  }

  /** Feeds both copies, and what is being written. */
  void identifyWithCache(StateId.Builder id) {
    for (int copy = 0; copy < COPIES; copy++) {
      id.add(damagedCopies[copy] ? "damaged copy" : "copy", copies[copy]);
    }
    byte[] bytes = unsynced;
    if (bytes != null) {
      id.add("to " + unsyncedCopy, new Bytes(bytes));
    }
  }

  /** Power again, after a cut: an unfinished write had this fate. */
  public void powerOn(CacheFate fate) {
    byte[] bytes = unsynced;
    if (bytes != null) {
      byte[] torn = peek(unsyncedCopy);
      for (int at = 0; at < BYTES; at += PART_BYTES) {
        if (fate.lands(CacheFate.Kind.RECORD, power.operations(), at / PART_BYTES)) {
          System.arraycopy(bytes, at, torn, at, PART_BYTES);
        }
      }
      copies[unsyncedCopy] = new Bytes(torn);
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
    if (bytes.length != BYTES) {
      throw new IllegalArgumentException("copy: expected 512 bytes, got " + bytes.length);
    }
    if (failingWrites > 0) {
      failingWrites--;
      throw new DeviceException(
          FailureCode.STORAGE_IO, "record copy " + copy + ": failed as it was told to");
    }
    unsynced = bytes.clone();
    unsyncedCopy = copy;
    power.operation("write record copy " + copy);
    copies[copy] = new Bytes(bytes.clone());
    isKnown[copy] = true;
    damagedCopies[copy] = false;
    unsynced = null;
  }

  /** As below, on a device that no patch ever brought an OS to. */
  public BootChoice bootloader() {
    return bootloader(slot -> SimFirmware.Fit.NONE);
  }

  /**
   * What the bootloader does at every start of the device.
   *
   * @param fits what it finds where the OS of a slot's own is
   */
  BootChoice bootloader(Function<Slot, SimFirmware.Fit> fits) {
    Map<String, String> record = new TreeMap<>();
    BootChoice chosen = chosen(record);
    Slot run = chosen.run();
    SimFirmware.Fit fit = run == Slot.BASE ? SimFirmware.Fit.NONE : fits.apply(run);
    // A try was taken from a trial; of what is active, each start of its OS is counted.
    boolean mayStart = fit != SimFirmware.Fit.NONE && (chosen.trial() || isStartCounted(record));
    return mayStart && fit == SimFirmware.Fit.SIGNED
        ? new BootChoice(run, chosen.trial(), chosen.osSlot(), Optional.of(run))
        : chosen;
  }

  private boolean isStartCounted(Map<String, String> record) {
    int starts = Integer.parseInt(text(record, "su_starts"), 16);
    if (starts >= ActivationRecord.STARTS_MAX) {
      return false;
    }
    record.put("su_seq", Long.toHexString(sequence(record) + 1));
    record.put("su_starts", Integer.toHexString(starts + 1));
    return exported(olderCopy(), record);
  }

  /** The one that is not the newest valid. */
  private int olderCopy() {
    Map<String, String> first = imported(seen(0).array());
    Map<String, String> second = imported(seen(1).array());
    boolean isFirstNewest =
        second.isEmpty()
            || !first.isEmpty() && Long.compareUnsigned(sequence(first), sequence(second)) >= 0;
    return isFirstNewest ? 1 : 0;
  }

  /**
   * Which slot runs.
   *
   * @param record gets the variables of the newest copy, as they are written back
   */
  private BootChoice chosen(Map<String, String> record) {
    int newest = -1;
    for (int copy = 0; copy < COPIES; copy++) {
      Map<String, String> variables = imported(seen(copy).array());
      if (!variables.isEmpty()
          && (newest < 0 || Long.compareUnsigned(sequence(variables), sequence(record)) > 0)) {
        newest = copy;
        record.clear();
        record.putAll(variables);
      }
    }
    if (newest < 0) {
      return new BootChoice(Slot.BASE, false, 'a');
    }
    record.putIfAbsent("su_starts", "0"); // A record from before starts were counted.
    char os = text(record, "su_os").charAt(0);
    String active = text(record, "su_active");
    String trial = text(record, "su_trial");
    if (trial.equals("none")) {
      return new BootChoice(Slot.ofWord(active), false, os);
    }
    int tries = Integer.parseInt(text(record, "su_tries"), 16);
    record.put("su_seq", Long.toHexString(sequence(record) + 1));
    if (tries > 0) {
      record.put("su_tries", Integer.toHexString(bootloaderCounts ? tries - 1 : tries));
      return exported(1 - newest, record)
          ? new BootChoice(Slot.ofWord(trial), true, os)
          : new BootChoice(Slot.ofWord(active), false, os);
    }
    record.put("su_trial", "none");
    record.put("su_" + trial, "failed");
    exported(1 - newest, record);
    return new BootChoice(Slot.ofWord(active), false, os);
  }

  /** Whether a copy is one that the bootloader would believe. */
  public boolean isValid(int copy) {
    return !imported(seen(copy).array()).isEmpty();
  }

  private boolean exported(int copy, Map<String, String> variables) {
    try {
      write(copy, exported(variables));
      return true;
    } catch (DeviceException e) {
      return false;
    }
  }

  private static long sequence(Map<String, String> variables) {
    return Long.parseUnsignedLong(text(variables, "su_seq"), 16);
  }

  private static String text(Map<String, String> variables, String name) {
    String value = variables.get(name);
    if (value == null) {
      throw new AssertionError("boot script: " + name + " is not set");
    }
    return value;
  }

  private static byte[] exported(Map<String, String> variables) {
    StringBuilder text = new StringBuilder();
    variables.forEach((name, value) -> text.append(name).append('=').append(value).append('\0'));
    text.append('\0');
    byte[] content =
        Arrays.copyOf(text.toString().getBytes(StandardCharsets.US_ASCII), BYTES - Integer.BYTES);
    return ByteBuffer.allocate(BYTES)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt(crc(content))
        .put(content)
        .array();
  }

  /** The variables of a copy; none if its checksum is wrong. */
  private static Map<String, String> imported(byte[] copy) {
    byte[] content = Arrays.copyOfRange(copy, Integer.BYTES, BYTES);
    Map<String, String> variables = new TreeMap<>();
    if (ByteBuffer.wrap(copy).order(ByteOrder.LITTLE_ENDIAN).getInt() != crc(content)) {
      return variables;
    }
    String text = new String(content, StandardCharsets.US_ASCII);
    int start = 0;
    for (int end = text.indexOf('\0'); end > start; end = text.indexOf('\0', start)) {
      int equals = text.indexOf('=', start);
      variables.put(text.substring(start, equals), text.substring(equals + 1, end));
      start = end + 1;
    }
    return variables;
  }

  private static int crc(byte[] content) {
    CRC32 crc = new CRC32();
    crc.update(content);
    return (int) crc.getValue();
  }
}
