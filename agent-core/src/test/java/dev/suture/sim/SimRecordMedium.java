package dev.suture.sim;

import dev.suture.protocol.Slot;
import dev.suture.slot.ActivationRecord;
import dev.suture.slot.ActivationRecordCodec;
import dev.suture.slot.BootControl;
import dev.suture.slot.SlotDevice.BootChoice;
import dev.suture.slot.TwoCopyRecord;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;

/** The raw partition of the activation record, and the boot script that reads it. */
public final class SimRecordMedium extends SimBootRecord {
  private static final int BYTES = 512;

  /** The partition of a freshly flashed device. */
  public SimRecordMedium(SimPower power) {
    super(power, ActivationRecordCodec.encode(ActivationRecord.factory('a')), new byte[BYTES]);
  }

  @Override
  public SimRecordMedium copy(SimPower other) {
    return copied(new SimRecordMedium(other));
  }

  @Override
  BootControl control(SimWiring wiring) {
    return new TwoCopyRecord(wiring.medium(this));
  }

  @Override
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
      record.put("su_tries", Integer.toHexString(tries - counted()));
      return exported(1 - newest, record)
          ? new BootChoice(Slot.ofWord(trial), true, os)
          : new BootChoice(Slot.ofWord(active), false, os);
    }
    record.put("su_trial", "none");
    record.put("su_" + trial, "failed");
    exported(1 - newest, record);
    return new BootChoice(Slot.ofWord(active), false, os);
  }

  @Override
  public boolean isValid(int copy) {
    return !imported(seen(copy).array()).isEmpty();
  }

  private boolean exported(int copy, Map<String, String> variables) {
    return isWritten(copy, exported(variables));
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
}
