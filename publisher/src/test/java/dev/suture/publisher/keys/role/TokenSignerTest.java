package dev.suture.publisher.keys.role;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.suture.publisher.Problem;
import dev.suture.publisher.PublisherException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against SoftHSM; it is not skipped where that is missing: ./setup installs it. */
final class TokenSignerTest {
  private static final byte[] BYTES = "what is signed".getBytes(UTF_8);

  @TempDir private Path temp;

  private static PassphraseSource pin(String pin) {
    return what -> Passphrase.of(pin.getBytes(UTF_8));
  }

  private static PublisherException failure(Callable<?> action) {
    return catchThrowableOfType(PublisherException.class, action::call);
  }

  @Test
  void sign_onTheToken_isVerifiedWithTheKeyOfTheMetadata() throws Exception {
    RoleSigner signer = TokenSigner.open(SoftHsm.config(), SoftHsm.P_256, pin(SoftHsm.PIN));

    String signature = signer.sign(BYTES);

    assertThat(signer.key().type()).isEqualTo("ecdsa");
    assertThat(signer.key().scheme()).isEqualTo("ecdsa-sha2-nistp256");
    assertThat(signer.key().publicText()).startsWith("-----BEGIN PUBLIC KEY-----\nMFkw");
    assertThat(SignatureCheck.isSignedBy(signer.key(), BYTES, signature)).isTrue();
    assertThat(SignatureCheck.isSignedBy(signer.key(), new byte[1], signature)).isFalse();
    assertThat(SignatureCheck.isSignedBy(signer.key(), BYTES, "30" + signature)).isFalse();
  }

  @Test
  void open_twice_givesTheSameKey() throws Exception {
    assertThat(TokenSigner.open(SoftHsm.config(), SoftHsm.P_256, pin(SoftHsm.PIN)).keyId())
        .isEqualTo(TokenSigner.open(SoftHsm.config(), SoftHsm.P_256, pin(SoftHsm.PIN)).keyId());
  }

  @Test
  void open_otherCurve_isRefused() throws Exception {
    Path config = SoftHsm.config();
    PublisherException refused =
        failure(() -> TokenSigner.open(config, SoftHsm.P_384, pin(SoftHsm.PIN)));
    assertThat(refused.problem()).isEqualTo(Problem.KEYS_MALFORMED);
    assertThat(refused.details().expected()).contains("P-256");
  }

  @Test
  void open_noSuchLabel_isRefused() throws Exception {
    Path config = SoftHsm.config();
    assertThat(failure(() -> TokenSigner.open(config, "nobody", pin(SoftHsm.PIN))).problem())
        .isEqualTo(Problem.TOKEN_UNUSABLE);
  }

  @Test
  void open_noSuchLibraryOrSlot_isRefused() throws Exception {
    Path library = temp.resolve("library.cfg");
    Files.writeString(library, "name = missing\nlibrary = " + temp.resolve("missing.so") + "\n");
    Path slot = temp.resolve("slot.cfg");
    SoftHsm.config();
    Files.writeString(
        slot, "name = noslot\nlibrary = " + SoftHsm.library() + "\nslot = 2147483646\n");
    Path garbage = temp.resolve("garbage.cfg");
    Files.writeString(garbage, "{]");
    for (Path config : new Path[] {library, slot, garbage}) {
      assertThat(failure(() -> TokenSigner.open(config, "x", pin(SoftHsm.PIN))).problem())
          .isEqualTo(Problem.TOKEN_UNUSABLE);
    }
    assertThat(failure(() -> TokenSigner.open(temp.resolve("no"), "x", pin(SoftHsm.PIN))).problem())
        .isEqualTo(Problem.INPUT_UNREADABLE);
  }
}
