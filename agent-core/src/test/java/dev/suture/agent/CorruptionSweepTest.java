package dev.suture.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.suture.protocol.StatusDocument;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.SutureException;
import dev.suture.sim.CacheFate;
import dev.suture.sim.SimDevice;
import dev.suture.sim.SimDisk;
import dev.suture.sim.SimFlash;
import dev.suture.sim.SimPublisher;
import dev.suture.sim.SimWiring;
import dev.suture.store.Outcome;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What is on a device goes bad while it is off: every state file, both copies of the record, every
 * file of the slots; flipped, zeroed, cut short, blank or gone; one at a time. Every second time
 * without a network at first. With {@code -Dsuture.depth=nightly} every byte of every small file.
 */
class CorruptionSweepTest {
  private static final boolean NIGHTLY =
      System.getProperty("suture.depth", "build").equals("nightly");

  /** Places that are damaged in each file of the agent's state, in the build. */
  private static final int POSITIONS_IN_STATE = 40;

  /** Places that are damaged in every other file, in the build. */
  private static final int POSITIONS_ELSEWHERE = 8;

  /** Files up to this size are damaged byte by byte, larger ones sector by sector. */
  private static final int SMALL_BYTES = 8 << 10;

  private static final int STEPS_MAX = 200;
  private static final int STEPS_WITHOUT_NETWORK = 8;

  private final SimPublisher publisher = new SimPublisher();
  private final Map<String, Integer> ends = new TreeMap<>();
  private final Set<Integer> said = new TreeSet<>();

  @ParameterizedTest
  @EnumSource(CorruptionSituation.class)
  void anythingDamaged_deviceEndsWell(CorruptionSituation situation) throws SutureException {
    SimFlash flash = situation.prepared(publisher);
    int cases = 0;
    for (String place : Corruption.places(flash)) {
      for (Corruption corruption : Corruption.of(flash, place, step(flash, place))) {
        try {
          sweep(situation, flash.copy(), corruption, cases++ % 2 == 1);
        } catch (SutureException | RuntimeException | AssertionError e) {
          throw new AssertionError(situation + ", " + corruption + ": " + e, e);
        }
      }
    }
    System.out.printf(
        "corruption sweep %-13s %5d cases, ran in the end %s, said %s%n",
        situation, cases, ends, said);
    assertThat(cases).isGreaterThan(200);
  }

  private static int step(SimFlash flash, String place) {
    int bytes = Corruption.content(flash, place).length;
    int finest = bytes > SMALL_BYTES ? SimDisk.SECTOR_BYTES : 1;
    boolean isState =
        Corruption.isRecord(place)
            || place.equals(SimDevice.statePath("journal"))
            || place.equals(SimDevice.statePath("trust.0"))
            || place.equals(SimDevice.statePath("trust.1"));
    return NIGHTLY
        ? finest
        : Math.max(finest, bytes / (isState ? POSITIONS_IN_STATE : POSITIONS_ELSEWHERE));
  }

  private void sweep(
      CorruptionSituation situation, SimFlash flash, Corruption corruption, boolean offline)
      throws SutureException {
    flash.powerOn(CacheFate.lost());
    corruption.applyTo(flash);
    boolean isRecordLost = !flash.record().isValid(0) && !flash.record().isValid(1);
    SimDevice device = new SimDevice(flash, publisher, SimWiring.PLAIN);
    Set<Integer> codes = new TreeSet<>();
    if (offline) {
      device.mirror().reachable(false);
      device.reports().connected(false);
      for (int i = 0; i < STEPS_WITHOUT_NETWORK; i++) {
        device.clock().advance(Math.max(0, step(device, codes)));
      }
      device.mirror().reachable(true);
      device.reports().connected(true);
      device.clock().advance(BackOff.millis(STEPS_WITHOUT_NETWORK));
    }
    settle(device, codes);
    String release = device.agent().status().release();
    ends.merge(release, 1, Integer::sum);
    said.addAll(codes);
    assertThat(release).isIn(situation.ends(corruption, isRecordLost));
    assertThat(device.agent().status().isProtected()).isEqualTo(!release.equals("26.1"));
    assertIsSaid(situation, corruption, isRecordLost, codes);
    assertIsKeptAside(flash, corruption, isRecordLost);
    assertNextStartIsTheSame(device);
  }

