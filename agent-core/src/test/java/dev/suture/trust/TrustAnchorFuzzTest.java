package dev.suture.trust;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.suture.fuzz.ParserContract;
import dev.suture.fuzz.Seeds;
import dev.suture.fuzz.Sweep;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.SutureException;
import dev.suture.protocol.tuf.RoleType;
import dev.suture.protocol.tuf.SignedMetadata;
import dev.suture.sim.SimPublisher;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** The shipped root signs itself: only around what is signed may bytes differ. */
class TrustAnchorFuzzTest {
  private final ParserContract<String> contract =
      ParserContract.refusingWith(
              "trust root", TrustAnchorFuzzTest::signed, FailureCode.TRUST_ROOT_MISSING)
          .allocatingAtMost(1 << 20, 256);

  /** What the signatures of an accepted root are over. */
  private static String signed(byte[] input) throws SutureException {
    byte[] root = TrustAnchor.decode(input).toBytes();
    return new String(
        SignedMetadata.decode(RoleType.ROOT, "root", root, root.length).signedBytes(),
        StandardCharsets.UTF_8);
  }

  @FuzzTest
  void fuzz(byte[] input) {
    contract.check(input);
  }

  @Test
  void sweep_everyByteAndNumber_onlyTheSampleIsAccepted() {
    Sweep.around(contract, Seeds.sample(getClass(), "valid", new SimPublisher().trustRoot()))
        .everyByte()
        .textNumbers()
        .acceptedIsTheSample();
  }
}
