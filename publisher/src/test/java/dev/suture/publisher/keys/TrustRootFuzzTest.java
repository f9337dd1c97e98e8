package dev.suture.publisher.keys;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.suture.fuzz.ParserContract;
import dev.suture.fuzz.Seeds;
import dev.suture.fuzz.Sweep;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.publisher.PublisherException;
import dev.suture.sim.SimPublisher;
import org.junit.jupiter.api.Test;

/** What the publisher takes for a trust root, a device must not refuse. */
final class TrustRootFuzzTest {
  private final ParserContract<TrustRoot> contract =
      ParserContract.refusingBy(
              "publisher's trust root", TrustRootFuzzTest::decode, PublisherException.class)
          .writtenBy(TrustRoot::encode)
          .allocatingAtMost(256 << 10, 512);

  private static TrustRoot decode(byte[] bytes) throws PublisherException {
    TrustRoot root = TrustRoot.decode(bytes, TrustRoot.FILE);
    try {
      dev.suture.trust.TrustRoot.decode(bytes);
    } catch (DeviceException e) {
      throw new AssertionError("a device refuses what the publisher accepts: " + e, e);
    }
    return root;
  }

  @FuzzTest
  void fuzz(byte[] input) {
    contract.check(input);
  }

  @Test
  void sweep_everyByteAndNumber_keepsTheContract() {
    byte[] sample = Seeds.sample(getClass(), "valid", new SimPublisher().trustRoot());
    Sweep.around(contract, sample).everyByte().textNumbers().keepsTheContract();
  }
}
