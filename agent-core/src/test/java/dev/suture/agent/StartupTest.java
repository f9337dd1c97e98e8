package dev.suture.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.suture.attempt.Phase;
import dev.suture.protocol.Slot;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.SutureException;
import dev.suture.sim.CacheFate;
import dev.suture.sim.SimDevice;
import dev.suture.sim.SimMirror;
import dev.suture.sim.SimPublisher;
import dev.suture.slot.SlotContent;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is mounted at a start. */
class StartupTest {
  private final SimPublisher publisher = new SimPublisher();
  private final SimDevice device = new SimDevice(publisher);

  private void install(String level) {
    publisher.release(SimPublisher.level(level));
    device.notices().send(publisher.version());
    device.settle();
    assertThat(device.agent().status().release()).isEqualTo("26.1 (" + level + ")");
  }

  private void damage(String file) {
    String path = SimDevice.slotPath(file);
    byte[] content = device.flash().disk().cached(path).orElseThrow();
    device.flash().disk().put(path, SimMirror.flipped(content.length / 2).apply(content));
  }

  private int lastFailure() {
    return device.agent().status().lastFailure().orElseThrow().code();
  }

  @Test
  void boot_confirmed_runsWithoutNetwork() {
    install("a");
    device.invariants().runsTheSameWithoutNetwork();
    assertThat(device.kernel().mountedSlot()).isEqualTo(Slot.A);
  }

  @Test
  void restartAgent_deviceGoesOn_sameSlotAndNoSecondMount() {
    install("a");
    device.restartAgent();
    device.settle();
    assertThat(device.kernel().mountedSlot()).isEqualTo(Slot.A);
    assertThat(device.agent().status().isProtected()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"a/tls.img", "a/web.img", "a/index.json", "a/manifest.json"})
  void boot_activeSlotDamaged_runsBaseAndSaysWhy(String file) {
    install("a");
    damage(file);
    device.mirror().reachable(false);
    device.powerOn(CacheFate.lost());
    // The publisher's judgment of the slot is not asked for: the slot is damaged on purpose.
    device.flash().power().on();
    device.bootUnchecked();
    assertThat(device.kernel().mountedSlot()).isEqualTo(Slot.BASE);
    assertThat(device.agent().status().isProtected()).isFalse();
    assertThat(device.agent().status().components())
        .allSatisfy(component -> assertThat(component.slot()).isEqualTo(Slot.BASE));
    assertThat(device.agent().status().lastFailure()).isPresent();
  }

  @Test
  void boot_trialCannotBeMounted_isGivenUpInTheSameBoot() throws SutureException {
    install("a");
    publisher.release(SimPublisher.level("b"));
    device.notices().send(publisher.version());
    while (!device.record().isOnTrial(Slot.B)) {
      device.step();
    }
    damage("b/tls.img");
    int boots = device.boots();
    while (device.boots() == boots) {
      device.stepUnchecked();
    }
    assertThat(device.kernel().mountedSlot()).isEqualTo(Slot.A);
    assertThat(device.record().b().state()).isEqualTo(SlotContent.State.FAILED);
    device.settle();
    assertThat(device.agent().history().lastOutcome().orElseThrow().phase())
        .isEqualTo(Phase.REVERTED);
    assertThat(device.agent().history().lastOutcome().orElseThrow().failure().orElseThrow().code())
        .isEqualTo(FailureCode.SLOT_UNMOUNTABLE);
    assertThat(device.boots()).isEqualTo(boots + 1);
  }

  @Test
  void boot_otherTrustRoot_runsBase() {
    install("a");
    publisher.keys(1, SimPublisher.key(9));
    device.powerOn(CacheFate.lost());
    device.bootUnchecked();
    assertThat(device.kernel().mountedSlot()).isEqualTo(Slot.BASE);
    assertThat(lastFailure()).isEqualTo(FailureCode.SIGNATURE_INVALID.number());
  }
}
