package dev.suture.protocol.manifest;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.suture.fuzz.Bytes;
import dev.suture.fuzz.ParserContract;
import dev.suture.fuzz.Seeds;
import dev.suture.fuzz.Sweep;
import dev.suture.protocol.ComponentName;
import dev.suture.protocol.FileRef;
import dev.suture.protocol.Sha256;
import dev.suture.protocol.failure.FailureCode;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a vendor signs about a component of its own. */
class StatementFuzzTest {
  private static final PatchComponent SAMPLE =
      new PatchComponent(
          new ComponentName("tls"),
          digest("base"),
          new ImageIdentity(5_619_712, digest("image"), digest("root"), digest("salt")),
          List.of(
              new Payload(
                  Payload.Kind.FULL, new FileRef("payloads/2.zst", 1_751_233, digest("full")))));

  private final ParserContract<PatchComponent> contract =
      ParserContract.refusingWith(
              "statement", ManifestCodec::decodeStatement, FailureCode.MANIFEST_MALFORMED)
          .writtenBy(ManifestCodec::statement);

  private static Sha256 digest(String of) {
    return Sha256.of(Bytes.of(of));
  }

  @FuzzTest
  void fuzz(byte[] input) {
    contract.check(input);
  }

  @Test
  void sweep_everyByteAndNumber_keepsTheContract() {
    Sweep.around(contract, Seeds.sample(getClass(), "valid", ManifestCodec.statement(SAMPLE)))
        .everyByte()
        .textNumbers()
        .keepsTheContract();
  }
}
