package dev.suture.fuzz;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Every small damage to one valid sample of a format, in a fixed order: cut at every offset, each
 * bit flipped, each byte of it doubled or left out, and each number in it set to its boundaries.
 *
 * @param <T> what the format's parser reads
 */
public final class Sweep<T> {
  /** A number of a JSON text outside its strings, or a string's content made of digits alone. */
  private static final Pattern JSON_NUMBER =
      Pattern.compile("(?<=[:\\[,\"= ])-?[0-9]{1,19}(?=[\\s,\\]}\"\\u0000])");

  private static final String[] JSON_VALUES = {
    "0",
    "1",
    "-1",
    "-0",
    "2",
    "127",
    "128",
    "255",
    "256",
    "32767",
    "32768",
    "65535",
    "65536",
    "2147483646",
    "2147483647",
    "2147483648",
    "-2147483648",
    "-2147483649",
    "4294967295",
    "4294967296",
    "9223372036854775806",
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775808",
    "-9223372036854775809",
    "18446744073709551615",
    "1e9",
    "1.5",
    "00",
    "99999999999999999999999999",
    "null",
    "true",
    "\"\"",
    "[]",
    "{}"
  };

  private final ParserContract<T> contract;
  private final byte[] sample;
  private final T value;
  private final Set<Input> inputs = new LinkedHashSet<>();
  private int truncations;
  private int flips;
  private int edits;
  private int numbers;
  private UnaryOperator<byte[]> seal = UnaryOperator.identity();

  private Sweep(ParserContract<T> contract, byte[] sample, T value) {
    this.contract = contract;
    this.sample = sample.clone();
    this.value = value;
  }

  /** An input, compared by content. */
  private record Input(String text) {
    static Input of(byte[] bytes) {
      return new Input(new String(bytes, StandardCharsets.ISO_8859_1));
    }

    byte[] bytes() {
      return text.getBytes(StandardCharsets.ISO_8859_1);
    }
  }

  /** Around this sample, which the parser must accept. */
  public static <T> Sweep<T> around(ParserContract<T> contract, byte[] sample) {
    Optional<T> value = contract.check(sample);
    for (int length = sample.length; length > 0; length /= 2) {
      contract.check(Arrays.copyOf(sample, length / 2));
    }
    contract.warmedUp();
    return new Sweep<>(
        contract,
        sample,
        value.orElseThrow(
            () -> new AssertionError(contract.name() + ": expected to accept the sample")));
  }

  /** What makes a damaged input's checksum true again; the sample is without it. */
  public Sweep<T> sealedBy(UnaryOperator<byte[]> sealer) {
    seal = sealer;
    return this;
  }

  /** Cut at every offset, every bit flipped. */
  public Sweep<T> everyBit() {
    for (int length = 0; length < sample.length; length++) {
      truncations += add(Arrays.copyOf(sample, length));
    }
    for (int i = 0; i < sample.length; i++) {
      for (int bit = 0; bit < 8; bit++) {
        byte[] flipped = sample.clone();
        flipped[i] ^= (byte) (1 << bit);
        flips += add(flipped);
      }
    }
    return this;
  }

  /** As {@link #everyBit}, and every byte doubled, every byte left out, a zero behind the end. */
  public Sweep<T> everyByte() {
    everyBit();
    for (int i = 0; i < sample.length; i++) {
      byte[] doubled = new byte[sample.length + 1];
      System.arraycopy(sample, 0, doubled, 0, i + 1);
      System.arraycopy(sample, i, doubled, i + 1, sample.length - i);
      edits += add(doubled);
      byte[] shorter = new byte[sample.length - 1];
      System.arraycopy(sample, 0, shorter, 0, i);
      System.arraycopy(sample, i + 1, shorter, i, sample.length - i - 1);
      edits += add(shorter);
    }
    edits += add(Arrays.copyOf(sample, sample.length + 1));
    return this;
  }

  /** A little-endian number of the sample at its boundaries. */
  public Sweep<T> number(int at, int length) {
    return number(at, length, false);
  }

  /** A big-endian number of the sample at its boundaries. */
  public Sweep<T> bigEndianNumber(int at, int length) {
    return number(at, length, true);
  }

  private Sweep<T> number(int at, int length, boolean bigEndian) {
    List<Long> values = new ArrayList<>(List.of(0L, 1L, 2L, -1L, -2L));
    for (int bit = 7; bit < 8 * length; bit++) {
      values.addAll(List.of((1L << bit) - 1, 1L << bit, (1L << bit) + 1, -(1L << bit)));
    }
    for (long number : values) {
      numbers += add(Bytes.with(sample, at, length, number, bigEndian));
    }
    return this;
  }

  /** Every number of the sample, which is a text, at boundaries and as something else. */
  public Sweep<T> textNumbers() {
    String text = new String(sample, StandardCharsets.UTF_8);
    Matcher matcher = JSON_NUMBER.matcher(text);
    while (matcher.find()) {
      for (String replacement : JSON_VALUES) {
        numbers +=
            add(
                Bytes.of(
                    text.substring(0, matcher.start())
                        + replacement
                        + text.substring(matcher.end())));
      }
    }
    return this;
  }

  /** A text of the sample that is {@code prefix} and a value, with each of these values. */
  public Sweep<T> values(String text, String prefix, String... values) {
    String whole = new String(sample, StandardCharsets.ISO_8859_1);
    int at = whole.indexOf(text);
    if (at < 0) {
      throw new AssertionError(contract.name() + ": expected " + text + " in the sample");
    }
    for (String one : values) {
      String changed = whole.substring(0, at) + prefix + one + whole.substring(at + text.length());
      numbers += add(changed.getBytes(StandardCharsets.ISO_8859_1));
    }
    return this;
  }

  private int add(byte[] input) {
    return !Arrays.equals(input, sample) && inputs.add(Input.of(input)) ? 1 : 0;
  }

  /** Tries all; none may be accepted. */
  public void noneIsAccepted() {
    run("none accepted", (input, got) -> false);
  }

  /** Tries all; what is accepted must read as the sample does. */
  public void acceptedIsTheSample() {
    run("accepted ones read as the sample", (input, got) -> got.equals(value));
  }

  /** Tries all for the contract alone: the format has no checksum of its own. */
  public void keepsTheContract() {
    run("accepted ones keep the contract", (input, got) -> true);
  }

  private void run(String claim, BiPredicate<byte[], T> allowed) {
    int accepted = 0;
    for (Input one : inputs) {
      byte[] input = seal.apply(one.bytes());
      Optional<T> got = contract.check(input);
      if (got.isPresent()) {
        accepted++;
        if (!allowed.test(input, got.get())) {
          throw new AssertionError(
              contract.name() + ": " + claim + ", but one was: " + Bytes.shown(input));
        }
      }
    }
    System.out.println(
        String.format(
            Locale.ROOT,
            "sweep %s: sample %d bytes; %d cut, %d bits flipped, %d bytes doubled or left out,"
                + " %d numbers; %d inputs, %d accepted (%s); at most %d bytes allocated",
            contract.name(),
            sample.length,
            truncations,
            flips,
            edits,
            numbers,
            inputs.size(),
            accepted,
            claim,
            contract.allocatedMost()));
  }
}
