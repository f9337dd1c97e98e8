package dev.suture.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.suture.attempt.Phase;
import dev.suture.protocol.Level;
import dev.suture.protocol.Slot;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.RejectedException;
import dev.suture.protocol.manifest.Compatibility;
import dev.suture.protocol.manifest.Compatibility.DataSchema;
import dev.suture.protocol.manifest.Manifest;
import dev.suture.protocol.release.Withdrawal;
import dev.suture.protocol.release.Withdrawal.Instead;
import dev.suture.protocol.release.Withdrawal.Reach;
import dev.suture.sim.CacheFate;
import dev.suture.sim.SimDevice;
import dev.suture.sim.SimDisk;
import dev.suture.sim.SimPublisher;
import dev.suture.store.Outcome;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Levels that are taken back, floors, and data that a level leaves behind. */
class WithdrawalTest {
  private static final Withdrawal TO_BASE = new Withdrawal(Reach.REMOVE, Instead.BASE);
  private static final Withdrawal TO_GOOD = new Withdrawal(Reach.REMOVE, Instead.NEWEST_GOOD);
  private static final int ENOUGH_STEPS = 40;

  private final SimPublisher publisher = new SimPublisher();
  private final SimDevice device = new SimDevice(publisher);

  private Manifest install(String level) {
    return install(SimPublisher.level(level));
  }

  private Manifest install(SimPublisher.Release release) {
    Manifest manifest = publisher.release(release);
    look();
    assertThat(release()).isEqualTo(manifest.title());
    return manifest;
  }

  /** The device hears of what was published, and does what follows. */
  private void look() {
    device.notices().send(publisher.version());
    device.steps(ENOUGH_STEPS);
    device.settleOrWait();
  }

  private String release() {
    return device.agent().status().release();
  }

  private Outcome last() {
    return device.agent().history().lastOutcome().orElseThrow();
  }

  private void until(Phase phase) {
    device.notices().send(publisher.version());
    for (int i = 0; i < ENOUGH_STEPS && !device.stage().equals(phase.name()); i++) {
      device.steps(1);
    }
    assertThat(device.stage()).isEqualTo(phase.name());
  }

  @Test
  void remove_deviceHasIt_goesBackToBase_andStaysThere() {
    install("a");
    install("b");
    publisher.withdraw("b", TO_BASE);
    look();
    assertThat(release()).isEqualTo("26.1");
    assertThat(last().title()).isEqualTo("withdrawal");
    assertThat(last().phase()).isEqualTo(Phase.REMOVED);
    device.powerCycle(CacheFate.lost());
    device.steps(ENOUGH_STEPS);
    assertThat(release()).isEqualTo("26.1");
    install("c");
  }

  @Test
  void remove_deviceHasIt_goesToTheNewestGoodOne_andStaysThere() {
    install("a");
    install("b");
    install("c");
    publisher.withdraw("b", TO_GOOD);
    look();
    assertThat(release()).isEqualTo("26.1 (c)");
    publisher.withdraw("c", TO_GOOD);
    look();
    assertThat(release()).isEqualTo("26.1 (a)");
    assertThat(device.agent().status().isProtected()).isTrue();
    device.steps(ENOUGH_STEPS);
    assertThat(release()).isEqualTo("26.1 (a)");
    install("d");
  }

  @Test
  void remove_noGoodOneIsLeft_goesBackToBase() {
    install("a");
    publisher.withdraw("a", TO_GOOD);
    look();
    assertThat(release()).isEqualTo("26.1");
    assertThat(device.agent().history().held()).hasSize(1);
  }

  @Test
  void stop_deviceHasIt_keepsIt() {
    install("a");
    publisher.withdraw("a", Withdrawal.STOP);
    look();
    assertThat(release()).isEqualTo("26.1 (a)");
    assertThat(device.agent().status().isProtected()).isTrue();
  }

  @Test
  void remove_installationIsOff_goesBackAllTheSame() {
    install("a");
    install("b");
    device.automatic(false);
    device.powerCycle(CacheFate.lost());
    publisher.withdraw("b", TO_GOOD);
    look();
    assertThat(release()).isEqualTo("26.1");
  }

  @ParameterizedTest
  @EnumSource(Reach.class)
  void withdraw_deviceNeverSawIt_neverInstallsIt(Reach reach) {
    install("a");
    publisher.release(SimPublisher.level("b"));
    publisher.withdraw("b", new Withdrawal(reach, Instead.NEWEST_GOOD));
    look();
    assertThat(release()).isEqualTo("26.1 (a)");
    assertThat(device.agent().history().outcomes()).hasSize(1);
    device.agent().requestInstall();
    look();
    assertThat(release()).isEqualTo("26.1 (a)");
  }

  @ParameterizedTest
  @EnumSource(
      value = Phase.class,
      names = {"NOTICED", "VERIFIED", "FETCHED", "WRITING", "STAGED"})
  void withdraw_deviceIsDownloadingOrWritingIt_isRejected(Phase phase) {
    install("a");
    publisher.release(SimPublisher.level("b"));
    until(phase);
    publisher.withdraw("b", TO_GOOD);
    look();
    assertThat(release()).isEqualTo("26.1 (a)");
    assertThat(last().phase()).isEqualTo(Phase.REJECTED);
    assertThat(last().failure().orElseThrow().code()).isEqualTo(FailureCode.LEVEL_WITHDRAWN);
  }

