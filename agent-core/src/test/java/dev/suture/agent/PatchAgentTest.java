package dev.suture.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.groups.Tuple.tuple;

import dev.suture.attempt.Attempt;
import dev.suture.attempt.Phase;
import dev.suture.protocol.Baseline;
import dev.suture.protocol.Sha256;
import dev.suture.protocol.Slot;
import dev.suture.protocol.StatusDocument;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.RejectedException;
import dev.suture.protocol.failure.SutureException;
import dev.suture.protocol.manifest.AgentVersion;
import dev.suture.protocol.manifest.Manifest;
import dev.suture.protocol.manifest.Payload;
import dev.suture.sim.CacheFate;
import dev.suture.sim.SimDevice;
import dev.suture.sim.SimDisk;
import dev.suture.sim.SimDisk.Operation;
import dev.suture.sim.SimMirror;
import dev.suture.sim.SimPublisher;
import dev.suture.slot.SlotContent;
import dev.suture.store.Held;
import dev.suture.store.Journal;
import dev.suture.store.JournalState;
import dev.suture.store.Outcome;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the agent does, seen from outside, on the simulated device. */
class PatchAgentTest {
  private static final int ENOUGH_STEPS = 12;

  private final SimPublisher publisher = new SimPublisher();
  private final SimDevice device = new SimDevice(publisher);

  private Manifest publish(SimPublisher.Release release) {
    Manifest manifest = publisher.release(release);
    device.notices().send(publisher.version());
    return manifest;
  }

  private Manifest install(String level) {
    Manifest manifest = publish(SimPublisher.level(level));
    device.settle();
    assertThat(status().release()).isEqualTo(manifest.title());
    return manifest;
  }

  private void until(Phase phase) {
    for (int i = 0; i < 100; i++) {
      if (phase() == phase) {
        return;
      }
      device.clock().advance(Math.max(0, device.step()));
    }
    throw new AssertionError("expected " + phase + ", got " + device.stage());
  }

  private Phase phase() {
    return device.stage().equals("off")
        ? Phase.REMOVED
        : device.agent().history().attempt().map(Attempt::phase).orElse(Phase.REMOVED);
  }

  private StatusDocument status() {
    return device.agent().status();
  }

  private Outcome last() {
    return device.agent().history().lastOutcome().orElseThrow();
  }

  private FailureCode lastCode() {
    return last().failure().orElseThrow().code();
  }

  private int attemptCode() {
    return status().attempt().orElseThrow().problem().orElseThrow().code();
  }

  private int failureCode() {
    return status().lastFailure().orElseThrow().code();
  }

  private void assertRunsBase() {
    assertThat(device.kernel().mountedSlot()).isEqualTo(Slot.BASE);
    assertThat(status().running()).isEqualTo(Slot.BASE);
    assertThat(status().isProtected()).isFalse();
  }

  /** Content of slots A and B and the record: what a refused patch must not touch. */
  private Map<String, String> slots() {
    Map<String, String> slots = new TreeMap<>();
    device
        .flash()
        .disk()
        .durable()
        .forEach(
            (path, content) -> {
              if (path.startsWith(SimDevice.slotPath(""))) {
                slots.put(path, Sha256.of(content).hex());
              }
            });
    slots.put("record 0", Sha256.of(device.flash().record().peek(0)).hex());
    slots.put("record 1", Sha256.of(device.flash().record().peek(1)).hex());
    return slots;
  }

  // The way that it should go.

  @Test
  void install_good_isActiveAndProtected() {
    Manifest a = install("a");
    assertThat(status().running()).isEqualTo(Slot.A);
    assertThat(status().phase()).isEqualTo("ACTIVE");
    assertThat(status().isProtected()).isTrue();
    assertThat(last()).isEqualTo(new Outcome(1, "26.1 (a)", Phase.ACTIVE, Optional.empty(), true));
    assertThat(device.kernel().mountedManifest()).hasValue(a);
    assertThat(device.boots()).isEqualTo(2);
    device.invariants().runsTheSameWithoutNetwork();
  }

  @Test
  void install_delta_fullImageIsNotFetched() {
    Manifest a = install("a");
    assertThat(device.mirror().asked())
        .contains(SimPublisher.path(a, SimPublisher.TLS, Payload.Kind.DELTA) + "@0")
        .doesNotContain(SimPublisher.path(a, SimPublisher.TLS, Payload.Kind.FULL) + "@0");
  }

