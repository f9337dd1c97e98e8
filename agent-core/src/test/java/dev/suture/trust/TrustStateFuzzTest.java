package dev.suture.trust;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.suture.fuzz.ParserContract;
import dev.suture.fuzz.Seeds;
import dev.suture.fuzz.Sweep;
import dev.suture.protocol.Baseline;
import dev.suture.protocol.Level;
import dev.suture.trust.TrustState.Floor;
import dev.suture.trust.TrustState.Marks;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What a device believes, and what is stored with a slot. */
class TrustStateFuzzTest {
  private final ParserContract<TrustState> contract =
      ParserContract.refusingBy("trust state", TrustState::decode, IllegalArgumentException.class)
          .canonical(TrustState::encode);

  private final ParserContract<TrustState> proof =
      ParserContract.refusingBy(
              "slot's proof", TrustState::decodeProof, IllegalArgumentException.class)
          .canonical(TrustState::encode);

  private static TrustState sample() {
    Map<String, String> files = new LinkedHashMap<>();
    files.put("timestamp.json", "{\"signed\":{\"version\":7}}\n");
    files.put("component%2Ftls.json", "\u00e4 \u20ac \u2028 \\");
    return new TrustState(
        List.of("{\"version\":2}", "{\"version\":3}"),
        files,
        new Marks(
            Optional.of(Instant.parse("2026-11-21T00:00:00Z")),
            Optional.of(new Floor(new Baseline("26.1"), new Level("b"), false)),
            2,
            86_400_000));
  }

  @FuzzTest
  void fuzz(byte[] input) {
    contract.check(input);
    proof.check(input);
  }

  @Test
  void sweep_everyByteAndNumber_onlyAsItIsWritten() {
    Sweep.around(contract, Seeds.sample(getClass(), "valid", sample().encode()))
        .everyByte()
        .textNumbers()
        .keepsTheContract();
  }

  @Test
  void sweep_everyByteAndNumberOfAProof_onlyAsItIsWritten() {
    Sweep.around(proof, Seeds.sample(getClass(), "proof", sample().metadata().encode()))
        .everyByte()
        .textNumbers()
        .keepsTheContract();
  }
}
