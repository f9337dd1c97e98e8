package dev.suture.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.suture.attempt.Failure;
import dev.suture.attempt.Phase;
import dev.suture.protocol.Slot;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.SutureException;
import dev.suture.sim.CacheFate;
import dev.suture.sim.SimDevice;
import dev.suture.sim.SimFlash;
import dev.suture.sim.SimPublisher;
import dev.suture.sim.SimRecordKind;
import dev.suture.sim.SimWiring;
import dev.suture.slot.ActivationRecord;
import dev.suture.slot.BootControl;
import dev.suture.store.Outcome;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What others do to a boot record that is theirs as well. */
class BootSlotsOthersTest {
  private final SimPublisher publisher = new SimPublisher();

  private SimDevice installed(SimRecordKind kind) {
    SimDevice device = new SimDevice(SimFlash.factory(kind), publisher, SimWiring.PLAIN);
    publisher.release(SimPublisher.level("a"));
    device.settle();
    assertThat(device.agent().status().release()).isEqualTo("26.1 (a)");
    return device;
  }

  private void assertIsGivenUp(SimDevice device) throws SutureException {
    assertThat(device.kernel().mountedSlot()).isEqualTo(Slot.BASE);
    assertThat(device.record().active()).isEqualTo(Slot.BASE);
    assertThat(device.agent().status().isProtected()).isFalse();
    Outcome last = device.agent().history().lastOutcome().orElseThrow();
    assertThat(last.title()).isEqualTo("26.1 (a)");
    assertThat(last.phase()).isEqualTo(Phase.REVERTED);
    assertThat(last.failure().orElseThrow().code()).isEqualTo(FailureCode.STATE_UNEXPECTED);
    assertThat(last.failure().orElseThrow().message())
        .isEqualTo("slot a was given up outside any attempt");
    assertThat(device.agent().history().holds(publisher.manifests().iterator().next().digest()))
        .isTrue();
  }

  @ParameterizedTest
  @EnumSource(
      value = SimRecordKind.class,
      names = {"RAUC", "MISC"})
  void markBad_ofWhatRuns_baseRunsAndTheLevelIsHeld(SimRecordKind kind) throws SutureException {
    SimDevice device = installed(kind);
    device.flash().record().markBad(Slot.A);
    device.settle();
    assertIsGivenUp(device);
    device.powerCycle(CacheFate.lost());
    device.settle();
    assertIsGivenUp(device);
    publisher.release(SimPublisher.level("b"));
    device.notices().send(publisher.version());
    device.settle();
    assertThat(device.agent().status().release()).isEqualTo("26.1 (b)");
    assertThat(device.agent().status().isProtected()).isTrue();
  }

  @ParameterizedTest
  @EnumSource(
      value = SimRecordKind.class,
      names = {"RAUC", "MISC"})
  void markBad_deviceWasOff_baseRunsAtOnce(SimRecordKind kind) throws SutureException {
    SimDevice device = installed(kind);
    int boots = device.boots();
    device.powerOff();
    device.flash().power().on();
    device.flash().record().markBad(Slot.A);
    device.boot();
    assertThat(device.kernel().mountedSlot()).isEqualTo(Slot.BASE);
    device.settle();
    assertIsGivenUp(device);
    assertThat(device.boots()).isEqualTo(boots + 1);
  }

  @ParameterizedTest
  @EnumSource(
      value = SimRecordKind.class,
      names = {"RAUC", "MISC"})
  void markBad_ofATrial_isReverted(SimRecordKind kind) throws SutureException {
    SimDevice device = installed(kind);
    publisher.release(SimPublisher.level("b"));
    device.notices().send(publisher.version());
    while (!device.record().isOnTrial(Slot.B)) {
      device.step();
    }
    device.flash().record().markBad(Slot.B);
    device.settle();
    assertThat(device.agent().status().release()).isEqualTo("26.1 (a)");
    Outcome last = device.agent().history().lastOutcome().orElseThrow();
    assertThat(last.title()).isEqualTo("26.1 (b)");
    assertThat(last.phase()).isEqualTo(Phase.REVERTED);
  }

  private static SimDevice withOwnOs(SimFlash flash) {
    SimPublisher publisher = new SimPublisher().patchesOs();
    SimDevice device = new SimDevice(flash, publisher, SimWiring.PLAIN);
    publisher.release(SimPublisher.level("a").withOs());
    device.settle();
    assertThat(device.kernel().bootChoice().patchedOs()).contains(Slot.A);
    device.powerOff();
    flash.power().on();
    return device;
  }

  /** Its agent was started, and restarted the device, until the slot had no starts left. */
  @ParameterizedTest
  @EnumSource(
      value = SimRecordKind.class,
      names = {"RAUC", "MISC"})
  void recordLost_bootloaderStartsAnOsOfASlotAllTheSame_nextStartIsBase(SimRecordKind kind)
      throws SutureException {
    SimDevice device = withOwnOs(SimFlash.factory(kind));
    device.flash().record().bootloaderMakesUpRecords();
    device.flash().record().loseRecord();
    int boots = device.boots();
    while (!device.isOn()) {
      device.step();
    }
    assertThat(device.boots()).isEqualTo(boots + 2);
    assertThat(device.kernel().bootChoice().patchedOs()).isEmpty();
    assertThat(device.kernel().mountedSlot()).isEqualTo(Slot.BASE);
    assertThat(device.record().active()).isEqualTo(Slot.BASE);
    device.settle();
    assertThat(device.agent().history().outcomes().stream().flatMap(one -> one.failure().stream()))
        .extracting(Failure::code)
        .containsExactly(FailureCode.ACTIVATION_RECORD_DAMAGED);
    assertThat(device.agent().status().release()).isEqualTo("26.1 (a)");
    assertThat(device.agent().status().isProtected()).isTrue();
  }

  @ParameterizedTest
  @EnumSource(
      value = FailureCode.class,
      names = {"CONFIG_INVALID", "STORAGE_IO"})
  void recordIsNotDamagedButNotRead_isLeftAsItIs(FailureCode code) {
    SimFlash flash = SimFlash.factory();
    SimDevice installed = withOwnOs(flash);
    SimDevice device =
        new SimDevice(
            flash,
            installed.publisher(),
            new SimWiring() {
              @Override
              public BootControl bootControl(BootControl record) {
                return new BootControl() {
                  @Override
                  public ActivationRecord load() throws DeviceException {
                    throw new DeviceException(code, "not read");
                  }

                  @Override
                  public void store(ActivationRecord next) {
                    throw new AssertionError("written: " + next);
                  }

                  @Override
                  public byte[] raw() {
                    return new byte[0];
                  }
                };
              }
            });
    device.stepUnchecked();
    assertThat(device.isOn()).isFalse();
    assertThat(device.stage()).isEqualTo("restarting");
  }
}
