package dev.suture.publisher.delta;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SuffixMatcherTest {
  @TempDir Path folder = Path.of("replaced by JUnit");

  private MappedImage mapped(String name, byte[] content) throws Exception {
    return MappedImage.map(Files.write(folder.resolve(name), content));
  }

  private static byte[] random(Random random, int bytes, int values) {
    byte[] text = new byte[bytes];
    for (int i = 0; i < bytes; i++) {
      text[i] = (byte) (random.nextInt(values) * 255 / Math.max(1, values - 1));
    }
    return text;
  }

  private static int run(byte[] image, int position, byte[] base, int basePosition) {
    int run = 0;
    while (position + run < image.length
        && basePosition + run < base.length
        && image[position + run] == base[basePosition + run]) {
      run++;
    }
    return run;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 8, 256})
  void find_atEveryPosition_isAsLongAsAnyMatch(int values) throws Exception {
    assertFindsTheLongest(values, 2, 20);
  }

  /** As with large bases. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 8, 256})
  void find_byThreeBytesFirst_isAsLongAsAnyMatch(int values) throws Exception {
    assertFindsTheLongest(values, 3, 8);
  }

  /** Asks at every position of the image, and compares with every position of the base. */
  private void assertFindsTheLongest(int values, int prefixBytes, int rounds) throws Exception {
    Random random = new Random(values);
    for (int round = 0; round < rounds; round++) {
      byte[] base = random(random, 1 + random.nextInt(300), values);
      byte[] image = random(random, 1 + random.nextInt(300), values);
      int shared = random.nextInt(Math.min(base.length, image.length));
      System.arraycopy(base, base.length - shared, image, 0, shared);
      SuffixMatcher matcher =
          new SuffixMatcher(
              mapped("base", base), mapped("image", image), prefixBytes, Progress.NONE);
      for (int at = 0; at < image.length; at++) {
        int longest = 0;
        for (int i = 0; i < base.length; i++) {
          longest = Math.max(longest, run(image, at, base, i));
        }
        long found = matcher.find(at, random.nextInt(600) - 300);
        // Of a shorter match than a prefix nothing is promised.
        assertThat(found).isBetween(longest < prefixBytes ? 0L : longest, (long) longest);
        assertThat(run(image, at, base, (int) matcher.basePosition()))
            .isGreaterThanOrEqualTo((int) found);
      }
    }
  }

  @Test
  void basePosition_ofEqualMatches_isNearTheExpectedOne() throws Exception {
    byte[] base = random(new Random(1), 5000, 256);
    byte[] part = random(new Random(2), 40, 256);
    for (int at = 500; at < 5000; at += 500) {
      System.arraycopy(part, 0, base, at, part.length);
    }
    SuffixMatcher matcher =
        new SuffixMatcher(mapped("base", base), mapped("image", part), Progress.NONE);
    for (int expected : new int[] {-100, 490, 500, 1400, 2600, 4400, 6000}) {
      assertThat(matcher.find(0, expected)).isEqualTo(40);
      assertThat(matcher.basePosition())
          .isEqualTo(Math.min(4500, Math.max(500, (expected + 250) / 500 * 500)));
    }
  }
}
