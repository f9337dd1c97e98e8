package dev.suture.publisher.keys.role;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.suture.fuzz.ParserContract;
import dev.suture.fuzz.Seeds;
import dev.suture.fuzz.Sweep;
import dev.suture.protocol.tuf.TufKey;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A key file that somebody else has written costs nothing before its passphrase is asked for. */
final class KeyFileFuzzTest {
  private final ParserContract<KeyDocument> contract =
      ParserContract.refusingBy("key file", KeyDocument::decode, IllegalArgumentException.class)
          .writtenBy(KeyDocument::encode)
          .allocatingAtMost(256 << 10, 512);

  @FuzzTest
  void fuzz(byte[] input) {
    contract.check(input);
  }

  @Test
  void sweep_everyByteAndNumber_keepsTheContract() {
    PassphraseSeal seal = new PassphraseSeal(1 << 10, 2, 3, "0f".repeat(16));
    KeyDocument document =
        new KeyDocument(
            new TufKey("ed25519", "ed25519", "ab".repeat(32)), Optional.of(seal), new byte[100]);
    byte[] sample = Seeds.sample(getClass(), "sealed", document.encode());
    Sweep.around(contract, sample).everyByte().textNumbers().keepsTheContract();
  }
}
