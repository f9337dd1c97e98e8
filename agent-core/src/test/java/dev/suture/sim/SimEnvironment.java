package dev.suture.sim;

import dev.suture.protocol.Slot;
import dev.suture.slot.BootControl;
import dev.suture.slot.EnvironmentNames;
import dev.suture.slot.EnvironmentRecord;
import dev.suture.slot.RecordLock;
import dev.suture.slot.SlotDevice.BootChoice;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * A redundant environment in which others have variables too, and a U-Boot with a boot script that
 * takes a start from whatever it chooses and saves the environment, before it starts anything.
 */
public final class SimEnvironment extends SimBootRecord {
  private static final int BYTES = 1024;
  private static final int HEADER_BYTES = 5;
  private static final int FLAGS = 256;
  private static final String OTHERS = "ethaddr";
  private static final String OF_OTHERS = "52:54:00:12:34:56";
  private static final String STARTS_MAX = "5";

  /** What {@code rauc status mark-good} fills a count up to. */
  private static final String ATTEMPTS = "3";

  private final boolean isRauc;
  private final boolean isMarkedGood;

  /**
   * The environment of a freshly flashed device.
   *
   * @param isMarkedGood whether its OS runs {@code rauc status mark-good}
   */
  public SimEnvironment(SimPower power, boolean isRauc, boolean isMarkedGood) {
    super(power, saved(factory(isRauc), 0), new byte[BYTES]);
    this.isRauc = isRauc;
    this.isMarkedGood = isMarkedGood;
  }

  private static Map<String, String> factory(boolean isRauc) {
    Map<String, String> variables = new TreeMap<>();
    variables.put(OTHERS, OF_OTHERS);
    if (isRauc) {
      variables.put("BOOT_ORDER", "base");
      variables.put("BOOT_A_LEFT", "0");
      variables.put("BOOT_B_LEFT", "0");
      variables.put("suture", "1 1 base empty - empty -");
      variables.put("suture_trial", "none");
      variables.put("suture_os", "a");
      return variables;
    }
    variables.put("su_v", "1");
    variables.put("su_seq", "1");
    variables.put("su_active", "base");
    variables.put("su_starts", "0");
    variables.put("su_trial", "none");
    variables.put("su_tries", "0");
    variables.put("su_a", "empty");
    variables.put("su_a_id", "-");
    variables.put("su_b", "empty");
    variables.put("su_b_id", "-");
    variables.put("su_os", "a");
    return variables;
  }

  @Override
  public SimEnvironment copy(SimPower other) {
    return copied(new SimEnvironment(other, isRauc, isMarkedGood));
  }

  @Override
  BootControl control(SimWiring wiring) {
    return new EnvironmentRecord(
        wiring.medium(this),
        isRauc ? EnvironmentNames.RAUC : EnvironmentNames.SUTURE,
        false,
        RecordLock.NONE);
  }

  @Override
  BootChoice bootloader(Function<Slot, SimFirmware.Fit> fits) {
    int current = current();
    Map<String, String> variables = loaded(seen(current).array());
    if (variables.isEmpty() && !makesUpRecords()) {
      return new BootChoice(Slot.BASE, false, 'a');
    }
    return withOwnOs(isRauc ? byOrder(variables, current) : byNames(variables, current), fits);
  }

  /** As RAUC's boot script, but that base comes when nothing else does. */
  private BootChoice byOrder(Map<String, String> variables, int current) {
    char os = variables.getOrDefault("suture_os", "a").charAt(0);
    if (makesUpRecords()) {
      variables.putIfAbsent("BOOT_ORDER", "A B");
      variables.putIfAbsent("BOOT_A_LEFT", ATTEMPTS);
      variables.putIfAbsent("BOOT_B_LEFT", ATTEMPTS);
    }
    for (String name : variables.getOrDefault("BOOT_ORDER", "").split(" ", -1)) {
      String left = "BOOT_" + name + "_LEFT";
      int starts = Integer.parseInt(variables.getOrDefault(left, "0"), 16);
      if (starts > 0) {
        variables.put(left, Integer.toHexString(starts - counted()));
        boolean isSaved = isSaved(variables, current);
        return isSaved
            ? new BootChoice(
                name.equals("A") ? Slot.A : Slot.B,
                name.equalsIgnoreCase(variables.get("suture_trial")),
                os,
                Optional.empty(),
                true)
            : new BootChoice(Slot.BASE, false, os);
      }
    }
    if (makesUpRecords() && !variables.getOrDefault("BOOT_ORDER", "").contains("base")) {
      throw new AssertionError("no slot is left: a device that starts nothing any more");
    }
    return new BootChoice(Slot.BASE, false, os, Optional.empty(), true);
  }