  @Test
  void install_noDeltaIsPublished_fullImageIsFetched() {
    publish(SimPublisher.level("a").withoutDelta());
    device.settle();
    assertThat(status().release()).isEqualTo("26.1 (a)");
  }

  @Test
  void install_again_alternatesSlots() {
    install("a");
    install("b");
    assertThat(status().running()).isEqualTo(Slot.B);
    install("c");
    assertThat(status().running()).isEqualTo(Slot.A);
  }

  @Test
  void notice_oldOrMalformed_noLook() {
    device.settle();
    int asked = device.mirror().asked().size();
    device.notices().send(publisher.version());
    device.step();
    device.notices().send(0);
    device.step();
    for (String bytes : new String[] {"", "{}", "x", "{\"format\":2,\"sequence\":9}"}) {
      device.notices().sendRaw(bytes.getBytes(StandardCharsets.UTF_8));
      device.step();
    }
    assertThat(device.mirror().asked()).hasSize(asked);
    device.notices().send(publisher.version() + 1);
    device.step();
    assertThat(device.mirror().asked()).hasSize(asked + 1);
  }

  @Test
  void noNotice_pollFindsTheLevel() {
    device.settle();
    publisher.release(SimPublisher.level("a"));
    device.steps(ENOUGH_STEPS);
    device.settle();
    assertThat(status().release()).isEqualTo("26.1 (a)");
  }

  // Policy.

  @Test
  void automaticOff_waits_andInstallGoesOn() {
    device.automatic(false);
    publish(SimPublisher.level("a"));
    device.settle();
    device.steps(ENOUGH_STEPS);
    assertRunsBase();
    assertThat(device.agent().history().lastNumber()).isZero();
    device.agent().requestInstall();
    device.settle();
    assertThat(status().release()).isEqualTo("26.1 (a)");
  }

  @Test
  void automaticOffDuringAnAttempt_waitsBeforeTheRestart() {
    publish(SimPublisher.level("a"));
    until(Phase.STAGED);
    device.automatic(false);
    device.powerCycle(CacheFate.lost());
    device.steps(ENOUGH_STEPS);
    assertThat(phase()).isEqualTo(Phase.STAGED);
    assertRunsBase();
    device.agent().requestInstall();
    device.settle();
    assertThat(status().release()).isEqualTo("26.1 (a)");
  }

