package dev.suture.trust;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.suture.fuzz.ParserContract;
import dev.suture.fuzz.Seeds;
import dev.suture.fuzz.Sweep;
import dev.suture.protocol.ReleaseIndex;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.SutureException;
import dev.suture.sim.SimPublisher;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A signed index as a mirror serves it, and as the device keeps it: its high-water mark. */
class IndexVerifierFuzzTest {
  private static final ReleaseIndex INDEX = new ReleaseIndex(17, "2026-11-21", List.of());

  private final ParserContract<ReleaseIndex> contract;

  IndexVerifierFuzzTest() throws SutureException {
    IndexVerifier verifier = new IndexVerifier(TrustRoot.decode(new SimPublisher().trustRoot()));
    contract =
        ParserContract.refusingWith(
            "signed index",
            verifier::verify,
            FailureCode.SIGNATURE_INVALID,
            FailureCode.METADATA_MALFORMED);
  }

  @FuzzTest
  void fuzz(byte[] input) {
    contract.check(input).ifPresent(got -> assertThat(got).isEqualTo(INDEX));
  }

  @Test
  void sweep_everyBit_noneIsAccepted() {
    byte[] sample = Seeds.sample(getClass(), "valid", new SimPublisher().envelope(INDEX));
    // Without the newline at its end, which may be missing.
    Sweep.around(contract, Arrays.copyOf(sample, sample.length - 1)).everyBit().noneIsAccepted();
  }
}
