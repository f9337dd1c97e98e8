package dev.suture.link;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.suture.fuzz.ParserContract;
import dev.suture.fuzz.Seeds;
import dev.suture.fuzz.Sweep;
import dev.suture.protocol.failure.FailureCode;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;

/**
 * The operator's certificate authorities. The committed sample was made by {@code openssl req -x509
 * -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=seed -days 3650}; its key was thrown
 * away.
 */
class PemTrustFuzzTest {
  private final ParserContract<SSLContext> contract =
      ParserContract.refusingWith(
              "CA certificates",
              pem -> PemTrust.context(pem, "ca.pem", Optional::empty),
              FailureCode.CONFIG_INVALID)
          .allocatingAtMost(1 << 20, 256);

  @FuzzTest
  void fuzz(byte[] input) {
    contract.check(input);
  }

  @Test
  void sweep_everyByte_keepsTheContract() {
    Sweep.around(contract, Seeds.committed(getClass(), "valid")).everyByte().keepsTheContract();
  }
}
