package dev.suture.delta;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

/** Words as GNU as 2.40 makes them of the text beside them. */
class LearnedOffsetsTest {
  /** {@code ldr x3, [sp, #0x78]}. */
  private static final int LOAD_78 = 0xf9403fe3;

  /** {@code ldr x3, [sp, #0x98]}. */
  private static final int LOAD_98 = 0xf9404fe3;

  /** {@code str x7, [sp, #0x78]}, and with 0x98. */
  private static final int STORE_78 = 0xf9003fe7;

  private static final int STORE_98 = 0xf9004fe7;

  /** {@code str w7, [sp, #0x14]}, and with 0x34. */
  private static final int NARROW_14 = 0xb90017e7;

  private static final int NARROW_34 = 0xb90037e7;

  /** {@code add x1, sp, #0x30}, and with 0x50. */
  private static final int ADD_30 = 0x9100c3e1;

  private static final int ADD_50 = 0x910143e1;

  /** {@code str q0, [sp, #0x40]}, and with 0x60. */
  private static final int WIDE_40 = 0x3d8013e0;

  private static final int WIDE_60 = 0x3d801be0;

  /** {@code stp x19, x20, [sp, #0x10]}, and with 0x50. */
  private static final int PAIR_10 = 0xa90153f3;

  private static final int PAIR_50 = 0xa90553f3;

  /** {@code ldr x1, [x5, #0x18]}; {@code ldr x2, [x9, #0x18]}, and with 0x20. */
  private static final int MEMBER_18 = 0xf9400ca1;

  private static final int MEMBER_20 = 0xf94010a1;
  private static final int OTHER_MEMBER_18 = 0xf9400d22;
  private static final int OTHER_MEMBER_20 = 0xf9401122;

  private static final int RET = 0xd65f03c0;
  private static final int NOP = 0xd503201f;

  /** {@code add w6, w6, #0x30, lsl #12}. */
  private static final int SHIFTED = 0x1140c0c6;

  private final LearnedOffsets offsets = new LearnedOffsets();

  @Test
  void predict_whatWasNeverSeen_isTheBase() {
    for (int word : new int[] {LOAD_78, ADD_30, PAIR_10, MEMBER_18, RET, NOP, SHIFTED, 0, -1}) {
      assertThat(offsets.predict(word)).isEqualTo(word);
    }
  }

  @Test
  void predict_offsetOfAMemberThatMoved_isTheNewOneWhateverTheRegisters() {
    offsets.learn(MEMBER_18, MEMBER_20);
    assertThat(offsets.predict(OTHER_MEMBER_18)).isEqualTo(OTHER_MEMBER_20);
    offsets.learn(NOP, RET);
    assertThat(offsets.predict(OTHER_MEMBER_18)).isEqualTo(OTHER_MEMBER_20);

    offsets.learn(OTHER_MEMBER_18, OTHER_MEMBER_18);
    assertThat(offsets.predict(MEMBER_18)).isEqualTo(MEMBER_18);
  }

  @Test
  void predict_offsetFromTheStackPointer_movesAsTheLastOneInTheFunction() {
    offsets.learn(LOAD_78, LOAD_98);
    assertThat(offsets.predict(STORE_78)).isEqualTo(STORE_98);
    assertThat(offsets.predict(NARROW_14)).isEqualTo(NARROW_34);
    assertThat(offsets.predict(ADD_30)).isEqualTo(ADD_50);
    assertThat(offsets.predict(WIDE_40)).isEqualTo(WIDE_60);

    // What was seen itself counts more than what the last one did.
    offsets.learn(ADD_30, ADD_30);
    assertThat(offsets.predict(LOAD_78)).isEqualTo(LOAD_98);
    assertThat(offsets.predict(NARROW_14)).isEqualTo(NARROW_14);
  }

  @Test
  void predict_behindTheReturn_isAnotherFrame() {
    offsets.learn(LOAD_78, LOAD_98);
    offsets.learn(RET, RET);
    assertThat(offsets.predict(LOAD_78)).isEqualTo(LOAD_78);
    assertThat(offsets.predict(NARROW_14)).isEqualTo(NARROW_14);
  }

  @Test
  void predict_offsetThatWouldNotFit_isTheBase() {
    // By an odd number of bytes, and below zero.
    offsets.learn(ADD_30, ADD_30 + (1 << 10));
    assertThat(offsets.predict(NARROW_14)).isEqualTo(NARROW_14);
    offsets.learn(LOAD_98, LOAD_78);
    assertThat(offsets.predict(NARROW_14)).isEqualTo(NARROW_14);
  }

  @Test
  void predict_pairs_asTheyWereSeenLast() {
    offsets.learn(PAIR_10, PAIR_50);
    assertThat(offsets.predict(PAIR_10)).isEqualTo(PAIR_50);
    assertThat(offsets.predict(LOAD_78)).isEqualTo(LOAD_78);
  }

  @Test
  void learn_anotherInstructionInItsPlace_isNoOffset() {
    offsets.learn(LOAD_78, NARROW_14);
    offsets.learn(MEMBER_18, ADD_50);
    assertThat(offsets.predict(LOAD_78)).isEqualTo(LOAD_78);
    assertThat(offsets.predict(MEMBER_18)).isEqualTo(MEMBER_18);
  }

  /** In any order: what is surely right is learned as if it had been corrected. */
  @RepeatedTest(20)
  void predictRight_ofAnyInstructions_isPredictedAndLearned(RepetitionInfo round) {
    int[] words = {LOAD_78, LOAD_98, STORE_78, NARROW_14, ADD_30, WIDE_40, PAIR_10, MEMBER_18};
    Random random = new Random(round.getCurrentRepetition());
    LearnedOffsets one = new LearnedOffsets();
    for (int i = 0; i < 500; i++) {
      int word = words[random.nextInt(words.length)];
      if (random.nextInt(8) == 0) {
        int image = random.nextBoolean() ? RET : word + (random.nextInt(4) << 15);
        one.learn(word, image);
        offsets.learn(word, image);
      } else {
        int image = one.predict(word);
        one.learn(word, image);
        assertThat(offsets.predictRight(Arm64.form(word), word)).isEqualTo(image);
      }
    }
  }
}
