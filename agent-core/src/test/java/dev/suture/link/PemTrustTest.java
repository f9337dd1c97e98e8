package dev.suture.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.suture.protocol.failure.DeviceException;
import dev.suture.sim.TestCertificates;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PemTrustTest {
  @Test
  void context_ofOneAndOfSeveralCertificates_isMade() throws Exception {
    byte[] one = TestCertificates.create().authorityPem();
    byte[] other = TestCertificates.create().authorityPem();
    byte[] both = Arrays.copyOf(one, one.length + other.length);
    System.arraycopy(other, 0, both, one.length, other.length);

    assertThat(PemTrust.context(one, "ca.pem", Optional::empty).getSocketFactory()).isNotNull();
    assertThat(PemTrust.context(both, "ca.pem", Optional::empty).getSocketFactory()).isNotNull();
  }

  @Test
  void context_ofEveryTruncation_isRefused() {
    byte[] pem = TestCertificates.create().authorityPem();
    // The last line's end may be missing; everything shorter is not a certificate.
    int lastNeeded = pem.length - 1;
    for (int length = 0; length < lastNeeded; length++) {
      byte[] cut = Arrays.copyOf(pem, length);
      assertThatThrownBy(() -> PemTrust.context(cut, "ca.pem", Optional::empty))
          .as("cut to %s", length)
          .isInstanceOf(DeviceException.class)
          .hasMessageContaining("SUT-408")
          .hasMessageContaining("ca.pem");
    }
  }

  @Test
  void context_ofSomethingElse_isRefused() {
    for (byte[] wrong :
        new byte[][] {
          new byte[0],
          "not a certificate".getBytes(StandardCharsets.US_ASCII),
          new byte[PemTrust.PEM_BYTES_MAX + 1]
        }) {
      assertThatThrownBy(() -> PemTrust.context(wrong, "/data/suture/ca.pem", Optional::empty))
          .isInstanceOf(DeviceException.class)
          .hasMessageContaining("/data/suture/ca.pem");
    }
  }
}
