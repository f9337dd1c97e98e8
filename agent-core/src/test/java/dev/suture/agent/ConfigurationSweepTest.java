package dev.suture.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.RejectedException;
import dev.suture.protocol.failure.SutureException;
import dev.suture.sim.SimPublisher;
import dev.suture.trust.DeviceTrust;
import dev.suture.trust.ManifestVerifier;
import dev.suture.trust.TrustAnchor;
import dev.suture.trust.TrustState;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/**
 * Configuration, settings and trust root, every bit of every byte flipped, every byte zeroed, cut
 * short anywhere: they are refused with a message, or say something else of the right form. They
 * have no checksum: agent.json and the trust root are below dm-verity.
 */
class ConfigurationSweepTest {
  private static final ManifestVerifier VERIFIER =
      new ManifestVerifier(
          new ManifestVerifier.DeviceIdentity(SimPublisher.BASELINE, SimPublisher.MODEL, Map.of()));

  /** Reads what is damaged, and checks what it then says. */
  private interface Reader {
    void read(byte[] bytes) throws SutureException;
  }

  private static void sweep(String name, byte[] good, FailureCode code, Reader reader)
      throws SutureException {
    reader.read(good);
    int cases = 0;
    int refused = 0;
    for (int at = 0; at < good.length; at++) {
      for (int bit = 0; bit <= Byte.SIZE; bit++) {
        byte[] damaged = good.clone();
        damaged[at] = bit == Byte.SIZE ? 0 : (byte) (damaged[at] ^ 1 << bit);
        cases++;
        refused += isRefused(damaged, code, reader) ? 1 : 0;
      }
      cases++;
      boolean isRefused = isRefused(Arrays.copyOf(good, at), code, reader);
      boolean isWhole = new String(good, at, good.length - at, StandardCharsets.UTF_8).isBlank();
      assertThat(isRefused).as(name + " cut at " + at).isEqualTo(!isWhole);
      refused += isRefused ? 1 : 0;
    }
    System.out.printf("configuration sweep %-12s %6d cases, %6d refused%n", name, cases, refused);
    assertThat(cases).isEqualTo(good.length * 10);
  }

  private static boolean isRefused(byte[] damaged, FailureCode code, Reader reader)
      throws SutureException {
    try {
      reader.read(damaged);
      return false;
    } catch (DeviceException e) {
      assertThat(e.code()).isEqualTo(code);
      assertThat(e.explanation()).isNotBlank();
      return true;
    }
  }

  @Test
  void config_anythingDamaged_isRefusedOrOfTheRightForm() throws SutureException {
    sweep(
        "agent.json",
        DeviceConfigTest.CONFIG.getBytes(StandardCharsets.UTF_8),
        FailureCode.CONFIG_INVALID,
        DeviceConfig::decode);
  }

  @Test
  void settings_anythingDamaged_neverAllowMore() throws SutureException {
    sweep(
        "device.json",
        DeviceConfigTest.SETTINGS.replace("true", "false").getBytes(StandardCharsets.UTF_8),
        FailureCode.CONFIG_INVALID,
        bytes ->
            assertThat(DeviceSettings.decode(bytes).policy().mayInstall(false).allowed())
                .isFalse());
  }

  @Test
  void trustRoot_anythingDamaged_neverBelievesAStranger() throws SutureException {
    SimPublisher publisher = new SimPublisher();
    byte[] root = publisher.trustRoot();
    SimPublisher stranger = SimPublisher.stranger();
    byte[] strange =
        Optional.ofNullable(stranger.files().get("metadata/timestamp.json")).orElseThrow();
    sweep(
        "trust root",
        root,
        FailureCode.TRUST_ROOT_MISSING,
        bytes -> {
          DeviceTrust trust = new DeviceTrust(TrustAnchor.decode(bytes), VERIFIER);
          assertThat(
                  trust
                      .refresh(
                          TrustState.EMPTY,
                          (name, max) ->
                              name.equals("timestamp.json")
                                  ? Optional.of(strange)
                                  : Optional.empty(),
                          Optional.empty(),
                          List.of())
                      .failure())
              .containsInstanceOf(RejectedException.class);
        });
  }
}
