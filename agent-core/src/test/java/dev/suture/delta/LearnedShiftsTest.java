package dev.suture.delta;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LearnedShiftsTest {
  private final LearnedShifts shifts = new LearnedShifts();

  @Test
  void get_whatWasNeverSeen_isZero() {
    assertThat(shifts.get(5)).isZero();
    assertThat(shifts.get(Long.MIN_VALUE)).isZero();
  }

  @Test
  void get_ofABeginning_isItsLastDifference() {
    shifts.put(5, 24);
    shifts.put(6, -8);
    assertThat(shifts.get(5)).isEqualTo(24);
    assertThat(shifts.get(6)).isEqualTo(-8);
    shifts.put(5, 0);
    assertThat(shifts.get(5)).isZero();
  }

  /** Keys that differ in their high half alone have the same place. */
  @Test
  void get_whatHasLostItsPlace_isZero() {
    shifts.put(5, 24);
    shifts.put(5 | 1L << 40, 16);
    assertThat(shifts.get(5)).isZero();
    assertThat(shifts.get(5 | 1L << 40)).isEqualTo(16);
  }
}
