package dev.suture.publisher.delta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SuffixArrayTest {
  private static int[] sorted(byte[] text) throws InterruptedException {
    return SuffixArray.of(text, new Meter(Progress.NONE, "sorting", 1, 1));
  }

  /** Compares suffixes byte by byte. */
  private static int[] naive(byte[] text) {
    return IntStream.range(0, text.length)
        .boxed()
        .sorted((a, b) -> Arrays.compareUnsigned(text, a, text.length, text, b, text.length))
        .mapToInt(Integer::intValue)
        .toArray();
  }

  private static byte[] random(Random random, int bytes, int values) {
    byte[] text = new byte[bytes];
    for (int i = 0; i < bytes; i++) {
      text[i] = (byte) (random.nextInt(values) * 255 / Math.max(1, values - 1));
    }
    return text;
  }

  private static byte[] fibonacci(int bytes) {
    String shorter = "b";
    String longer = "a";
    while (longer.length() < bytes) {
      String next = longer + shorter;
      shorter = longer;
      longer = next;
    }
    return ascii(longer.substring(0, bytes));
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  @Test
  void of_knownTexts_isTheKnownOrder() throws Exception {
    assertThat(sorted(new byte[0])).isEmpty();
    assertThat(sorted(new byte[] {-1})).containsExactly(0);
    assertThat(sorted(ascii("banana"))).containsExactly(5, 3, 1, 0, 4, 2);
    assertThat(sorted(ascii("mississippi"))).containsExactly(10, 7, 4, 1, 0, 9, 8, 6, 3, 5, 2);
    // Bytes are unsigned.
    assertThat(sorted(new byte[] {-128, 127, 0, -1})).containsExactly(2, 1, 0, 3);
  }

  @Test
  void of_everyTextOfThreeLettersUpToNineBytes_isAsSortedNaively() throws Exception {
    for (int length = 0; length <= 9; length++) {
      byte[] text = new byte[length];
      int texts = (int) Math.pow(3, length);
      for (int number = 0; number < texts; number++) {
        int rest = number;
        for (int i = 0; i < length; i++) {
          text[i] = (byte) (rest % 3 * 120);
          rest /= 3;
        }
        assertThat(sorted(text)).as(Arrays.toString(text)).isEqualTo(naive(text));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 16, 64, 256})
  void of_randomTexts_isAsSortedNaively(int values) throws Exception {
    Random random = new Random(values);
    for (int round = 0; round < 100; round++) {
      byte[] text = random(random, random.nextInt(2000), values);
      assertThat(sorted(text)).as("round %d", round).isEqualTo(naive(text));
    }
  }

  @Test
  void of_repeatedTexts_isAsSortedNaively() throws Exception {
    Random random = new Random(11);
    for (int period = 1; period <= 60; period++) {
      byte[] part = random(random, period, 1 + random.nextInt(4));
      byte[] text = new byte[1500 + random.nextInt(500)];
      for (int i = 0; i < text.length; i++) {
        text[i] = part[i % period];
      }
      assertThat(sorted(text)).as("period %d", period).isEqualTo(naive(text));
      text[random.nextInt(text.length)]++;
      assertThat(sorted(text)).as("period %d, disturbed", period).isEqualTo(naive(text));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 5, 8, 100, 987, 988, 6765, 10_000})
  void of_fibonacciWords_isAsSortedNaively(int bytes) throws Exception {
    byte[] text = fibonacci(bytes);
    assertThat(sorted(text)).isEqualTo(naive(text));
  }

  @Test
  void of_millionsOfEqualBytes_isBackwards() throws Exception {
    int bytes = 3_000_000;
    int[] order = sorted(new byte[bytes]);
    assertThat(order).isEqualTo(IntStream.range(0, bytes).map(i -> bytes - 1 - i).toArray());
  }

  /** Checks order without comparing whole suffixes: by the ranks of what follows the first byte. */
  @ParameterizedTest
  @ValueSource(ints = {2, 5, 256})
  void of_millionsOfBytes_isAnOrderedPermutation(int values) throws Exception {
    assertOrdered(random(new Random(values), 3_000_000, values));
  }

  @Test
  void of_aLongFibonacciWord_isAnOrderedPermutation() throws Exception {
    assertOrdered(fibonacci(3_000_000));
  }

  private static void assertOrdered(byte[] text) throws InterruptedException {
    int[] order = sorted(text);
    int[] rank = new int[text.length + 1];
    Arrays.fill(rank, -1);
    for (int i = 0; i < order.length; i++) {
      assertThat(rank[order[i]]).isEqualTo(-1);
      rank[order[i]] = i;
    }
    for (int i = 1; i < order.length; i++) {
      int before = order[i - 1];
      int after = order[i];
      int first = Byte.compareUnsigned(text[before], text[after]);
      if (first > 0 || (first == 0 && rank[before + 1] >= rank[after + 1])) {
        throw new AssertionError("places " + (i - 1) + " and " + i + " are in the wrong order");
      }
    }
  }

  @Test
  void of_aText_reportsRisingProgress() throws Exception {
    List<Long> done = new ArrayList<>();
    Meter meter = new Meter((stage, at, total) -> done.add(at), "sorting", 30_000_000, 77);
    SuffixArray.of(random(new Random(1), 3_000_000, 256), meter);
    assertThat(done).hasSizeGreaterThan(10).isSorted().allMatch(at -> at <= 77);
    meter.finish();
    assertThat(done).endsWith(77L);
  }

  /** Interrupts at every report in turn. */
  @Test
  void of_whenInterrupted_stops() throws Exception {
    byte[] text = random(new Random(1), 3000, 4);
    int[] reports = {0};
    SuffixArray.of(text, new Meter((stage, at, total) -> reports[0]++, "sorting", 1, 1));
    assertThat(reports[0]).isGreaterThan(10);
    for (int i = 0; i < reports[0] - 1; i++) {
      int[] left = {i};
      Progress interrupting =
          (stage, at, total) -> {
            if (left[0]-- == 0) {
              Thread.currentThread().interrupt();
            }
          };
      assertThatThrownBy(() -> SuffixArray.of(text, new Meter(interrupting, "sorting", 1, 1)))
          .as("report %d", i)
          .isInstanceOf(InterruptedException.class);
    }
  }
}
