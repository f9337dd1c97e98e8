package dev.suture.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.suture.attempt.Phase;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.manifest.Manifest;
import dev.suture.protocol.release.LevelEntry;
import dev.suture.protocol.release.Rollout;
import dev.suture.protocol.tuf.RoleType;
import dev.suture.sim.CacheFate;
import dev.suture.sim.SimDevice;
import dev.suture.sim.SimMirror;
import dev.suture.sim.SimPublisher;
import dev.suture.store.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Keys that change, clocks that are wrong, mirrors that stand still, vendors, stages. */
class TrustStoryTest {
  private static final int ENOUGH_STEPS = 40;
  private static final int VENDOR = 50;
  private static final long DAY_MILLIS = Duration.ofDays(1).toMillis();

  private final SimPublisher publisher = new SimPublisher();
  private final SimDevice device = new SimDevice(publisher);

  private void look() {
    device.notices().send(publisher.version());
    device.steps(ENOUGH_STEPS);
    device.settleOrWait();
  }

  private String release() {
    return device.agent().status().release();
  }

  private int failure() {
    return device.agent().status().lastFailure().map(problem -> problem.code()).orElse(0);
  }

  private Outcome last() {
    return device.agent().history().lastOutcome().orElseThrow();
  }

  private Manifest publish(String level) {
    return publisher.release(SimPublisher.level(level));
  }

  @Test
  void keys_everyRoleRotated_deviceGoesAlong_alsoAfterAStartWithoutNetwork() {
    publish("a");
    look();
    int key = 100;
    for (RoleType role : RoleType.values()) {
      publisher.rotate(role, key++);
      look();
      assertThat(failure()).as(role.word()).isZero();
    }
    publish("b");
    look();
    assertThat(release()).isEqualTo("26.1 (b)");
    device.mirror().reachable(false);
    device.powerCycle(CacheFate.lost());
    device.steps(ENOUGH_STEPS);
    assertThat(release()).isEqualTo("26.1 (b)");
  }

  @Test
  void keys_targetsKeyIsTakenAway_slotOfBeforeStillStarts() {
    publish("a");
    look();
    publisher.rotate(RoleType.TARGETS, 100);
    look();
    device.powerCycle(CacheFate.lost());
    device.steps(ENOUGH_STEPS);
    assertThat(release()).isEqualTo("26.1 (a)");
    assertThat(device.agent().status().isProtected()).isTrue();
  }

  @Test
  void keys_timestampKeyStolen_fastForwardIsRecoveredFromByARotation() {
    publish("a");
    look();
    // The thief has the repository at a version far beyond; the owner takes the key away.
    SimPublisher thief = new SimPublisher();
    for (int i = 0; i < 20; i++) {
      thief.publish();
    }
    Optional<byte[]> ahead = Optional.ofNullable(thief.files().get(SimPublisher.timestamp()));
    device.mirror().lie(SimPublisher.timestamp(), bytes -> ahead.orElse(bytes));
    look();
    device.mirror().honest();
    look();
    assertThat(failure()).isEqualTo(FailureCode.METADATA_ROLLED_BACK.number());
    publisher.rotate(RoleType.TIMESTAMP, 100);
    publish("b");
    look();
    assertThat(failure()).isZero();
    assertThat(release()).isEqualTo("26.1 (b)");
  }

  @Test
  void clock_noneForTwoYears_updatesAtTheFirstContact() {
    publish("a");
    look();
    device.powerOff();
    for (int i = 0; i < 2 * 365 * 24; i += 24 * 60) {
      publisher.publish();
    }
    publish("b");
    device.powerOn(CacheFate.lost());
    look();
    assertThat(release()).isEqualTo("26.1 (b)");
  }

  @Test
  void clock_untrustworthy_oldTimestampIsNotTakenAgain() {
    publish("a");
    Optional<byte[]> old = Optional.ofNullable(publisher.files().get(SimPublisher.timestamp()));
    publish("b");
    look();
    device.mirror().lie(SimPublisher.timestamp(), bytes -> old.orElse(bytes));
    device.clock().date(Optional.of(Instant.EPOCH));
    look();
    assertThat(failure()).isEqualTo(FailureCode.METADATA_ROLLED_BACK.number());
    device.clock().date(Optional.empty());
    device.powerCycle(CacheFate.lost());
    look();
    assertThat(failure()).isEqualTo(FailureCode.METADATA_ROLLED_BACK.number());
    assertThat(release()).isEqualTo("26.1 (b)");
  }

  @Test
  void clock_trustworthy_expiredTimestampIsRefused_andSaid() {
    publish("a");
    device.clock().date(Optional.of(Instant.parse("2027-11-21T00:00:00Z")));
    look();
    assertThat(failure()).isEqualTo(FailureCode.METADATA_EXPIRED.number());
    assertThat(release()).isEqualTo("26.1");
    device.clock().date(Optional.of(Instant.EPOCH)); // Behind the signed time: that one counts.
    look();
    assertThat(release()).isEqualTo("26.1 (a)");
  }

