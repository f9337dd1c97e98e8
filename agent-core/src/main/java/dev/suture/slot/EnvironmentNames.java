package dev.suture.slot;

import dev.suture.protocol.Slot;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * What the variables of an environment are called that are the activation record.
 * docs/adr/0017-boot-control-adapters.md lists them.
 */
public enum EnvironmentNames {
  /** Those of the raw record: {@code su_active}, {@code su_trial} and so on. */
  SUTURE("suture") {
    @Override
    SortedMap<String, String> variables(ActivationRecord record) {
      return ActivationRecordCodec.variables(record);
    }

    @Override
    ActivationRecord record(UbootEnvironment environment) {
      SortedMap<String, String> found = new TreeMap<>();
      for (String name : variables(ActivationRecord.factory('a')).keySet()) {
        optional(environment, name).ifPresent(value -> found.put(name, value));
      }
      return ActivationRecordCodec.record(found);
    }
  },

  /**
   * Those that RAUC's boot scripts know: {@code BOOT_ORDER}, first what is on trial, then what is
   * active, {@code base} at the end; {@code BOOT_A_LEFT} and {@code BOOT_B_LEFT}, how often a slot
   * may still be started. All else is in {@code suture}, and in {@code suture_trial} and {@code
   * suture_os}, which a boot script may want to compare with; none changes them.
   *
   * <p>{@code rauc status mark-good} fills a count up. So {@code suture} has our own counts as
   * well: of both, the one with less left counts.
   */
  RAUC("rauc") {
    @Override
    SortedMap<String, String> variables(ActivationRecord record) {
      SortedMap<String, String> all = ActivationRecordCodec.variables(record);
      List<String> words = new ArrayList<>();
      IN_SUTURE.forEach(name -> words.add(all.getOrDefault(name, "")));
      SortedMap<String, String> variables = new TreeMap<>();
      variables.put(SUTURE_VARIABLE, String.join(" ", words));
      variables.put(TRIAL_VARIABLE, all.getOrDefault("su_trial", ""));
      variables.put(OS_VARIABLE, all.getOrDefault("su_os", ""));
      variables.put(ORDER, String.join(" ", order(record)));
      for (Slot slot : SLOTS) {
        int left =
            record.isOnTrial(slot)
                ? record.tries()
                : record.active() == slot ? ActivationRecord.STARTS_MAX - record.starts() : 0;
        variables.put(leftOf(slot), Integer.toHexString(left));
      }
      return variables;
    }

    @Override
    ActivationRecord record(UbootEnvironment environment) {
      return withCounts(own(environment), environment);
    }

    @Override
    Optional<ActivationRecord> startCounted(UbootEnvironment environment, Slot slot) {
      return record(environment).startCounted(slot, own(environment));
    }
  };

  /** Never empty: U-Boot has no empty variables, and without one RAUC's script makes up "A B". */
  private static final String ORDER = "BOOT_ORDER";

  private static final String SUTURE_VARIABLE = "suture";
  private static final String TRIAL_VARIABLE = "suture_trial";
  private static final String OS_VARIABLE = "suture_os";

  /** The words of {@link #SUTURE_VARIABLE}, by the names that they have otherwise. */
  private static final List<String> IN_SUTURE =
      Arrays.asList(
          "su_v",
          "su_seq",
          "su_active",
          "su_a",
          "su_a_id",
          "su_b",
          "su_b_id",
          "su_starts",
          "su_tries");

  /** Without the last two: from before there were counts of our own. */
  private static final int WORDS_MIN = 7;

  private static final List<Slot> SLOTS = Arrays.asList(Slot.A, Slot.B);
  private static final Pattern COUNT = Pattern.compile("[0-9a-fA-F]");
  private static final int HEXADECIMAL = 16;

  /** Longer than anything that is written. */
  private static final int VALUE_CHARS_MAX = 200;

  private final String word;

  EnvironmentNames(String word) {
    this.word = word;
  }

  /** The record as variables. */
  abstract SortedMap<String, String> variables(ActivationRecord record);

  /**
   * The record that is in an environment.
   *
   * @throws IllegalArgumentException if there is none, or its parts contradict each other
   */
  abstract ActivationRecord record(UbootEnvironment environment);

  /**
   * The record behind a start of this slot that the boot script has counted. Where others fill its
   * counts up, we count it too, and the record is the next one.
   *
   * @return empty if by our own count no start was left
   * @throws IllegalArgumentException as {@link #record}
   */
  Optional<ActivationRecord> startCounted(UbootEnvironment environment, Slot slot) {
    return Optional.of(record(environment));
  }