  private static void assertIsSaid(
      CorruptionSituation situation,
      Corruption corruption,
      boolean isRecordLost,
      Set<Integer> codes) {
    boolean isGone = corruption.kind() == Corruption.Kind.GONE;
    if (corruption.isState("journal") && !isGone) {
      assertThat(codes).contains(FailureCode.JOURNAL_DAMAGED.number());
    }
    if ((corruption.isState("trust.0") || corruption.isState("trust.1")) && !isGone) {
      assertThat(codes).contains(FailureCode.TRUST_STATE_DAMAGED.number());
    }
    if (isRecordLost) {
      assertThat(codes).contains(FailureCode.ACTIVATION_RECORD_DAMAGED.number());
    }
    if (situation.mounts(corruption.place())) {
      assertThat(codes).as("what cannot be mounted").isNotEmpty();
    }
  }

  private static void assertIsKeptAside(
      SimFlash flash, Corruption corruption, boolean isRecordLost) {
    boolean isGone = corruption.kind() == Corruption.Kind.GONE;
    for (String file : new String[] {"journal", "trust.0", "trust.1"}) {
      assertThat(flash.disk().durable(SimDevice.statePath(file + ".damaged")).isPresent())
          .as(file + " is kept aside")
          .isEqualTo(corruption.isState(file) && !isGone);
    }
    assertThat(flash.disk().durable(SimDevice.statePath("activation-record.damaged")).isPresent())
        .as("the record is kept aside")
        .isEqualTo(isRecordLost);
  }

  private static void assertNextStartIsTheSame(SimDevice device) throws SutureException {
    StatusDocument before = device.agent().status();
    List<Outcome> outcomes = device.agent().history().outcomes();
    device.flash().power().off();
    device.powerOn(CacheFate.lost());
    Set<Integer> later = new TreeSet<>();
    settle(device, later);
    assertThat(device.agent().status().running()).isEqualTo(before.running());
    assertThat(device.agent().status().release()).isEqualTo(before.release());
    assertThat(device.agent().history().outcomes()).isEqualTo(outcomes);
    assertThat(later).isSubsetOf(outcomeCodes(outcomes));
  }

  private static Set<Integer> outcomeCodes(List<Outcome> outcomes) {
    Set<Integer> codes = new TreeSet<>();
    for (Outcome outcome : outcomes) {
      outcome.failure().ifPresent(failure -> codes.add(failure.code().number()));
    }
    return codes;
  }

  private static void settle(SimDevice device, Set<Integer> codes) throws SutureException {
    for (int i = 0; i < STEPS_MAX; i++) {
      long wait = step(device, codes);
      if (wait > 0) {
        if (device.isSettled()) {
          device.invariants().aCopyOfTheRecordIsValid();
          device.invariants().baseWasNeverWritten();
          return;
        }
        device.clock().advance(wait);
      }
    }
    throw new AssertionError("did not settle in " + STEPS_MAX + " steps: " + device.stage());
  }

  /** One step; what a damaged device must keep to is checked, and what it says is collected. */
  private static long step(SimDevice device, Set<Integer> codes) {
    long wait = device.stepUnchecked();
    if (Arrays.asList("restarting", "hung").contains(device.stage())) {
      return wait;
    }
    if (wait > 0) {
      device.invariants().whatRunsWasVerified();
      device.invariants().baseOrOneWholePatch();
      device.invariants().outcomesAreRecordedOnce();
      device.invariants().failuresAreExplained();
      device.invariants().nothingIsLeftOpen();
    }
    if (device.flash().record().isValid(0) || device.flash().record().isValid(1)) {
      device.invariants().protectionIsTrue();
    }
    StatusDocument status = device.agent().status();
    status.lastFailure().ifPresent(problem -> codes.add(problem.code()));
    status
        .attempt()
        .flatMap(StatusDocument.Progress::problem)
        .ifPresent(problem -> codes.add(problem.code()));
    codes.addAll(outcomeCodes(device.agent().history().outcomes()));
    return wait;
  }
}
