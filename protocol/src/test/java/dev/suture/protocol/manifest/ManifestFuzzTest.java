package dev.suture.protocol.manifest;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.suture.fuzz.Bytes;
import dev.suture.fuzz.ParserContract;
import dev.suture.fuzz.Seeds;
import dev.suture.fuzz.Sweep;
import dev.suture.protocol.Baseline;
import dev.suture.protocol.ComponentName;
import dev.suture.protocol.FileRef;
import dev.suture.protocol.Level;
import dev.suture.protocol.Sha256;
import dev.suture.protocol.failure.FailureCode;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ManifestFuzzTest {
  private static final Manifest SAMPLE =
      new Manifest(
          new Baseline("26.1"),
          new Level("b"),
          "suture-virt-arm64",
          new AgentVersion(0, 1, 0),
          RestartScope.REBOOT,
          List.of(
              new PatchComponent(
                  new ComponentName("tls"),
                  digest("base"),
                  new ImageIdentity(5_619_712, digest("image"), digest("root"), digest("salt")),
                  List.of(
                      payload(Payload.Kind.DELTA, "payloads/1.delta", 208_839),
                      payload(Payload.Kind.FULL, "payloads/2.zst", 1_751_233)))),
          List.of(
              new Advisory(
                  "CVE-2026-1",
                  "pkg:deb/debian/openssl@3.0.22?arch=arm64",
                  "3.0.22",
                  Optional.of("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H"),
                  "A sentence with \u00e4, \u20ac, \"quotes\" and a \\.")),
          new HealthPlan(
              60,
              10,
              List.of(
                  new HealthCheck.Https(443, "/health?x=1", 200),
                  new HealthCheck.Http(80, "/", 204),
                  new HealthCheck.Mqtt(1883),
                  new HealthCheck.Unit("getty@tty1.service"),
                  new HealthCheck.Command("modem"),
                  new HealthCheck.Unknown("later"))));

  private final ParserContract<Manifest> contract =
      ParserContract.refusingWith("manifest", ManifestCodec::decode, FailureCode.MANIFEST_MALFORMED)
          .writtenBy(ManifestCodec::encode);

  private static Sha256 digest(String of) {
    return Sha256.of(Bytes.of(of));
  }

  private static Payload payload(Payload.Kind kind, String path, long bytes) {
    return new Payload(kind, new FileRef(path, bytes, digest(path)));
  }

  @FuzzTest
  void fuzz(byte[] input) {
    contract.check(input);
  }

  @Test
  void sweep_everyByteAndNumber_keepsTheContract() {
    byte[] sample = Seeds.sample(getClass(), "valid", ManifestCodec.encode(SAMPLE));
    Sweep.around(contract, sample).everyByte().textNumbers().keepsTheContract();
  }
}