  @Test
  void waiting_newerLevelIsPublished_takesItsPlace() {
    publish(SimPublisher.level("a"));
    until(Phase.STAGED);
    publish(SimPublisher.level("b"));
    device.settle();
    assertThat(status().release()).isEqualTo("26.1 (b)");
    assertThat(device.agent().history().outcomes())
        .extracting(Outcome::title, Outcome::phase)
        .containsExactly(tuple("26.1 (a)", Phase.ABANDONED), tuple("26.1 (b)", Phase.ACTIVE));
    assertThat(device.agent().history().held()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(
      value = Phase.class,
      names = {"NOTICED", "VERIFIED", "FETCHED", "WRITING", "STAGED"})
  void withdrawn_beforeItIsArmed_isRejected(Phase phase) {
    publish(SimPublisher.level("a"));
    until(phase);
    publisher.withdraw("a");
    device.notices().send(publisher.version());
    device.settle();
    assertRunsBase();
    assertThat(lastCode()).isEqualTo(FailureCode.LEVEL_WITHDRAWN);
  }

  // Removal.

  @Test
  void remove_runsBase_andPublishedLevelsDoNotComeBack() throws SutureException {
    install("a");
    publish(SimPublisher.level("b").sick());
    device.settle();
    device.agent().requestRemoval();
    device.settle();
    assertRunsBase();
    assertThat(last().phase()).isEqualTo(Phase.REMOVED);
    assertThat(status().held()).containsExactlyInAnyOrder("26.1 (a)", "26.1 (b)");
    device.steps(ENOUGH_STEPS);
    assertRunsBase();
    install("c");
  }

  @Test
  void remove_withoutNetwork_works() throws SutureException {
    install("a");
    device.mirror().reachable(false);
    device.reports().connected(false);
    device.agent().requestRemoval();
    device.settle();
    assertRunsBase();
    assertThat(device.agent().history().hasUnreported()).isTrue();
    device.reports().connected(true);
    device.settle();
    assertThat(device.agent().history().hasUnreported()).isFalse();
  }

  @Test
  void remove_thenInstallIsAskedFor_comesBack() throws SutureException {
    install("a");
    device.agent().requestRemoval();
    device.settle();
    device.agent().requestInstall();
    device.settle();
    assertThat(status().release()).isEqualTo("26.1 (a)");
    assertThat(status().held()).isEmpty();
  }

  @Test
  void remove_onBase_isRefused() {
    device.settle();
    assertThatThrownBy(() -> device.agent().requestRemoval())
        .isInstanceOfSatisfying(
            RejectedException.class,
            e -> assertThat(e.code()).isEqualTo(FailureCode.NOTHING_TO_DO));
  }

  @Test
  void remove_duringATrial_isRefused() {
    publish(SimPublisher.level("a"));
    until(Phase.ARMED);
    assertThatThrownBy(() -> device.agent().requestRemoval())
        .isInstanceOfSatisfying(
            RejectedException.class, e -> assertThat(e.code()).isEqualTo(FailureCode.BUSY));
    device.settle();
    assertThat(status().release()).isEqualTo("26.1 (a)");
  }

  @ParameterizedTest
  @EnumSource(
      value = Phase.class,
      names = {"NOTICED", "VERIFIED", "FETCHED", "WRITING", "STAGED"})
  void remove_duringAnAttemptOnBase_staysOnBase(Phase phase) throws SutureException {
    publish(SimPublisher.level("a"));
    until(phase);
    device.agent().requestRemoval();
    device.settle();
    device.steps(ENOUGH_STEPS);
    assertRunsBase();
    assertThat(device.agent().history().lastNumber()).isEqualTo(1);
  }

  @Test
  void remove_duringAnAttemptOnAPatch_goesToBase() throws SutureException {
    install("a");
    publish(SimPublisher.level("b"));
    until(Phase.STAGED);
    device.agent().requestRemoval();
    device.settle();
    device.steps(ENOUGH_STEPS);
    assertRunsBase();
  }

  // A patch that is not good.

  @Test
  void health_fails_isRevertedAndNotTriedAgain() {
    install("a");
    Manifest b = publish(SimPublisher.level("b").sick());
    device.settle();
    assertThat(status().release()).isEqualTo("26.1 (a)");
    assertThat(lastCode()).isEqualTo(FailureCode.HEALTH_FAILED);
    device.steps(ENOUGH_STEPS);
    device.invariants().revertedIsHeld(b);
    assertThat(status().isProtected()).isTrue();
  }

  @Test
  void health_failsOnTheFirstPatch_runsBaseAgain() {
    publish(SimPublisher.level("a").sick());
    device.settle();
    assertRunsBase();
    assertThat(last().phase()).isEqualTo(Phase.REVERTED);
  }

  @Test
  void reverted_thenInstallIsAskedFor_isTriedOnceMore() {
    Manifest a = publish(SimPublisher.level("a").sick());
    device.settle();
    device.agent().requestInstall();
    device.settle();
    assertThat(device.invariants().outcomesOf("26.1 (a)")).isEqualTo(2);
    assertThat(device.agent().history().holds(a.digest())).isTrue();
    device.steps(ENOUGH_STEPS);
    assertThat(device.invariants().outcomesOf("26.1 (a)")).isEqualTo(2);
  }

  @Test
  void reverted_newerLevelIsPublished_isTried() {
    publish(SimPublisher.level("a").sick());
    device.settle();
    install("b");
  }

  @Test
  void hangs_bootloaderGivesItUp() {
    install("a");
    publish(SimPublisher.level("b").hangs());
    device.settle();
    assertThat(status().release()).isEqualTo("26.1 (a)");
    assertThat(lastCode()).isEqualTo(FailureCode.TRIES_EXHAUSTED);
  }

  @Test
  void health_failsOnceThenPassesAfterAPowerCut_outcomeHasNoFailure() {
    publish(SimPublisher.level("a"));
    until(Phase.ARMED);
    while (device.boots() < 2) {
      device.step();
    }
    device.probe().complain(Optional.of("got 500"));
    // The reason is saved, then the record is written: the power fails between the two.
    while (!device.agent().history().attempt().flatMap(Attempt::failure).isPresent()) {
      device.flash().record().failWrites(1);
      device.clock().advance(Math.max(0, device.stepUnchecked()));
    }
    device.powerCycle(CacheFate.lost());
    device.settle();
    assertThat(status().release()).isEqualTo("26.1 (a)");
    assertThat(last().failure()).isEmpty();
  }

  @Test
  void manifest_otherModel_isRejected_nothingIsWritten() {
    publish(
        SimPublisher.level("a")
            .manifest(
                m ->
                    new Manifest(
                        m.baseline(),
                        m.level(),
                        "other",
                        m.minimumAgent(),
                        m.restart(),
                        m.components(),
                        m.advisories(),
                        m.health())));
    Map<String, String> before = slots();
    device.settle();
    assertRunsBase();
    assertThat(last().phase()).isEqualTo(Phase.REJECTED);
    assertThat(lastCode()).isEqualTo(FailureCode.WRONG_MODEL);
    assertThat(slots()).isEqualTo(before);
  }

  @Test
  void manifest_newerAgentWanted_isRejected() {
    publish(
        SimPublisher.level("a")
            .manifest(
                m ->
                    new Manifest(
                        m.baseline(),
                        m.level(),
                        m.model(),
                        new AgentVersion(9, 0, 0),
                        m.restart(),
                        m.components(),
                        m.advisories(),
                        m.health())));
    device.settle();
    assertThat(lastCode()).isEqualTo(FailureCode.AGENT_TOO_OLD);
  }

  @Test
  void delta_refused_fullImageIsUsed() {
    UnaryOperator<byte[]> spoil = bytes -> SimMirror.flipped(bytes.length - 1).apply(bytes);
    publish(SimPublisher.level("a").delta(spoil));
    device.settle();
    assertThat(status().release()).isEqualTo("26.1 (a)");
    assertThat(last()).isEqualTo(new Outcome(1, "26.1 (a)", Phase.ACTIVE, Optional.empty(), true));
  }

  @Test
  void base_damaged_fullImageIsUsed() {
    device.damageBase(SimPublisher.TLS);
    publish(SimPublisher.level("a"));
    device.settle();
    assertThat(status().release()).isEqualTo("26.1 (a)");
  }

  // A mirror that is not good.

  @Test
  void payload_oneBitFlipped_isRefused_nothingIsWritten_laterItSucceeds() {
    device.settle();
    Map<String, String> before = slots();
    Manifest a = publish(SimPublisher.level("a"));
    String path = SimPublisher.path(a, SimPublisher.TLS, Payload.Kind.DELTA);
    device.mirror().lie(path, SimMirror.flipped(100));
    device.steps(ENOUGH_STEPS);
    assertThat(phase()).isEqualTo(Phase.VERIFIED);
    assertThat(attemptCode()).isEqualTo(107);
    assertThat(slots()).isEqualTo(before);
    assertRunsBase();
    device.mirror().honest();
    device.settle();
    assertThat(status().release()).isEqualTo("26.1 (a)");
    assertThat(last().failure()).isEmpty();
  }

  private void assertRetriedUntilHonest(UnaryOperator<byte[]> lie, FailureCode code) {
    device.settle();
    Manifest a = publish(SimPublisher.level("a"));
    String path = SimPublisher.path(a, SimPublisher.TLS, Payload.Kind.DELTA);
    device.mirror().lie(path, lie);
    device.steps(ENOUGH_STEPS);
    assertThat(attemptCode()).isEqualTo(code.number());
    assertRunsBase();
    device.mirror().honest();
    device.settle();
    assertThat(status().release()).isEqualTo("26.1 (a)");
  }

  @Test
  void payload_missing_isRetried() {
    assertRetriedUntilHonest(SimMirror.missing(), FailureCode.SERVER_NOT_FOUND);
  }

  @Test
  void payload_truncated_isRetriedFromThere() {
    assertRetriedUntilHonest(SimMirror.truncated(1_000), FailureCode.DOWNLOAD_TRUNCATED);
    Manifest a = publisher.manifests().iterator().next();
    assertThat(device.mirror().asked())
        .contains(SimPublisher.path(a, SimPublisher.TLS, Payload.Kind.DELTA) + "@1000");
  }

  @Test
  void payload_longerThanSigned_isRetried() {
    device.settle();
    Manifest a = publish(SimPublisher.level("a"));
    String path = SimPublisher.path(a, SimPublisher.TLS, Payload.Kind.DELTA);
    device.mirror().lieTimes(path, 1, SimMirror.longer());
    device.settle();
    assertThat(status().release()).isEqualTo("26.1 (a)");
  }

  @Test
  void manifest_otherBytes_isRetried() {
    device.settle();
    Manifest a = publish(SimPublisher.level("a"));
    device.mirror().lie(publisher.entry(a).manifest().path(), SimMirror.flipped(10));
    device.steps(ENOUGH_STEPS);
    assertThat(phase()).isEqualTo(Phase.NOTICED);
    assertThat(attemptCode()).isEqualTo(105);
    device.mirror().honest();
    device.settle();
    assertThat(status().release()).isEqualTo("26.1 (a)");
  }

  @Test
  void outcomes_ofALongOutage_areEachReportedWhenTheBrokerIsBack() {
    device.settle();
    device.reports().connected(false);
    publish(SimPublisher.level("a"));
    device.settle();
    publish(SimPublisher.level("b").sick());
    device.settle();
    assertThat(device.reports().outcomes()).isEmpty();
    device.reports().connected(true);
    device.settle();
    assertThat(device.reports().outcomes())
        .containsExactly("1 26.1 (a) ACTIVE", "2 26.1 (b) REVERTED");
    assertThat(device.agent().history().hasUnreported()).isFalse();
  }

  @Test
  void metadata_rolledBack_isRefused_andSaid() {
    byte[] old = publisher.files().get(SimPublisher.timestamp());
    install("a");
    device.mirror().lie(SimPublisher.timestamp(), bytes -> old == null ? bytes : old);
    device.agent().check();
    device.steps(2);
    assertThat(failureCode()).isEqualTo(103);
    assertThat(status().release()).isEqualTo("26.1 (a)");
    device.powerCycle(CacheFate.lost());
    device.steps(2);
    assertThat(failureCode()).isEqualTo(103);
    device.mirror().honest();
    device.steps(ENOUGH_STEPS);
    assertThat(status().lastFailure()).isEmpty();
  }

  /** Nothing is wrong with what runs, but it is all that is left. */
  @Test
  void osSlotRefusedByTheBootloader_isSaid_behindWhatIsWrongNow() throws Exception {
    install("a");
    assertThat(status().lastFailure()).isEmpty();
    device.kernel().refusedOsSlot('a');
    assertThat(failureCode()).isEqualTo(413);
    assertThat(status().lastFailure().orElseThrow().message()).startsWith("OS slot a: expected");
    assertThat(status().isProtected()).isTrue();
  }

  @Test
  void metadata_strangersKey_isRefused_andSaid() {
    device.settle();
    SimPublisher stranger = SimPublisher.stranger();
    stranger.release(SimPublisher.level("a"));
    byte[] forged = stranger.files().get(SimPublisher.timestamp());
    device.mirror().lie(SimPublisher.timestamp(), bytes -> forged == null ? bytes : forged);
    device.agent().check();
    device.steps(2);
    assertThat(failureCode()).isEqualTo(101);
    assertRunsBase();
  }

  @Test
  void mirror_unreachable_isSaid_andGoesOnLater() {
    device.mirror().reachable(false);
    publish(SimPublisher.level("a"));
    device.steps(ENOUGH_STEPS);
    assertThat(failureCode()).isEqualTo(301);
    device.mirror().reachable(true);
    device.steps(ENOUGH_STEPS);
    device.settle();
    assertThat(status().release()).isEqualTo("26.1 (a)");
  }

  // Reports.

  @Test
  void reports_lost_stopNothing() {
    device.reports().losesEverything(true);
    publish(SimPublisher.level("a"));
    device.steps(40);
    assertThat(status().release()).isEqualTo("26.1 (a)");
    assertThat(last().reported()).isFalse();
    device.reports().losesEverything(false);
    device.settle();
    assertThat(last().reported()).isTrue();
    assertThat(device.reports().documents()).last().asString().contains("\"26.1 (a)\"");
  }

  @Test
  void reports_brokerAway_stopsNothing() {
    device.reports().connected(false);
    publish(SimPublisher.level("a").sick());
    device.settle();
    assertRunsBase();
    assertThat(lastCode()).isEqualTo(FailureCode.HEALTH_FAILED);
    install("b");
  }

  @Test
  void reports_sameStatus_isSentOnce() {
    device.settle();
    int sent = device.reports().documents().size();
    device.steps(ENOUGH_STEPS);
    assertThat(device.reports().documents()).hasSize(sent);
  }

  // A disk that is not good.

  @Test
  void disk_full_nothingIsWritten_laterItSucceeds() {
    device.settle();
    Map<String, String> before = slots();
    device.flash().disk().capacity(9L << 20);
    device.flash().disk().put("other/file", new byte[1 << 20]);
    publish(SimPublisher.level("a"));
    device.steps(ENOUGH_STEPS);
    assertThat(phase()).isEqualTo(Phase.VERIFIED);
    assertThat(attemptCode()).isEqualTo(401);
    assertThat(slots()).isEqualTo(before);
    device.flash().disk().capacity(64L << 20);
    device.settle();
    assertThat(status().release()).isEqualTo("26.1 (a)");
  }

  @Test
  void disk_fullOfOldPayloads_theyMakeRoom() {
    device.settle();
    device.flash().disk().put(SimDevice.statePath("payloads/old"), new byte[2 << 20]);
    device.flash().disk().capacity(9L << 20);
    publish(SimPublisher.level("a"));
    device.settle();
    assertThat(status().release()).isEqualTo("26.1 (a)");
  }

  @Test
  void disk_readOnly_deviceRunsWhatItRan_andSaysSo() {
    install("a");
    device.flash().disk().readOnly(true);
    publish(SimPublisher.level("b"));
    device.steps(ENOUGH_STEPS);
    assertThat(device.kernel().mountedSlot()).isEqualTo(Slot.A);
    assertThat(failureCode()).isEqualTo(402);
    device.powerCycle(CacheFate.lost());
    device.steps(ENOUGH_STEPS);
    assertThat(status().release()).isEqualTo("26.1 (a)");
    assertThat(failureCode()).isEqualTo(402);
    device.flash().disk().readOnly(false);
    device.settle();
    device.steps(ENOUGH_STEPS);
    device.settle();
    assertThat(status().release()).isEqualTo("26.1 (b)");
  }

  @Test
  void disk_failsOnceAtAnyCall_patchIsActiveInTheEnd() {
    int failed = 0;
    for (Operation operation :
        new Operation[] {
          Operation.WRITE,
          Operation.SYNC,
          Operation.CREATE,
          Operation.RENAME,
          Operation.SYNC_DIRECTORY,
          Operation.READ,
          Operation.OPEN
        }) {
      for (int n = 1; n <= 40; n++) {
        SimPublisher otherPublisher = new SimPublisher();
        SimDevice other = new SimDevice(otherPublisher);
        otherPublisher.release(SimPublisher.level("a"));
        boolean[] happened = {false};
        SimDisk.Fault nth = SimDisk.Fault.nth(n, operation, path -> true, FailureCode.STORAGE_IO);
        other
            .flash()
            .disk()
            .fault(
                (which, path) -> {
                  Optional<FailureCode> failure = nth.on(which, path);
                  happened[0] |= failure.isPresent();
                  return failure;
                });
        other.settle();
        other.steps(ENOUGH_STEPS);
        other.settle();
        if (!happened[0]) {
          break;
        }
        failed++;
        String id = operation + " " + n + ": " + other.agent().history();
        assertThat(other.agent().status().release()).as(id).isEqualTo("26.1 (a)");
        assertThat(other.agent().history().outcomes()).as(id).hasSize(1);
      }
    }
    assertThat(failed).isGreaterThan(100);
  }

  @Test
  void disk_failuresOfASupersededAttempt_doNotCountForTheNext() {
    device
        .flash()
        .disk()
        .fault(
            (operation, path) ->
                operation == Operation.CREATE && path.endsWith(".img")
                    ? Optional.of(FailureCode.STORAGE_IO)
                    : Optional.empty());
    publish(SimPublisher.level("a"));
    until(Phase.WRITING);
    device.step();
    device.step();
    publish(SimPublisher.level("b"));
    until(Phase.NOTICED);
    until(Phase.WRITING);
    device.step();
    device.step();
    assertThat(phase()).isEqualTo(Phase.WRITING);
    device.flash().disk().noFault();
    device.settle();
    assertThat(status().release()).isEqualTo("26.1 (b)");
  }

  @Test
  void disk_badSector_isReadBack_andAbandoned() {
    install("a");
    device.flash().disk().badSectorIn(path -> path.equals(SimDevice.slotPath("b/tls.img")));
    publish(SimPublisher.level("b"));
    device.settle();
    assertThat(status().release()).isEqualTo("26.1 (a)");
    assertThat(last().phase()).isEqualTo(Phase.ABANDONED);
    assertThat(lastCode()).isEqualTo(FailureCode.READ_BACK_MISMATCH);
  }

  @Test
  void cachedPayload_damagedBeforeItIsUsed_isFetchedAgain() {
    Manifest a = publish(SimPublisher.level("a"));
    until(Phase.FETCHED);
    String name =
        a.component(SimPublisher.TLS)
            .flatMap(one -> one.payload(Payload.Kind.DELTA))
            .orElseThrow()
            .file()
            .sha256()
            .hex();
    device.flash().disk().put(SimDevice.statePath("payloads/" + name), new byte[10]);
    device.settle();
    assertThat(status().release()).isEqualTo("26.1 (a)");
  }

  @Test
  void manifestCopy_damagedOrGone_isFetchedAgain() throws SutureException {
    for (Phase phase : new Phase[] {Phase.VERIFIED, Phase.WRITING}) {
      for (boolean gone : new boolean[] {false, true}) {
        SimPublisher otherPublisher = new SimPublisher();
        SimDevice other = new SimDevice(otherPublisher);
        otherPublisher.release(SimPublisher.level("a"));
        while (!other.stage().equals(phase.name())) {
          other.step();
        }
        String copy = SimDevice.statePath("attempt/manifest.json");
        if (gone) {
          other.flash().disk().delete(copy);
          other.flash().disk().syncDirectory(SimDevice.statePath("attempt"));
        } else {
          other.flash().disk().put(copy, new byte[10]);
        }
        other.settle();
        assertThat(other.agent().status().release()).isEqualTo("26.1 (a)");
      }
    }
  }

  // Damaged state.

  @Test
  void record_damaged_runsBase_isKeptAside_andGoesOn() throws SutureException {
    install("a");
    device.powerOn(CacheFate.lost());
    device.flash().record().damage(0);
    device.flash().record().damage(1);
    byte[] copy = device.flash().record().peek(0);
    device.boot();
    assertRunsBase();
    device.step();
    assertThat(
            device
                .flash()
                .disk()
                .cached(SimDevice.statePath("activation-record.damaged"))
                .orElseThrow())
        .startsWith(copy);
    assertThat(device.record().active()).isEqualTo(Slot.BASE);
    device.settle();
    assertThat(status().release()).isEqualTo("26.1 (a)");
    assertThat(device.agent().history().outcomes())
        .anySatisfy(
            outcome ->
                assertThat(outcome.failure().map(failure -> failure.code()))
                    .hasValue(FailureCode.ACTIVATION_RECORD_DAMAGED));
  }

  @ParameterizedTest
  @EnumSource(
      value = Phase.class,
      names = {"NOTICED", "WRITING", "STAGED", "ARMING", "ARMED"})
  void record_damagedDuringAnAttempt_isAbandoned(Phase phase) throws SutureException {
    publish(SimPublisher.level("a"));
    until(phase);
    device.flash().record().damage(0);
    device.flash().record().damage(1);
    device.powerCycle(CacheFate.lost());
    device.settle();
    assertRunsBase();
    assertThat(last().phase()).isEqualTo(Phase.ABANDONED);
    assertThat(lastCode()).isEqualTo(FailureCode.ACTIVATION_RECORD_DAMAGED);
    assertThat(device.record().active()).isEqualTo(Slot.BASE);
    install("b");
  }

  @Test
  void journal_damagedWhileArmed_trialIsGivenUp() throws SutureException {
    publish(SimPublisher.level("a"));
    until(Phase.ARMED);
    device.flash().disk().put(SimDevice.statePath("journal"), new byte[] {1, 2, 3});
    device.mirror().reachable(false);
    device.powerCycle(CacheFate.lost());
    assertThat(device.kernel().mountedSlot()).isEqualTo(Slot.A);
    int boots = device.boots();
    while (device.boots() == boots) {
      device.step();
    }
    assertRunsBase();
    assertThat(device.record().a().state()).isEqualTo(SlotContent.State.FAILED);
    assertThat(device.flash().disk().cached(SimDevice.statePath("journal.damaged")))
        .hasValue(new byte[] {1, 2, 3});
  }

  @Test
  void journal_damagedOnAPatch_isKeptAside_patchGoesOnRunning() {
    install("a");
    device.flash().disk().put(SimDevice.statePath("journal"), new byte[] {1, 2, 3});
    device.powerCycle(CacheFate.lost());
    device.step();
    assertThat(failureCode()).isEqualTo(405);
    device.settle();
    assertThat(status().release()).isEqualTo("26.1 (a)");
    assertThat(status().isProtected()).isTrue();
    install("b");
  }

  @Test
  void journal_damagedAfterARevert_patchIsNotTriedAgainByItself() {
    publish(SimPublisher.level("a").sick());
    device.settle();
    device.flash().disk().put(SimDevice.statePath("journal"), new byte[] {1, 2, 3});
    device.powerCycle(CacheFate.lost());
    device.settle();
    device.steps(ENOUGH_STEPS);
    assertRunsBase();
    assertThat(device.agent().history().outcomes())
        .extracting(Outcome::title)
        .containsExactly("journal", "26.1 (a)");
    assertThat(device.agent().history().held()).extracting(Held::title).containsExactly("26.1 (a)");
    device.agent().requestInstall();
    device.step();
    assertThat(device.agent().history().lastNumber()).isEqualTo(3);
  }

  /** Both copies of what the device believes. */
  private void damageTrust(byte[] instead) {
    for (String copy : new String[] {"trust.0", "trust.1"}) {
      device.flash().disk().put(SimDevice.statePath(copy), instead);
    }
  }

  @Test
  void metadata_damagedOnDisk_isKeptAside_andFetchedAgain() {
    install("a");
    damageTrust(new byte[] {1});
    device.powerCycle(CacheFate.lost());
    device.settle();
    assertThat(status().release()).isEqualTo("26.1 (a)");
    for (String copy : new String[] {"trust.0", "trust.1"}) {
      assertThat(device.flash().disk().cached(SimDevice.statePath(copy + ".damaged"))).isPresent();
    }
    install("b");
  }

  @Test
  void metadata_damagedDuringAnAttempt_mirrorAway_patchIsNotRejected() {
    publish(SimPublisher.level("a"));
    until(Phase.WRITING);
    damageTrust(new byte[] {1});
    device.mirror().reachable(false);
    device.powerCycle(CacheFate.lost());
    device.steps(ENOUGH_STEPS);
    assertThat(device.agent().history().held()).isEmpty();
    device.mirror().reachable(true);
    device.steps(ENOUGH_STEPS);
    device.settle();
    assertThat(status().release()).isEqualTo("26.1 (a)");
  }

  @Test
  void baseline_changed_everyAttemptIsRetired_butNumbersGoOn() throws SutureException {
    publish(SimPublisher.level("a"));
    until(Phase.STAGED);
    JournalState old = device.agent().history();
    new Journal(device.flash().disk().below(SimDevice.statePath("").replace("/", "")))
        .save(
            new JournalState(
                new Baseline("25.9"),
                41,
                old.attempt(),
                List.of(new Outcome(41, "25.9 (z)", Phase.REVERTED, Optional.empty(), false)),
                old.held(),
                old.probations()));
    device.powerCycle(CacheFate.lost());
    device.settle();
    assertThat(status().release()).isEqualTo("26.1 (a)");
    assertThat(last().number()).isEqualTo(42);
    assertThat(device.agent().history().outcomes()).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"journal", "trust"})
  void remove_stateDamagedBeforeItIsDone_patchDoesNotComeBack(String file) throws SutureException {
    install("a");
    device.agent().requestRemoval();
    until(Phase.ARMED);
    if (file.equals("trust")) {
      damageTrust(new byte[] {1, 2, 3});
    } else {
      device.flash().disk().put(SimDevice.statePath(file), new byte[] {1, 2, 3});
    }
    device.powerCycle(CacheFate.lost());
    device.settle();
    device.steps(ENOUGH_STEPS);
    assertRunsBase();
    device.agent().requestInstall();
    device.settle();
    assertThat(status().release()).isEqualTo("26.1 (a)");
  }

  @Test
  void remove_metadataDamagedBeforeItIsAskedFor_patchDoesNotComeBack() throws SutureException {
    install("a");
    damageTrust(new byte[] {1, 2, 3});
    device.mirror().reachable(false);
    device.powerCycle(CacheFate.lost());
    device.agent().requestRemoval();
    device.settle();
    device.mirror().reachable(true);
    device.steps(ENOUGH_STEPS);
    assertRunsBase();
    assertThat(status().held()).containsExactly("26.1 (a)");
  }

  @Test
  void journal_damagedWhileArmed_givingUpTheTrialIsAnOutcome() {
    publish(SimPublisher.level("a"));
    until(Phase.ARMED);
    device.flash().disk().put(SimDevice.statePath("journal"), new byte[] {1, 2, 3});
    device.powerCycle(CacheFate.lost());
    device.settle();
    assertThat(last().title()).isEqualTo("26.1 (a)");
    assertThat(last().phase()).isEqualTo(Phase.REVERTED);
    assertThat(lastCode()).isEqualTo(FailureCode.STATE_UNEXPECTED);
    assertThat(last().reported()).isTrue();
  }

  @Test
  void record_damagedTwice_outcomesAreTwo() {
    device.settle();
    for (int i = 0; i < 2; i++) {
      device.flash().record().damage(0);
      device.flash().record().damage(1);
      device.powerCycle(CacheFate.lost());
      device.settle();
    }
    assertThat(device.agent().history().outcomes())
        .extracting(Outcome::number)
        .containsExactly(1L, 2L);
  }
}
