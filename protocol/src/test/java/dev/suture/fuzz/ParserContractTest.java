package dev.suture.fuzz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.RejectedException;
import java.util.Arrays;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** Parsers that break their promises, each in one way: the contract must notice every one. */
class ParserContractTest {
  private static final byte[] INPUT = Bytes.of("1234");

  private static ParserContract<String> contract(ParserContract.Reader<String> reader) {
    return ParserContract.refusingWith("planted", reader, FailureCode.NOTICE_MALFORMED);
  }

  private static String text(byte[] bytes) {
    return new String(bytes, java.nio.charset.StandardCharsets.ISO_8859_1);
  }

  private static void assertNoticed(String said, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("planted")
        .hasMessageContaining(said);
  }

  @Test
  void check_keptPromises_givesWhatWasRead() {
    assertThat(contract(ParserContractTest::text).writtenBy(Bytes::of).check(INPUT))
        .contains("1234");
  }

  @Test
  void check_undocumentedException_isNoticed() {
    assertNoticed(
        "undocumented", () -> contract(bytes -> String.valueOf(bytes[bytes.length])).check(INPUT));
  }

  @Test
  void check_anotherFailureCode_isNoticed() {
    assertNoticed(
        "undocumented",
        () ->
            contract(
                    bytes -> {
                      throw new RejectedException(FailureCode.DELTA_MALFORMED, "x");
                    })
                .check(INPUT));
  }

  @Test
  void check_refusalWithoutAReason_isNoticed() {
    assertNoticed(
        "says why",
        () ->
            contract(
                    bytes -> {
                      throw new RejectedException(FailureCode.NOTICE_MALFORMED, "");
                    })
                .check(INPUT));
  }

  @Test
  void check_allocationBeyondTheLimit_isNoticed() {
    assertNoticed(
        "bytes allocated",
        () -> contract(bytes -> text(new byte[1 << 20])).allocatingAtMost(1 << 16, 0).check(INPUT));
  }

  @Test
  void check_changedInput_isNoticed() {
    assertNoticed(
        "the input was changed",
        () ->
            contract(
                    bytes -> {
                      bytes[0] = 0;
                      return "";
                    })
                .check(INPUT));
  }

  @Test
  void check_readerAndWriterThatDisagree_isNoticed() {
    assertNoticed(
        "after writing and reading",
        () -> contract(ParserContractTest::text).writtenBy(t -> Bytes.of(t + "x")).check(INPUT));
  }

  @Test
  void check_notCanonical_isNoticed() {
    assertNoticed(
        "not what is written",
        () -> contract(bytes -> text(bytes).trim()).canonical(Bytes::of).check(Bytes.of("1 ")));
  }

  @Test
  void sweep_damageThatIsAccepted_isNoticed() {
    ParserContract<String> blind = contract(bytes -> text(Arrays.copyOf(bytes, 3)));
    assertNoticed("none accepted", () -> Sweep.around(blind, INPUT).everyBit().noneIsAccepted());
    assertNoticed(
        "read as the sample", () -> Sweep.around(blind, INPUT).everyBit().acceptedIsTheSample());
  }
}
