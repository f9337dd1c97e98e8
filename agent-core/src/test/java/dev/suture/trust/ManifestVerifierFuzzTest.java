package dev.suture.trust;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.suture.fuzz.ParserContract;
import dev.suture.fuzz.Seeds;
import dev.suture.fuzz.Sweep;
import dev.suture.protocol.ComponentName;
import dev.suture.protocol.FileRef;
import dev.suture.protocol.Sha256;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.SutureException;
import dev.suture.protocol.manifest.Manifest;
import dev.suture.protocol.manifest.ManifestCodec;
import dev.suture.protocol.manifest.PatchComponent;
import dev.suture.sim.SimPublisher;
import dev.suture.trust.ManifestVerifier.DeviceIdentity;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** A manifest as a mirror serves it: the targets role names its digest. */
class ManifestVerifierFuzzTest {
  private final byte[] sample;
  private final ParserContract<Manifest> contract;

  ManifestVerifierFuzzTest() throws SutureException {
    SimPublisher publisher = new SimPublisher();
    FileRef signed = publisher.entry(publisher.release(SimPublisher.level("a"))).manifest();
    sample = Optional.ofNullable(publisher.files().get(signed.path())).orElseThrow();
    Manifest manifest = ManifestCodec.decode(sample);
    Map<ComponentName, Sha256> bases = new TreeMap<>();
    for (PatchComponent component : manifest.components()) {
      bases.put(component.name(), component.baseSha256());
    }
    ManifestVerifier verifier =
        new ManifestVerifier(new DeviceIdentity(manifest.baseline(), manifest.model(), bases));
    contract =
        ParserContract.refusingWith(
            "signed manifest",
            bytes -> verifier.verify(bytes, signed),
            FailureCode.MANIFEST_DIGEST_MISMATCH);
  }

  @FuzzTest
  void fuzz(byte[] input) {
    contract.check(input);
  }

  @Test
  void sweep_everyByteAndNumber_noneIsAccepted() {
    Sweep.around(contract, Seeds.sample(getClass(), "valid", sample))
        .everyByte()
        .textNumbers()
        .noneIsAccepted();
  }
}
