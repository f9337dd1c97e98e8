package dev.suture.delta;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Words as GNU as 2.40 makes them of the text beside them, at this distance from {@code start}. */
class Arm64Test {
  private static final long START = 0x20000;

  @ParameterizedTest
  @CsvSource({
    "bl start+0x100,       0x00, 0x94000040, 1, 0x100",
    "b start-0x10,         0x04, 0x17fffffb, 1, -0x10",
    "b.eq start+0x28,      0x08, 0x54000100, 2, 0x28",
    "'cbz x3, start+0x2c', 0x0c, 0xb4000103, 2, 0x2c",
    "'cbnz w9, start-0x40', 0x10, 0x35fffd89, 2, -0x40",
    "'ldr x7, start+0x1000', 0x14, 0x58007f67, 2, 0x1000",
    "'tbz x4, #3, start+0x30', 0x18, 0x361800c4, 3, 0x30",
    "'tbnz w4, #31, start-0x100', 0x1c, 0x37fff724, 3, -0x100",
    "'adr x5, start+0x33', 0x20, 0x70000085, 4, 0x33",
    "'adr x6, start-1',    0x24, 0x70fffec6, 4, -0x1",
    "'adrp x17, .+0x5000', 0x00, 0xb0000031, 5, 0x5000",
    "'adrp x17, .-0x1000', 0x00, 0xf0fffff1, 5, -0x1000",
  })
  void target_ofInstructionsWithTheWholeDistance_isTheAssemblers(
      String text, String at, String word, int kind, String distance) {
    int bits = Long.decode(word).intValue();
    long address = START + Long.decode(at);
    long target = START + Long.decode(distance);

    assertThat(Arm64.kind(bits)).as(text).isEqualTo(kind);
    assertThat(Arm64.target(kind, bits, address)).as(text).isEqualTo(target);
    assertThat(Arm64.with(kind, bits, target, address)).as(text).isEqualTo(bits);
    // There and back by another target.
    int other = Arm64.with(kind, bits, target + 0x2000, address);
    assertThat(Arm64.target(kind, other, address)).as(text).isEqualTo(target + 0x2000);
    assertThat(Arm64.with(kind, other, target, address)).as(text).isEqualTo(bits);
  }

  @ParameterizedTest
  @CsvSource({
    "'add x1, x0, #0x123',     0x91048c01, 6, 0x123",
    "'ldrb w2, [x1, #0xfff]',  0x397ffc22, 7, 0xfff",
    "'ldrh w2, [x1, #0x1ffe]', 0x797ffc22, 7, 0x1ffe",
    "'ldr w2, [x1, #0x3ffc]',  0xb97ffc22, 7, 0x3ffc",
    "'ldr x2, [x1, #0x7ff8]',  0xf97ffc22, 7, 0x7ff8",
    "'str q2, [x1, #0xfff0]',  0x3dbffc22, 7, 0xfff0",
    "'ldr d3, [x1, #0x7f8]',   0xfd43fc23, 7, 0x7f8",
  })
  void low_ofInstructionsThatCompleteAPage_isTheAssemblers(
      String text, String word, int kind, String low) {
    int bits = Long.decode(word).intValue();
    assertThat(Arm64.kind(bits)).as(text).isEqualTo(kind);
    assertThat(Arm64.low(kind, bits)).as(text).isEqualTo(Long.decode(low));
    int other = Arm64.with(kind, bits, 0x7770, 0);
    assertThat(Arm64.low(kind, other)).as(text).isEqualTo(0x770);
  }

  @ParameterizedTest
  @CsvSource({
    "'add w1, w0, #0x123', 0x11048c01",
    "nop, 0xd503201f",
    "ret, 0xd65f03c0",
    "'eor x3, x4, x5', 0xca050083",
  })
  void kind_ofInstructionsWithoutAnAddress_isNone(String text, String word) {
    assertThat(Arm64.kind(Long.decode(word).intValue())).as(text).isEqualTo(Arm64.NONE);
  }

  private static final int ADRP_X1 = 0x90000001;
  private static final int ADD_X1_X1 = 0x91048c21;
  private static final int LDR_X2_X1 = 0xf9400422;
  private static final int STR_X1_X3 = 0xf9000061;
  private static final int BL = 0x94000040;

  /** {@code blr x8}; {@code br x8}; {@code blr x8} with an authenticated address. */
  private static final int BLR = 0xd63f0100;

  private static final int BR = 0xd61f0100;
  private static final int BLRAAZ = 0xd63f091f;

  /** {@code adrp x19, .}, and {@code ldr x2, [x19, #8]}. */
  private static final int ADRP_X19 = 0x90000013;

  private static final int LDR_X2_X19 = 0xf9400662;

  private static PageRegisters afterAdrp(int... words) {
    PageRegisters registers = new PageRegisters();
    registers.hold(ADRP_X1, 0x5000, 10);
    for (int word : words) {
      registers.follow(Arm64.form(word), word);
    }
    return registers;
  }

  private static long completed(PageRegisters registers, long at) {
    return registers.completed(Arm64.LOAD_LOW, LDR_X2_X1, at);
  }

  @Test
  void completed_behindAnAdrp_isThePageAndTheLowBits() {
    assertThat(completed(afterAdrp(), 11)).isEqualTo(0x5008);
    assertThat(completed(afterAdrp(LDR_X2_X1, STR_X1_X3), 13)).isEqualTo(0x5008);
    assertThat(afterAdrp().madeAt(LDR_X2_X1)).isEqualTo(10);
  }

  @Test
  void completed_whereTheRegisterWasOverwrittenOrIsTooFar_isNone() {
    assertThat(completed(afterAdrp(ADD_X1_X1), 12)).isNegative();
    assertThat(completed(afterAdrp(BL), 12)).isNegative();
    assertThat(completed(afterAdrp(BLR), 12)).isNegative();
    assertThat(completed(afterAdrp(BR, BLRAAZ), 13)).isEqualTo(0x5008);
    assertThat(completed(afterAdrp(), 10 + PageRegisters.REACH)).isEqualTo(0x5008);
    assertThat(completed(afterAdrp(), 11 + PageRegisters.REACH)).isNegative();
    assertThat(completed(new PageRegisters(), 1)).isNegative();
  }

  @Test
  void completed_behindACall_isOfARegisterThatTheCalledOneKeeps() {
    PageRegisters registers = new PageRegisters();
    registers.hold(ADRP_X19, 0x7000, 10);
    registers.follow(Arm64.form(BL), BL);
    assertThat(registers.completed(Arm64.LOAD_LOW, LDR_X2_X19, 12)).isEqualTo(0x7008);
    registers.forget();
    assertThat(registers.completed(Arm64.LOAD_LOW, LDR_X2_X19, 12)).isNegative();
  }
}
