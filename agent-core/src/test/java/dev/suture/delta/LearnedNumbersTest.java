package dev.suture.delta;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LearnedNumbersTest {
  private final LearnedNumbers numbers = new LearnedNumbers();

  @Test
  void predict_ofWhatWasSeen_isWhatItBecame() {
    numbers.learn(1000, 1010);
    numbers.learn(1001, 77);
    assertThat(numbers.predict(1000)).isEqualTo(1010);
    assertThat(numbers.predict(1001)).isEqualTo(77);
  }

  @Test
  void predict_nearToWhatWasSeen_movesAsFar() {
    numbers.learn(1000, 1010);
    numbers.learn(90_000, 90_000);
    assertThat(numbers.predict(1001)).isEqualTo(1011);
    assertThat(numbers.predict(90_001)).isEqualTo(90_001);
  }

  @Test
  void predict_ofAnyOther_movesAsTheLastOne() {
    assertThat(numbers.predict(5)).isEqualTo(5);
    numbers.learn(1000, 1010);
    assertThat(numbers.predict(50_000)).isEqualTo(50_010);
  }

  /** Two numbers with the same place in the table. */
  @Test
  void learn_ofMoreThanThereIsRoomFor_forgetsTheEarlierOne() {
    numbers.learn(7, 8);
    numbers.learn(7 + LearnedNumbers.ENTRIES, 50);
    numbers.learn(500_000, 500_000);
    // The range is another one, so that its shift is kept as long as its place is.
    assertThat(numbers.predict(7 + LearnedNumbers.ENTRIES)).isEqualTo(50);
    assertThat(numbers.predict(-1)).isEqualTo(-1);
  }
}
