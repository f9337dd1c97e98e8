package dev.suture.delta;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CopyMapTest {
  private static final int BASE_BYTES = 400;

  /** As the document says it, position by position. */
  private static long shift(CopyMap map, long position) {
    for (long at = position; at >= 0; at--) {
      int longest = -1;
      for (int i = 0; i < map.count(); i++) {
        boolean contains = at >= map.baseStart(i) && at < map.baseStart(i) + map.length(i);
        if (contains && (longest < 0 || map.length(i) > map.length(longest))) {
          longest = i;
        }
      }
      if (longest >= 0) {
        return map.imageStart(longest) - map.baseStart(longest);
      }
    }
    return 0;
  }

  private static CopyMap random(RepetitionInfo round) {
    Random random = new Random(round.getCurrentRepetition());
    int count = random.nextInt(30);
    int[] imageStarts = new int[count];
    int[] baseStarts = new int[count];
    int[] lengths = new int[count];
    int image = 0;
    for (int i = 0; i < count; i++) {
      image += random.nextInt(20);
      baseStarts[i] = random.nextInt(BASE_BYTES - 60);
      lengths[i] = 1 + random.nextInt(60);
      imageStarts[i] = image;
      image += lengths[i];
    }
    return new CopyMap(imageStarts, baseStarts, lengths);
  }

  @RepeatedTest(40)
  void shift_ofRandomCopies_isAsTheDocumentSays(RepetitionInfo round) {
    CopyMap map = random(round);
    for (int at = 0; at < BASE_BYTES; at++) {
      assertThat(map.shift(at)).as("shift of %d", at).isEqualTo(shift(map, at));
    }
  }

  @RepeatedTest(40)
  void ofWholeBase_ofRandomCopies_movesEachPositionAsFar(RepetitionInfo round) {
    CopyMap map = random(round);
    CopyMap whole = map.ofWholeBase(BASE_BYTES);
    int at = 0;
    for (int i = 0; i < whole.count(); i++) {
      assertThat(whole.baseStart(i)).isEqualTo(at);
      assertThat(whole.length(i)).isPositive();
      for (int j = 0; j < whole.length(i); j++, at++) {
        assertThat(whole.imageStart(i) + j).as("of %d", at).isEqualTo(at + map.shift(at));
      }
    }
    assertThat(at).isEqualTo(BASE_BYTES);
  }

  @Test
  void shift_withoutCopies_isZero() {
    assertThat(new CopyMap(new int[0], new int[0], new int[0]).shift(7)).isZero();
  }

  @Test
  void learned_targets_areTheNewestOfTheirPlace() {
    LearnedTargets none = new LearnedTargets(0);
    none.put(5, 6);
    assertThat(none.get(5)).isEqualTo(-1);

    LearnedTargets one = new LearnedTargets(1);
    assertThat(one.get(5)).isEqualTo(-1);
    one.put(5, 0xffff_fff0L);
    assertThat(one.get(5)).isEqualTo(0xffff_fff0L);
    for (int key = 6; key < 20; key++) {
      one.put(key, key);
      assertThat(one.get(key)).isEqualTo(key);
    }
    assertThat(one.get(5)).isEqualTo(-1);
  }

  /** Tables of few entries keep whole keys, those of many what the place leaves of them. */
  @ParameterizedTest
  @ValueSource(ints = {2, 10, LearnedTargets.NARROW_LOG_MIN - 1, LearnedTargets.NARROW_LOG_MIN, 19})
  void learned_targetsOfAnySize_areThoseOfATableOfWholeKeys(int log) {
    Random random = new Random(log);
    LearnedTargets table = new LearnedTargets(log);
    int[] keys = new int[1 << log];
    long[] targets = new long[1 << log];
    for (int i = 0; i < 200_000; i++) {
      // Neighbours too, and what shares a place with another.
      int key = random.nextInt(4) == 0 ? random.nextInt() : random.nextInt(3 << log);
      key = key == 0 ? 1 : key;
      int at = (key * 0x9E3779B1) >>> (Integer.SIZE - log);
      assertThat(table.get(key)).isEqualTo(keys[at] == key ? targets[at] : -1);
      keys[at] = key;
      targets[at] = random.nextInt() & 0xffff_ffffL;
      table.put(key, targets[at]);
    }
  }
}
