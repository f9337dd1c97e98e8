package dev.suture.publisher.keys.role;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.suture.fuzz.ParserContract;
import dev.suture.fuzz.Seeds;
import dev.suture.fuzz.Sweep;
import dev.suture.protocol.Sha256;
import dev.suture.protocol.tuf.SignedMetadata;
import org.junit.jupiter.api.Test;

/** A signature comes back by whatever way; that it is one is checked behind this parser. */
final class SignatureFileFuzzTest {
  private final ParserContract<SignatureFile> contract =
      ParserContract.refusingBy("signature", SignatureFile::decode, IllegalArgumentException.class)
          .writtenBy(SignatureFile::encode);

  @FuzzTest
  void fuzz(byte[] input) {
    contract.check(input);
  }

  @Test
  void sweep_everyByteAndNumber_keepsTheContract() {
    SignatureFile file =
        new SignatureFile(
            "targets",
            7,
            Sha256.of(new byte[1]),
            new SignedMetadata.Signature("cd".repeat(32), "ab".repeat(64)));
    byte[] sample = Seeds.sample(getClass(), "valid", file.encode());
    Sweep.around(contract, sample).everyByte().textNumbers().keepsTheContract();
  }
}
