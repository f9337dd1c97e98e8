package dev.suture.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.suture.attempt.Phase;
import dev.suture.protocol.Baseline;
import dev.suture.protocol.Slot;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.SutureException;
import dev.suture.sim.CacheFate;
import dev.suture.sim.SimDevice;
import dev.suture.sim.SimPublisher;
import dev.suture.slot.ActivationRecord;
import dev.suture.slot.SlotContent;
import dev.suture.store.Outcome;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Patches that bring an OS, and what the bootloader refuses of them. Cuts: {@link CrashTest}. */
class OsPatchTest {
  private static final String FIT_A = "fit/a";
  private static final String FIT_B = "fit/b";

  private final SimPublisher publisher = new SimPublisher().patchesOs();
  private final SimDevice device = new SimDevice(publisher);

  private void install(SimPublisher.Release release) {
    publisher.release(release);
    device.notices().send(publisher.version());
    device.settle();
  }

  private Outcome last() {
    return device.agent().history().lastOutcome().orElseThrow();
  }

  private void untilTrialOfB() throws SutureException {
    publisher.release(SimPublisher.level("b").withOs());
    device.notices().send(publisher.version());
    while (!device.record().isOnTrial(Slot.B)) {
      device.step();
    }
  }

  @Test
  void install_osOfThePatchBoots_andItsStartsAreForgotten() throws SutureException {
    install(SimPublisher.level("a").withOs());
    assertThat(device.kernel().bootChoice().patchedOs()).contains(Slot.A);
    assertThat(device.agent().status().isProtected()).isTrue();
    for (int i = 0; i < 2 * ActivationRecord.STARTS_MAX; i++) {
      device.powerCycle(CacheFate.lost());
      assertThat(device.record().starts()).isEqualTo(1);
      device.settle();
      assertThat(device.record().starts()).isZero();
      assertThat(device.kernel().bootChoice().patchedOs()).contains(Slot.A);
    }
  }

  @Test
  void install_withoutOsAfterOneWithOs_partitionIsCleared() {
    install(SimPublisher.level("a").withOs());
    install(SimPublisher.level("b"));
    install(SimPublisher.level("c"));
    assertThat(device.kernel().mountedSlot()).isEqualTo(Slot.A);
    assertThat(device.kernel().bootChoice().patchedOs()).isEmpty();
    assertThat(device.flash().disk().durable(FIT_A).orElseThrow()).containsOnly(0);
    assertThat(device.agent().status().isProtected()).isTrue();
  }

  @Test
  void trial_bootloaderRefusesIt_isGivenUpAndTheOldOsBoots() throws SutureException {
    install(SimPublisher.level("a").withOs());
    untilTrialOfB();
    device.flash().disk().damage(FIT_B, 100);
    device.settle();
    assertThat(last().phase()).isEqualTo(Phase.REVERTED);
    assertThat(last().failure().orElseThrow().code()).isEqualTo(FailureCode.SLOT_UNMOUNTABLE);
    assertThat(last().failure().orElseThrow().message())
        .contains("expected the OS of slot b to have booted, got the OS of the release");
    assertThat(device.kernel().mountedSlot()).isEqualTo(Slot.A);
    assertThat(device.kernel().bootChoice().patchedOs()).contains(Slot.A);
    assertThat(device.agent().status().isProtected()).isTrue();
  }

  @Test
  void trial_imagesBesideTheOsDamaged_osIsNotKeptEither() throws SutureException {
    install(SimPublisher.level("a").withOs());
    untilTrialOfB();
    device.flash().disk().damage(SimDevice.slotPath("b/tls.img"), 0);
    device.settle();
    assertThat(last().phase()).isEqualTo(Phase.REVERTED);
    assertThat(device.kernel().bootChoice().patchedOs()).contains(Slot.A);
    assertThat(device.agent().status().release()).isEqualTo("26.1 (a)");
  }

  @Test
  void active_bootloaderRefusesIt_releaseRunsAndSaysWhy() throws SutureException {
    install(SimPublisher.level("a").withOs());
    device.automatic(false);
    device.powerOff();
    device.flash().disk().damage(FIT_A, 100);
    int boots = device.boots();
    device.boot();
    device.settle();
    assertThat(device.boots()).isEqualTo(boots + 1);
    assertThat(device.kernel().mountedSlot()).isEqualTo(Slot.BASE);
    assertThat(device.kernel().bootChoice().patchedOs()).isEmpty();
    assertThat(device.agent().status().isProtected()).isFalse();
    assertThat(device.agent().status().lastFailure().orElseThrow().code())
        .isEqualTo(FailureCode.SLOT_UNMOUNTABLE.number());
  }

