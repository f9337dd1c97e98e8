package dev.suture.slot;

import dev.suture.protocol.Sha256;
import dev.suture.protocol.Slot;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.zip.CRC32;

/**
 * One copy of the activation record: a U-Boot environment, which the boot script reads with {@code
 * env import -c} and writes with {@code env export -c}. Little-endian CRC-32 of the following 508
 * bytes; then {@code name=value} ended by NUL each, one more NUL, NULs up to 512 bytes.
 * docs/adr/0003-activation-record.md lists the variables.
 */
public final class ActivationRecordCodec {
  /** Length of one copy. */
  public static final int BYTES = 512;

  private static final int CRC_BYTES = 4;
  private static final String FORMAT = "1";
  private static final String NOTHING = "-";
  private static final String NO_TRIAL = "none";

  private ActivationRecordCodec() {}

  /** The record as one copy. */
  public static byte[] encode(ActivationRecord record) {
    Map<String, String> variables = variables(record);
    byte[] copy = new byte[BYTES];
    int end = CRC_BYTES;
    for (Map.Entry<String, String> variable : variables.entrySet()) {
      byte[] text =
          (variable.getKey() + "=" + variable.getValue()).getBytes(StandardCharsets.US_ASCII);
      System.arraycopy(text, 0, copy, end, text.length);
      end += text.length + 1;
    }
    ByteBuffer.wrap(copy).order(ByteOrder.LITTLE_ENDIAN).putInt(0, (int) crc(copy));
    return copy;
  }

  /**
   * Reads one copy.
   *
   * @throws IllegalArgumentException if it is not a valid record: wrong length, checksum, format, a
   *     variable that is missing or has no valid value, or a slot that is active or on trial
   *     without being whole
   */
  public static ActivationRecord decode(byte[] copy) {
    if (copy.length != BYTES) {
      throw new IllegalArgumentException(
          "activation record: expected " + BYTES + " bytes, got " + copy.length);
    }
    long expected = ByteBuffer.wrap(copy).order(ByteOrder.LITTLE_ENDIAN).getInt() & 0xffff_ffffL;
    if (expected != crc(copy)) {
      throw new IllegalArgumentException(
          String.format(
              java.util.Locale.ROOT,
              "activation record: expected CRC-32 %08x, got %08x",
              expected,
              crc(copy)));
    }
    return record(variables(copy));
  }

  /** The variables of a record, by name. */
  static SortedMap<String, String> variables(ActivationRecord record) {
    SortedMap<String, String> variables = new TreeMap<>();
    variables.put("su_v", FORMAT);
    variables.put("su_seq", Long.toHexString(record.sequence()));
    variables.put("su_active", record.active().word());
    variables.put("su_starts", Integer.toHexString(record.starts()));
    variables.put("su_trial", record.trial().map(Slot::word).orElse(NO_TRIAL));
    variables.put("su_tries", Integer.toHexString(record.tries()));
    variables.put("su_a", record.a().state().word());
    variables.put("su_a_id", record.a().manifest().map(Sha256::hex).orElse(NOTHING));
    variables.put("su_b", record.b().state().word());
    variables.put("su_b_id", record.b().manifest().map(Sha256::hex).orElse(NOTHING));
    variables.put("su_os", String.valueOf(record.osSlot()));
    return variables;
  }

  /**
   * Reads these variables, and no others.
   *
   * @throws IllegalArgumentException if they are no record, as for {@link #decode}
   */
  static ActivationRecord record(Map<String, String> variables) {
    if (!FORMAT.equals(variables.get("su_v"))) {
      throw new IllegalArgumentException(
          "activation record: expected format 1, got " + variables.get("su_v"));
    }
    String trial = variable(variables, "su_trial");
    String tries = variable(variables, "su_tries");
    String os = variable(variables, "su_os");
    if (os.length() != 1) {
      throw new IllegalArgumentException(
          "activation record: expected su_os a or b, got \"" + os + "\"");
    }
    ActivationRecord record =
        new ActivationRecord(
            Long.parseLong(variable(variables, "su_seq"), 16),
            Slot.ofWord(variable(variables, "su_active")),
            // A record from before starts were counted has none.
            Integer.parseInt(variables.getOrDefault("su_starts", "0"), 16),
            trial.equals(NO_TRIAL) ? Optional.empty() : Optional.of(Slot.ofWord(trial)),
            trial.equals(NO_TRIAL) ? 0 : Integer.parseInt(tries, 16),
            content(variables, "su_a"),
            content(variables, "su_b"),
            os.charAt(0));
    requireWhole(record, record.active());
    record.trial().ifPresent(slot -> requireWhole(record, slot));
    return record;
  }

  /** Neither agent nor bootloader writes a record that starts what is not whole. */
  private static void requireWhole(ActivationRecord record, Slot slot) {
    SlotContent.State state = record.content(slot).state();
    if (slot != Slot.BASE && state != SlotContent.State.WHOLE) {
      throw new IllegalArgumentException(
          "activation record: expected a whole slot "
              + slot.word()
              + " where it is active or on trial, got "
              + state.word());
    }
  }

  private static SlotContent content(Map<String, String> variables, String name) {
    String manifest = variable(variables, name + "_id");
    return new SlotContent(
        SlotContent.State.ofWord(variable(variables, name)),
        manifest.equals(NOTHING) ? Optional.empty() : Optional.of(Sha256.ofHex(manifest)));
  }

  private static String variable(Map<String, String> variables, String name) {
    String value = variables.get(name);
    if (value == null) {
      throw new IllegalArgumentException("activation record: expected " + name + ", got nothing");
    }
    return value;
  }

  private static Map<String, String> variables(byte[] copy) {
    Map<String, String> variables = new LinkedHashMap<>();
    int start = CRC_BYTES;
    for (int i = CRC_BYTES; i < BYTES; i++) {
      if (copy[i] != 0) {
        continue;
      }
      if (i == start) {
        break;
      }
      String text = new String(Arrays.copyOfRange(copy, start, i), StandardCharsets.US_ASCII);
      int equals = text.indexOf('=');
      if (equals > 0) {
        variables.put(text.substring(0, equals), text.substring(equals + 1));
      }
      start = i + 1;
    }
    return variables;
  }

  private static long crc(byte[] copy) {
    CRC32 crc = new CRC32();
    crc.update(copy, CRC_BYTES, BYTES - CRC_BYTES);
    return crc.getValue();
  }
}