  /** How the configuration calls it. */
  public String word() {
    return word;
  }

  /**
   * The names with this word.
   *
   * @throws IllegalArgumentException if there are none
   */
  public static EnvironmentNames ofWord(String word) {
    for (EnvironmentNames names : values()) {
      if (names.word.equals(word)) {
        return names;
      }
    }
    throw new IllegalArgumentException("expected suture or rauc, got \"" + word + "\"");
  }

  private static List<String> order(ActivationRecord record) {
    List<String> order = new ArrayList<>();
    record.trial().ifPresent(trial -> order.add(name(trial)));
    if (record.active() != Slot.BASE) {
      order.add(name(record.active()));
    }
    order.add(name(Slot.BASE));
    return order;
  }

  private static String name(Slot slot) {
    return slot == Slot.BASE ? slot.word() : slot.word().toUpperCase(Locale.ROOT);
  }

  private static String leftOf(Slot slot) {
    return "BOOT_" + name(slot) + "_LEFT";
  }

  /** The record with our own counts, which nobody changes but us. */
  private static ActivationRecord own(UbootEnvironment environment) {
    String[] words = required(environment, SUTURE_VARIABLE).split(" ", -1);
    if (words.length != IN_SUTURE.size() && words.length != WORDS_MIN) {
      throw new IllegalArgumentException(
          "activation record: expected "
              + IN_SUTURE.size()
              + " words in "
              + SUTURE_VARIABLE
              + ", got "
              + words.length);
    }
    SortedMap<String, String> all = new TreeMap<>();
    all.put("su_tries", Integer.toHexString(ActivationRecord.TRIES_MAX));
    for (int i = 0; i < words.length; i++) {
      all.put(IN_SUTURE.get(i), words[i]);
    }
    all.put("su_trial", required(environment, TRIAL_VARIABLE));
    all.put("su_os", required(environment, OS_VARIABLE));
    return ActivationRecordCodec.record(all);
  }

  /**
   * The record with what the boot script counted, as far as nobody has filled it up again. What was
   * taken out of the order is given up.
   */
  private static ActivationRecord withCounts(ActivationRecord own, UbootEnvironment environment) {
    int starts =
        own.active() == Slot.BASE
            ? 0
            : Math.max(own.starts(), ActivationRecord.STARTS_MAX - left(environment, own.active()));
    int tries =
        own.trial().isPresent() ? Math.min(own.tries(), left(environment, own.trial().get())) : 0;
    ActivationRecord counted = own.withCounts(starts, tries);
    List<String> found = Arrays.asList(required(environment, ORDER).trim().split(" +", -1));
    ActivationRecord left = counted;
    if (counted.active() != Slot.BASE && !found.contains(name(counted.active()))) {
      left = left.givenUpByOthers(counted.active());
    }
    if (counted.trial().isPresent() && !found.contains(name(counted.trial().get()))) {
      left = left.givenUpByOthers(counted.trial().get());
    }
    if (found.equals(order(left))) {
      return left;
    }
    throw new IllegalArgumentException(
        "activation record: expected "
            + ORDER
            + " \""
            + String.join(" ", order(counted))
            + "\", got \""
            + String.join(" ", found)
            + "\"");
  }

  private static int left(UbootEnvironment environment, Slot slot) {
    String value = required(environment, leftOf(slot));
    if (!COUNT.matcher(value).matches()) {
      throw new IllegalArgumentException(
          "activation record: expected "
              + leftOf(slot)
              + " to be one hexadecimal digit, got \""
              + value
              + "\"");
    }
    return Integer.parseInt(value, HEXADECIMAL);
  }

  private static String required(UbootEnvironment environment, String name) {
    return optional(environment, name)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "activation record: expected " + name + ", got nothing"));
  }

  /** Anybody may have written it: what is longer, or not for people, is not even told. */
  private static Optional<String> optional(UbootEnvironment environment, String name) {
    Optional<String> value = environment.value(name);
    if (value.isPresent()
        && (value.get().length() > VALUE_CHARS_MAX
            || value.get().chars().anyMatch(one -> one < ' ' || one > '~'))) {
      throw new IllegalArgumentException(
          "activation record: expected "
              + name
              + " to have at most "
              + VALUE_CHARS_MAX
              + " printable characters, got others, or "
              + value.get().length());
    }
    return value;
  }
}
