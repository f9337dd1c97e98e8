package dev.suture.publisher.keys.role;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.suture.fuzz.ParserContract;
import dev.suture.fuzz.Seeds;
import dev.suture.fuzz.Sweep;
import dev.suture.protocol.tuf.DraftMetadata;
import dev.suture.protocol.tuf.MetaFile;
import dev.suture.protocol.tuf.MetadataWriter;
import dev.suture.protocol.tuf.RoleKeys;
import dev.suture.protocol.tuf.TufKey;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A request comes from somebody else, to the machine that has the key. */
final class SigningRequestFuzzTest {
  private final ParserContract<SigningRequest> contract =
      ParserContract.refusingBy(
              "signing request", SigningRequest::decode, IllegalArgumentException.class)
          .writtenBy(SigningRequest::encode)
          .allocatingAtMost(256 << 10, 1_024);

  @FuzzTest
  void fuzz(byte[] input) {
    contract.check(input);
  }

  @Test
  void sweep_everyByteAndNumber_keepsTheContract() {
    TufKey key = new TufKey("ed25519", "ed25519", "ab".repeat(32));
    DraftMetadata draft =
        MetadataWriter.snapshot(
            new MetadataWriter.Header(5, Instant.parse("2027-01-01T00:00:00Z")),
            Map.of("targets", MetaFile.of(3, new byte[1])));
    SigningRequest request =
        new SigningRequest("snapshot", draft, List.of(new RoleKeys(Map.of(key.id(), key), 1)));
    byte[] sample = Seeds.sample(getClass(), "snapshot", request.encode());
    Sweep.around(contract, sample).everyByte().textNumbers().keepsTheContract();
  }
}