  @Test
  void mirror_standsStill_isNoticedByUptime_overRestarts() {
    publish("a");
    look();
    for (int day = 0; day < 15; day++) {
      if (day < 8) {
        assertThat(failure()).as("day " + day).isZero();
      }
      device.clock().advance(DAY_MILLIS);
      device.steps(3);
      device.powerCycle(CacheFate.lost());
      device.steps(ENOUGH_STEPS);
    }
    assertThat(failure()).isEqualTo(FailureCode.METADATA_FROZEN.number());
    assertThat(release()).isEqualTo("26.1 (a)");
    publisher.publish();
    look();
    assertThat(failure()).isZero();
  }

  @Test
  void look_nothingIsNew_isOneRequest() {
    publish("a");
    look();
    device.mirror().asked().clear();
    device.agent().check();
    device.steps(1);
    assertThat(device.mirror().asked()).containsExactly(SimPublisher.timestamp() + "@0");
    for (int i = 0; i < 20; i++) {
      device.agent().check();
      device.steps(1);
    }
    assertThat(device.mirror().asked()).contains("metadata/2.root.json@0");
  }

  @Test
  void look_nothingIsNew_writesNothing() {
    publish("a");
    look();
    long before = device.flash().power().operations();
    for (int i = 0; i < 20; i++) { // Among them one that goes through the whole workflow.
      device.agent().check();
      device.steps(1);
    }
    device.mirror().reachable(false);
    device.agent().check();
    device.steps(1);
    assertThat(failure()).isEqualTo(FailureCode.SERVER_UNREACHABLE.number());
    assertThat(device.flash().power().operations()).isEqualTo(before);
  }

  @Test
  void vendor_vouchesForItsComponent_isInstalled() {
    publisher.delegate(SimPublisher.WEB, VENDOR);
    Manifest a = publish("a");
    publisher.vouch(a, SimPublisher.WEB, VENDOR);
    look();
    assertThat(release()).isEqualTo("26.1 (a)");
    device.mirror().reachable(false);
    device.powerCycle(CacheFate.lost());
    device.steps(ENOUGH_STEPS);
    assertThat(release()).isEqualTo("26.1 (a)");
  }

  @Test
  void vendor_doesNotVouch_isRefused() {
    publisher.delegate(SimPublisher.WEB, VENDOR);
    publish("a");
    look();
    assertThat(release()).isEqualTo("26.1");
    assertThat(last().phase()).isEqualTo(Phase.REJECTED);
    assertThat(last().failure().orElseThrow().code()).isEqualTo(FailureCode.COMPONENT_NOT_VOUCHED);
  }

  @Test
  void vendor_vouchesForAnotherOnesComponent_isRefused() {
    publisher.delegate(SimPublisher.WEB, VENDOR);
    publisher.delegate(SimPublisher.TLS, VENDOR + 1);
    Manifest a = publish("a");
    publisher.vouch(a, SimPublisher.WEB, VENDOR);
    // The vendor of one component signs for the other one as well, in its own name.
    publisher.vouchInTheNameOf(a, SimPublisher.TLS, SimPublisher.WEB, VENDOR);
    look();
    assertThat(release()).isEqualTo("26.1");
    assertThat(last().failure().orElseThrow().code()).isEqualTo(FailureCode.COMPONENT_NOT_VOUCHED);
  }

  @Test
  void vendor_brokenMetadata_stopsOnlyItsOwnComponent() {
    publisher.delegate(SimPublisher.WEB, VENDOR);
    Manifest a = publish("a");
    publisher.vouch(a, SimPublisher.WEB, VENDOR);
    device.mirror().lie("metadata/1.component-web.json", SimMirror.flipped(40));
    look();
    assertThat(release()).isEqualTo("26.1");
    assertThat(failure()).isZero();
    device.mirror().honest();
    device.agent().requestInstall();
    look();
    assertThat(release()).isEqualTo("26.1 (a)");
  }

  @Test
  void rollout_ringFirst_thenByCurve() {
    Instant start = Instant.parse("2026-11-21T00:00:00Z");
    Rollout rollout =
        new Rollout(
            Optional.of("internal"),
            start,
            List.of(new Rollout.Step(0, 0), new Rollout.Step(48, 100)));
    publish("a");
    publisher.change("a", entry -> entry.with(Optional.of(rollout)));
    look();
    assertThat(release()).isEqualTo("26.1");
    SimDevice internal = new SimDevice(publisher);
    internal.ring("internal");
    internal.settle();
    assertThat(internal.agent().status().release()).isEqualTo("26.1 (a)");
    for (int i = 0; i < 48; i++) {
      publisher.publish();
    }
    look();
    assertThat(release()).isEqualTo("26.1 (a)");
  }

  @Test
  void rollout_askedForOnTheDevice_isInstalled() {
    publish("a");
    Rollout nobody = new Rollout(Optional.empty(), Instant.EPOCH, List.of());
    publisher.change("a", entry -> entry.with(Optional.of(nobody)));
    look();
    assertThat(release()).isEqualTo("26.1");
    device.agent().requestInstall();
    look();
    assertThat(release()).isEqualTo("26.1 (a)");
  }

  @Test
  void level_thatIsNotUnderstood_isNotOffered() {
    publish("a");
    look();
    publish("b");
    publisher.change(
        "b",
        entry ->
            new LevelEntry(
                entry.model(),
                entry.baseline(),
                entry.level(),
                entry.manifest(),
                Optional.empty(),
                Optional.of(new Rollout(Optional.empty(), Instant.EPOCH, List.of())),
                Optional.empty()));
    look();
    assertThat(release()).isEqualTo("26.1 (a)");
  }
}