  @ParameterizedTest
  @EnumSource(Reach.class)
  void withdraw_deviceHasItOnTrial_endsOnTheOneBefore(Reach reach) {
    install("a");
    publisher.release(SimPublisher.level("b"));
    until(Phase.ARMED);
    publisher.withdraw("b", new Withdrawal(reach, Instead.NEWEST_GOOD));
    look();
    // Trials wait for no server: what is only stopped may be confirmed before it is heard of.
    assertThat(release()).isEqualTo(reach == Reach.STOP ? "26.1 (b)" : "26.1 (a)");
    device.steps(ENOUGH_STEPS);
    assertThat(device.agent().status().isProtected()).isTrue();
  }

  @Test
  void withdraw_mirrorReplaysTheStateBefore_levelDoesNotComeBack() {
    install("a");
    publisher.release(SimPublisher.level("b"));
    byte[] before = publisher.files().get(SimPublisher.timestamp());
    publisher.withdraw("b", TO_GOOD);
    look();
    device.mirror().lie(SimPublisher.timestamp(), bytes -> before == null ? bytes : before);
    device.powerCycle(CacheFate.lost());
    look();
    assertThat(release()).isEqualTo("26.1 (a)");
    assertThat(device.agent().status().lastFailure().orElseThrow().code()).isEqualTo(103);
  }

  private static SimPublisher.Release demanding(String level, Compatibility compatibility) {
    return SimPublisher.level(level).manifest(manifest -> manifest.with(compatibility));
  }

  private static Compatibility floor(String level, boolean coversBase) {
    return new Compatibility(
        Optional.empty(), Optional.of(new Level(level)), coversBase, Optional.empty());
  }

  private static Compatibility schema(int min, int max) {
    return new Compatibility(
        Optional.empty(), Optional.empty(), false, Optional.of(new DataSchema(min, max)));
  }

  @Test
  void floor_confirmed_nothingBelowIsInstalled_butBaseIsPermitted() throws Exception {
    install("a");
    install(demanding("b", floor("b", false)));
    publisher.withdraw("b", TO_GOOD);
    look();
    assertThat(release()).isEqualTo("26.1");
    device.agent().requestInstall();
    look();
    assertThat(release()).isEqualTo("26.1");
    install("c");
    device.agent().requestRemoval();
    look();
    assertThat(release()).isEqualTo("26.1");
  }

  @Test
  void floor_coversBase_removalIsRefused() {
    install(demanding("b", floor("b", true)));
    assertThatThrownBy(() -> device.agent().requestRemoval())
        .isInstanceOfSatisfying(
            RejectedException.class, e -> assertThat(e.code()).isEqualTo(FailureCode.BELOW_FLOOR));
    publisher.withdraw("b", TO_BASE);
    look();
    assertThat(release()).isEqualTo("26.1 (b)");
    install("c");
  }

  @Test
  void floor_trialFails_isNotRaised() {
    install("a");
    publisher.release(demanding("b", floor("b", true)).sick());
    look();
    assertThat(release()).isEqualTo("26.1 (a)");
    publisher.withdraw("a", TO_BASE);
    look();
    assertThat(release()).isEqualTo("26.1");
  }

  /**
   * The power fails behind the confirmation, and the documents cannot be read at the next start.
   */
  @Test
  void floor_slotIsNotMountedWhenItsConfirmationIsNoted_isRaised() throws Exception {
    install("a");
    publisher.release(demanding("b", floor("b", true)));
    until(Phase.ARMED);
    fail(SimDisk.Operation.CREATE, SimDevice.statePath("trust."));
    for (int i = 0; i < ENOUGH_STEPS && device.record().active() != Slot.B; i++) {
      device.steps(1);
    }
    assertThat(device.invariants().believed().orElseThrow().marks().floor()).isEmpty();
    device.powerOff();
    fail(SimDisk.Operation.READ, SimDevice.slotPath("b/"));
    device.boot();
    for (int i = 0; i < ENOUGH_STEPS && device.agent().history().outcomes().size() < 2; i++) {
      device.steps(1);
    }
    assertThat(release()).isEqualTo("26.1");
    assertThat(last().title()).isEqualTo("26.1 (b)");
    assertThat(last().phase()).isEqualTo(Phase.ACTIVE);
    assertThat(device.invariants().believed().orElseThrow().marks().floor()).isPresent();
  }

  private void fail(SimDisk.Operation which, String where) {
    device
        .flash()
        .disk()
        .fault(
            (operation, path) ->
                operation == which && path.startsWith(where)
                    ? Optional.of(FailureCode.STORAGE_IO)
                    : Optional.empty());
  }

  @Test
  void dataSchema_unreadable_isRefused() {
    install(demanding("a", schema(1, 2)));
    publisher.release(demanding("b", schema(3, 3)));
    look();
    assertThat(release()).isEqualTo("26.1 (a)");
    assertThat(last().failure().orElseThrow().code()).isEqualTo(FailureCode.DATA_SCHEMA_UNREADABLE);
    install(demanding("c", schema(2, 3)));
    assertThatThrownBy(() -> device.agent().requestRemoval())
        .isInstanceOfSatisfying(
            RejectedException.class,
            e -> assertThat(e.code()).isEqualTo(FailureCode.DATA_SCHEMA_UNREADABLE));
    assertThat(device.kernel().mountedSlot()).isNotEqualTo(Slot.BASE);
  }

  @Test
  void baselineDigest_ofOtherImages_isRefused() {
    Manifest a = install("a");
    Compatibility other =
        new Compatibility(Optional.of(a.digest()), Optional.empty(), false, Optional.empty());
    publisher.release(demanding("b", other));
    look();
    assertThat(last().failure().orElseThrow().code()).isEqualTo(FailureCode.WRONG_BASELINE);
  }
}