  @Test
  void active_bootloaderRefusesIt_isWrittenOnceMore() {
    install(SimPublisher.level("a").withOs());
    device.powerOff();
    device.flash().disk().damage(FIT_A, 100);
    device.settle();
    assertThat(device.kernel().mountedSlot()).isEqualTo(Slot.B);
    assertThat(device.kernel().bootChoice().patchedOs()).contains(Slot.B);
    assertThat(device.agent().status().isProtected()).isTrue();
  }

  @Test
  void active_bootloaderRefusesItAgainAndAgain_isNotThePatchsFault() throws SutureException {
    install(SimPublisher.level("a").withOs());
    device.automatic(false);
    device.powerOff();
    device.flash().disk().damage(FIT_A, 100);
    for (int i = 0; i < 2 * ActivationRecord.STARTS_MAX; i++) {
      device.powerCycle(CacheFate.lost());
      device.settle();
      assertThat(device.kernel().mountedSlot()).isEqualTo(Slot.BASE);
    }
    assertThat(device.agent().history().held()).isEmpty();
    device.automatic(true);
    device.powerCycle(CacheFate.lost());
    device.settle();
    assertThat(device.agent().status().release()).isEqualTo("26.1 (a)");
    assertThat(device.agent().status().isProtected()).isTrue();
  }

  @Test
  void trial_osSaysThatItIsOfAnotherRelease_oldPatchStays() throws SutureException {
    install(SimPublisher.level("a").withOs());
    device.osBaseline(Slot.B, new Baseline("26.2"));
    untilTrialOfB();
    device.settle();
    assertThat(last().phase()).isEqualTo(Phase.REVERTED);
    assertThat(last().failure().orElseThrow().code()).isEqualTo(FailureCode.WRONG_BASELINE);
    assertThat(device.agent().status().release()).isEqualTo("26.1 (a)");
    assertThat(device.kernel().bootChoice().patchedOs()).contains(Slot.A);
  }

  @Test
  void active_wornOut_osBeforeItBoots() throws SutureException {
    install(SimPublisher.level("a").withOs());
    install(SimPublisher.level("b").withOs());
    device.powerOff();
    device.flash().disk().damage(SimDevice.slotPath("b/os.img"), 0);
    device.settle();
    assertThat(device.agent().status().release()).isEqualTo("26.1 (a)");
    assertThat(device.kernel().bootChoice().patchedOs()).contains(Slot.A);
    assertThat(last().phase()).isEqualTo(Phase.REVERTED);
  }

  @Test
  void active_rootDamaged_isStartedSoOftenAndGivenUp() throws SutureException {
    install(SimPublisher.level("a").withOs());
    device.powerOff();
    device.flash().disk().damage(SimDevice.slotPath("a/os.img"), 0);
    int boots = device.boots();
    device.settle();
    assertThat(device.boots()).isEqualTo(boots + ActivationRecord.STARTS_MAX + 1);
    assertThat(device.kernel().mountedSlot()).isEqualTo(Slot.BASE);
    assertThat(device.record().active()).isEqualTo(Slot.BASE);
    assertThat(device.record().a().state()).isEqualTo(SlotContent.State.FAILED);
    assertThat(last().failure().map(failure -> failure.code()))
        .isEqualTo(Optional.of(FailureCode.STARTS_EXHAUSTED));
  }

  @Test
  void active_recordCannotBeWritten_releaseRuns() throws SutureException {
    install(SimPublisher.level("a").withOs());
    device.automatic(false);
    device.powerOff();
    device.flash().record().failWrites(1);
    device.settle();
    assertThat(device.kernel().bootChoice().patchedOs()).isEmpty();
    assertThat(device.kernel().mountedSlot()).isEqualTo(Slot.BASE);
    device.powerCycle(CacheFate.lost());
    device.settle();
    assertThat(device.agent().status().isProtected()).isTrue();
  }
}