  private BootChoice byNames(Map<String, String> variables, int current) {
    char os = variables.getOrDefault("su_os", "a").charAt(0);
    String active = variables.getOrDefault("su_active", "base");
    String trial = variables.getOrDefault("su_trial", "none");
    int tries = Integer.parseInt(variables.getOrDefault("su_tries", "0"), 16);
    if (!trial.equals("none") && tries > 0) {
      variables.put("su_tries", Integer.toHexString(tries - counted()));
      return isSaved(variables, current)
          ? new BootChoice(Slot.ofWord(trial), true, os, Optional.empty(), true)
          : new BootChoice(Slot.ofWord(active), false, os);
    }
    String starts = variables.getOrDefault("su_starts", "0");
    if (active.equals("base") || starts.equals(STARTS_MAX)) {
      return new BootChoice(Slot.BASE, false, os, Optional.empty(), true);
    }
    variables.put("su_starts", Integer.toHexString(Integer.parseInt(starts, 16) + counted()));
    boolean isSaved = isSaved(variables, current);
    return new BootChoice(Slot.ofWord(active), false, os, Optional.empty(), isSaved);
  }

  /** {@code rauc status mark-good}: what runs has all its starts again. */
  @Override
  void osIsUp(Slot run) {
    int current = current();
    Map<String, String> variables = loaded(seen(current).array());
    if (isMarkedGood && run != Slot.BASE && !variables.isEmpty()) {
      variables.put("BOOT_" + run.name() + "_LEFT", ATTEMPTS);
      isSaved(variables, current);
    }
  }

  /** As {@code env default -a} leaves it. */
  @Override
  public void loseRecord() {
    Map<String, String> variables = new TreeMap<>();
    variables.put(OTHERS, OF_OTHERS);
    overwrite(0, saved(variables, 1));
    overwrite(1, saved(variables, 2));
  }

  /** {@code rauc status mark-bad}. */
  @Override
  public void markBad(Slot slot) {
    int current = current();
    Map<String, String> variables = loaded(seen(current).array());
    variables.put("BOOT_" + slot.name() + "_LEFT", "0");
    String order = variables.getOrDefault("BOOT_ORDER", "");
    variables.put("BOOT_ORDER", order.replace(slot.name() + " ", ""));
    isSaved(variables, current);
  }

  /** Whether others still find what they wrote. */
  @Override
  boolean isReadable() {
    return OF_OTHERS.equals(loaded(seen(current()).array()).get(OTHERS));
  }

  @Override
  public boolean isValid(int copy) {
    return !loaded(seen(copy).array()).isEmpty();
  }

  /** The first copy, unless the second one is alone, or follows it. */
  private int current() {
    if (!isValid(1)) {
      return 0;
    }
    int first = seen(0).array()[4] & 0xff;
    int second = seen(1).array()[4] & 0xff;
    boolean isWrapped = Math.abs(first - second) == FLAGS - 1;
    return !isValid(0) || (isWrapped ? second < first : second > first) ? 1 : 0;
  }

  private boolean isSaved(Map<String, String> variables, int current) {
    int next = (seen(current).array()[4] + 1) % FLAGS;
    return isWritten(1 - current, saved(variables, next));
  }

  private static byte[] saved(Map<String, String> variables, int flags) {
    StringBuilder text = new StringBuilder();
    variables.forEach((name, value) -> text.append(name).append('=').append(value).append('\0'));
    byte[] content =
        Arrays.copyOf(text.toString().getBytes(StandardCharsets.US_ASCII), BYTES - HEADER_BYTES);
    return ByteBuffer.allocate(BYTES)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt(crc(content))
        .put((byte) flags)
        .put(content)
        .array();
  }

  private static Map<String, String> loaded(byte[] copy) {
    Map<String, String> variables = new TreeMap<>();
    byte[] content = Arrays.copyOfRange(copy, HEADER_BYTES, copy.length);
    if (ByteBuffer.wrap(copy).order(ByteOrder.LITTLE_ENDIAN).getInt() == crc(content)) {
      String text = new String(content, StandardCharsets.US_ASCII);
      int start = 0;
      for (int end = text.indexOf('\0'); end > start; end = text.indexOf('\0', start)) {
        int equals = text.indexOf('=', start);
        variables.put(text.substring(start, equals), text.substring(equals + 1, end));
        start = end + 1;
      }
    }
    return variables;
  }
}
