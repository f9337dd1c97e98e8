package dev.suture.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.suture.attempt.Phase;
import dev.suture.protocol.Baseline;
import dev.suture.protocol.Sha256;
import dev.suture.protocol.Slot;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.SutureException;
import dev.suture.sim.CacheFate;
import dev.suture.sim.PowerCut;
import dev.suture.sim.SimDevice;
import dev.suture.sim.SimDisk;
import dev.suture.sim.SimMirror;
import dev.suture.sim.SimPublisher;
import dev.suture.sim.SimWiring;
import dev.suture.slot.ActivationRecord;
import dev.suture.slot.ActivationRecordCodec;
import dev.suture.slot.SlotContent;
import dev.suture.store.Outcome;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
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
  @ValueSource(strings = {"a/tls.img", "a/web.img", "a/proof.json", "a/manifest.json"})
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
    device.flash().power().off();
    SimDevice other = new SimDevice(device.flash(), SimPublisher.stranger(), SimWiring.PLAIN);
    other.powerOn(CacheFate.lost());
    other.bootUnchecked();
    assertThat(other.kernel().mountedSlot()).isEqualTo(Slot.BASE);
    assertThat(other.agent().status().lastFailure().orElseThrow().code())
        .isEqualTo(FailureCode.SIGNATURE_INVALID.number());
  }

  private void untilTrialOfB() throws SutureException {
    install("a");
    publisher.release(SimPublisher.level("b"));
    device.notices().send(publisher.version());
    while (!device.record().isOnTrial(Slot.B)) {
      device.step();
    }
  }

  private Outcome last() {
    return device.agent().history().lastOutcome().orElseThrow();
  }

  @ParameterizedTest
  @ValueSource(strings = {"b/proof.json", "b/manifest.json"})
  void boot_documentOfTrialNotReadOnce_isReadAgain(String file) throws SutureException {
    untilTrialOfB();
    device
        .flash()
        .disk()
        .fault(
            SimDisk.Fault.nth(
                1,
                SimDisk.Operation.READ,
                SimDevice.slotPath(file)::equals,
                FailureCode.STORAGE_IO));
    device.settle();
    assertThat(device.agent().status().release()).isEqualTo("26.1 (b)");
    assertThat(last().phase()).isEqualTo(Phase.ACTIVE);
  }

  @Test
  void boot_documentsOfTrialNotReadInOneBoot_trialGoesOnWithTheNext() throws SutureException {
    untilTrialOfB();
    int boots = device.boots();
    device
        .flash()
        .disk()
        .fault(
            (operation, path) ->
                operation == SimDisk.Operation.READ
                        && path.startsWith(SimDevice.slotPath("b/"))
                        && device.boots() == boots + 1
                    ? Optional.of(FailureCode.STORAGE_IO)
                    : Optional.empty());
    while (device.boots() == boots) {
      device.step();
    }
    assertThat(device.kernel().mountedSlot()).isEqualTo(Slot.A);
    assertThat(device.record().isOnTrial(Slot.B)).isTrue();
    assertThat(lastFailure()).isEqualTo(FailureCode.STORAGE_IO.number());
    device.settle();
    assertThat(device.agent().status().release()).isEqualTo("26.1 (b)");
    assertThat(last().phase()).isEqualTo(Phase.ACTIVE);
  }

  @Test
  void boot_documentsOfTrialNeverRead_triesAreUsedUp() throws SutureException {
    untilTrialOfB();
    int boots = device.boots();
    device
        .flash()
        .disk()
        .fault(
            (operation, path) ->
                operation == SimDisk.Operation.READ && path.startsWith(SimDevice.slotPath("b/"))
                    ? Optional.of(FailureCode.STORAGE_IO)
                    : Optional.empty());
    device.settle();
    assertThat(device.agent().status().release()).isEqualTo("26.1 (a)");
    assertThat(device.agent().status().isProtected()).isTrue();
    assertThat(last().phase()).isEqualTo(Phase.REVERTED);
    assertThat(last().failure().orElseThrow().code()).isEqualTo(FailureCode.TRIES_EXHAUSTED);
    assertThat(device.boots()).isEqualTo(boots + 4);
  }

  /** What the start cannot mount then is the old slot, and not why the trial ended. */
  @Test
  void boot_triesAreLostToPowerCutsAndOldSlotIsUnreadable_reasonIsTheTries()
      throws SutureException {
    untilTrialOfB();
    device.flash().disk().damage(SimDevice.slotPath("a/" + SimPublisher.WEB.word() + ".img"), 0);
    device.powerOff();
    while (device.record().tries() > 0) {
      device.flash().power().cutIn(1); // In the bootloader, which has just counted.
      assertThatThrownBy(device::boot).isInstanceOf(PowerCut.class);
      device.powerOn(CacheFate.landed());
    }
    device.boot();
    assertThat(device.kernel().mountedSlot()).isEqualTo(Slot.BASE);
    device.steps(2);
    assertThat(last().phase()).isEqualTo(Phase.REVERTED);
    assertThat(last().failure().orElseThrow().code()).isEqualTo(FailureCode.TRIES_EXHAUSTED);
  }

  @ParameterizedTest
  @EnumSource(
      value = SlotContent.State.class,
      names = {"EMPTY", "UNUSABLE", "FAILED"})
  void boot_recordStartsWhatIsNotWhole_isADamagedRecord(SlotContent.State state) {
    device.settle();
    SlotContent content =
        state == SlotContent.State.EMPTY
            ? SlotContent.EMPTY
            : new SlotContent(state, Optional.of(Sha256.of(new byte[1])));
    for (boolean onTrial : new boolean[] {true, false}) {
      byte[] foreign =
          ActivationRecordCodec.encode(
              new ActivationRecord(
                  99,
                  onTrial ? Slot.BASE : Slot.A,
                  0,
                  onTrial ? Optional.of(Slot.A) : Optional.empty(),
                  onTrial ? 3 : 0,
                  content,
                  SlotContent.EMPTY,
                  'a'));
      device.powerOn(CacheFate.lost());
      device.flash().record().overwrite(0, foreign);
      device.flash().record().overwrite(1, foreign);
      device.bootUnchecked();
      assertThat(device.kernel().mountedSlot()).isEqualTo(Slot.BASE);
      device.stepUnchecked();
      device.settle();
      assertThat(last().failure().orElseThrow().code())
          .isEqualTo(FailureCode.ACTIVATION_RECORD_DAMAGED);
    }
    assertThat(device.agent().history().outcomes())
        .extracting(Outcome::number)
        .doesNotHaveDuplicates();
    install("a");
  }

  @Test
  void boot_oldReleaseFlashedBack_itsPatchIsNotTakenForARemovedOne() throws SutureException {
    install("a");
    device.baseline(new Baseline("26.2"));
    device.powerCycle(CacheFate.lost());
    device.settle();
    assertThat(device.record().active()).isEqualTo(Slot.BASE);
    device.baseline(SimPublisher.BASELINE);
    device.powerCycle(CacheFate.lost());
    device.settle();
    assertThat(device.agent().status().release()).isEqualTo("26.1 (a)");
    assertThat(device.agent().status().isProtected()).isTrue();
  }

  @Test
  void boot_patchStopsEveryLaterStart_theOneBeforeItRunsAfterFiveStarts() throws SutureException {
    install("a");
    device.publisher().release(SimPublisher.level("b").hangsLater());
    device.notices().send(device.publisher().version());
    device.settle();
    assertThat(device.agent().status().release()).isEqualTo("26.1 (b)");
    int boots = device.boots();
    device.powerOff();
    device.settle();
    assertThat(device.boots()).isEqualTo(boots + ActivationRecord.STARTS_MAX + 1);
    assertThat(device.agent().status().release()).isEqualTo("26.1 (a)");
    assertThat(device.agent().status().isProtected()).isTrue();
    assertThat(last().title()).isEqualTo("26.1 (b)");
    assertThat(last().phase()).isEqualTo(Phase.REVERTED);
    assertThat(last().failure().orElseThrow().code()).isEqualTo(FailureCode.STARTS_EXHAUSTED);
    device.powerCycle(CacheFate.lost());
    device.settle();
    assertThat(device.agent().status().release()).isEqualTo("26.1 (a)");
    assertThat(device.agent().history().lastOutcome()).contains(last());
  }

  @Test
  void boot_firstPatchStopsEveryLaterStart_baseRunsAfterFiveStarts() throws SutureException {
    device.publisher().release(SimPublisher.level("a").hangsLater());
    device.settle();
    device.powerOff();
    device.settle();
    assertThat(device.kernel().mountedSlot()).isEqualTo(Slot.BASE);
    assertThat(device.record().active()).isEqualTo(Slot.BASE);
    assertThat(last().failure().orElseThrow().code()).isEqualTo(FailureCode.STARTS_EXHAUSTED);
    device.steps(20);
    assertThat(device.kernel().mountedSlot()).isEqualTo(Slot.BASE);
  }

  @Test
  void boot_removedPatchInTheOtherSlot_isNotGoneBackTo() throws SutureException {
    install("a");
    device.agent().requestRemoval();
    device.settle();
    device.publisher().release(SimPublisher.level("b").hangsLater());
    device.notices().send(device.publisher().version());
    device.settle();
    assertThat(device.agent().status().release()).isEqualTo("26.1 (b)");
    device.powerOff();
    device.settle();
    assertThat(device.kernel().mountedSlot()).isEqualTo(Slot.BASE);
  }

  @Test
  void boot_seenAlive_startsAreForgotten() throws SutureException {
    install("a");
    for (int i = 0; i < 2 * ActivationRecord.STARTS_MAX; i++) {
      device.powerCycle(CacheFate.lost());
      assertThat(device.record().starts()).isEqualTo(1);
      device.settle();
      assertThat(device.record().starts()).isZero();
    }
    assertThat(device.agent().status().release()).isEqualTo("26.1 (a)");
  }

  @Test
  void boot_servicesDoNotWorkAnyMore_deviceIsAliveAllTheSame() throws SutureException {
    install("a");
    for (int i = 0; i < 2 * ActivationRecord.STARTS_MAX; i++) {
      device.powerCycle(CacheFate.lost());
      device.probe().complain(Optional.of("the network is away"));
      device.settle();
      assertThat(lastFailure()).isEqualTo(FailureCode.HEALTH_FAILED.number());
      assertThat(device.record().starts()).isZero();
    }
    assertThat(device.agent().status().release()).isEqualTo("26.1 (a)");
    assertThat(device.agent().status().isProtected()).isTrue();
  }

  @Test
  void boot_slotGoesBadBehindTheMount_isNoticedAndWrittenOnceMore() throws SutureException {
    install("a");
    device.powerCycle(CacheFate.lost());
    device.flash().disk().damage(SimDevice.slotPath("a/" + SimPublisher.WEB.word() + ".img"), 0);
    device.probe().complain(Optional.of("cannot be read"));
    while (device.record().active() == Slot.A) {
      device.clock().advance(Math.max(0, device.stepUnchecked()));
    }
    assertThat(last().phase()).isEqualTo(Phase.REVERTED);
    assertThat(last().failure().orElseThrow().code()).isEqualTo(FailureCode.READ_BACK_MISMATCH);
    assertThat(device.agent().history().held()).isEmpty();
    device.stepUnchecked(); // Restarts.
    device.settle();
    assertThat(device.agent().status().release()).isEqualTo("26.1 (a)");
    assertThat(device.agent().status().isProtected()).isTrue();
  }

  @Test
  void boot_slotCannotBeMounted_isNotAStartOfThePatch() throws SutureException {
    install("a");
    device.automatic(false);
    device.flash().disk().damage(SimDevice.slotPath("a/" + SimPublisher.WEB.word() + ".img"), 0);
    for (int i = 0; i < 2 * ActivationRecord.STARTS_MAX; i++) {
      device.powerCycle(CacheFate.lost());
      device.settle();
      assertThat(device.record().starts()).isZero();
    }
    assertThat(device.record().active()).isEqualTo(Slot.A);
  }

  @Test
  void boot_startCannotBeCounted_patchRunsAllTheSame() {
    install("a");
    device.powerOff();
    device.flash().record().failWrites(1);
    device.settle();
    assertThat(device.agent().status().release()).isEqualTo("26.1 (a)");
    assertThat(device.agent().status().isProtected()).isTrue();
  }
}
