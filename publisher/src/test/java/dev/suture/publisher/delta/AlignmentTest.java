package dev.suture.publisher.delta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class AlignmentTest {
  private static final int BYTES = 1 << 20;
  private static final long STRETCH = 1 << 16;

  @TempDir Path folder = Path.of("replaced by JUnit");

  private MappedImage mapped(String name, byte[] content) throws Exception {
    return MappedImage.map(Files.write(folder.resolve(name), content));
  }

  private static byte[] noise(long seed) {
    byte[] noise = new byte[BYTES];
    new Random(seed).nextBytes(noise);
    return noise;
  }

  /** The base in another order, with a change now and then. */
  private static byte[] shuffled(byte[] base) {
    byte[] image = new byte[BYTES];
    int half = BYTES / 2 + 12_345;
    System.arraycopy(base, half, image, 0, BYTES - half);
    System.arraycopy(base, 0, image, BYTES - half, half);
    for (int i = 777; i < BYTES; i += 5_000) {
      image[i]++;
    }
    return image;
  }

  private static List<String> list(Alignments alignments) {
    List<String> all = new ArrayList<>();
    for (int i = 0; i < alignments.count(); i++) {
      all.add(
          alignments.imagePosition(i)
              + " of "
              + alignments.basePosition(i)
              + ", "
              + alignments.length(i));
    }
    return all;
  }

  @ParameterizedTest
  @EnumSource(Matching.class)
  void of_stretches_areJoinedAsIfThereWereNone(Matching matching) throws Exception {
    byte[] content = noise(1);
    MappedImage base = mapped("base", content);
    MappedImage image = mapped("image", shuffled(content));
    List<String> whole = list(Alignment.of(base, image, matching, Progress.NONE, BYTES));
    List<String> joined = list(Alignment.of(base, image, matching, Progress.NONE, STRETCH));

    assertThat(whole).hasSize(2);
    assertThat(joined).isEqualTo(whole);
  }

  @Test
  void of_equalImages_sortsNothingAndIsOneRange() throws Exception {
    MappedImage base = mapped("base", noise(2));
    List<String> stages = new ArrayList<>();
    Alignments found =
        Alignment.of(
            base, base, Matching.SUFFIX_ARRAY, (stage, done, total) -> stages.add(stage), STRETCH);
    assertThat(list(found)).containsExactly("0 of 0, " + BYTES);
    assertThat(stages).containsOnly("comparing");
  }

  /** Whatever the threads do, and however often. */
  @Test
  void of_anImageInStretches_isAlwaysTheSameAndTellsItsProgress() throws Exception {
    byte[] content = noise(3);
    byte[] edited = shuffled(content);
    // Stretches that need no matcher lie beside ones that need it.
    System.arraycopy(content, 0, edited, 0, 4 * (int) STRETCH);
    MappedImage base = mapped("base", content);
    MappedImage image = mapped("image", Arrays.copyOf(edited, BYTES - 1234));
    List<Long> compared = new ArrayList<>();
    Progress progress =
        (stage, done, total) -> {
          assertThat(total).isEqualTo(BYTES - 1234);
          if (stage.equals("comparing")) {
            compared.add(done);
          }
        };
    List<String> first = list(Alignment.of(base, image, Matching.SUFFIX_ARRAY, progress, STRETCH));
    assertThat(compared).isSorted().endsWith(BYTES - 1234L);
    for (int i = 0; i < 5; i++) {
      assertThat(list(Alignment.of(base, image, Matching.SUFFIX_ARRAY, Progress.NONE, STRETCH)))
          .isEqualTo(first);
    }
  }

  @Test
  void of_interruptedWhileThreadsWork_stopsAllOfThem() throws Exception {
    MappedImage base = mapped("base", noise(4));
    MappedImage image = mapped("image", noise(5));
    Thread.currentThread().interrupt();
    assertThatThrownBy(
            () -> Alignment.of(base, image, Matching.SUFFIX_ARRAY, Progress.NONE, STRETCH))
        .isInstanceOf(InterruptedException.class);
    Thread.interrupted();
    assertThatThrownBy(
            () ->
                Alignment.of(
                    base,
                    image,
                    Matching.SUFFIX_ARRAY,
                    (stage, done, total) -> Thread.currentThread().interrupt(),
                    STRETCH))
        .isInstanceOf(InterruptedException.class);
  }

  @Test
  void of_aListenerThatFails_failsWithItsFailure() throws Exception {
    MappedImage base = mapped("base", noise(6));
    IOException cause = new IOException("listener");
    assertThatThrownBy(
            () ->
                Alignment.of(
                    base,
                    base,
                    Matching.WINDOWS,
                    (stage, done, total) -> {
                      throw new IllegalArgumentException(cause);
                    },
                    STRETCH))
        .hasRootCause(cause);
  }
}
