package dev.suture.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.suture.attempt.Phase;
import dev.suture.protocol.Slot;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.RetryableException;
import dev.suture.protocol.failure.SutureException;
import dev.suture.sim.CacheFate;
import dev.suture.sim.SimDevice;
import dev.suture.sim.SimFlash;
import dev.suture.sim.SimMirror;
import dev.suture.sim.SimPublisher;
import dev.suture.sim.SimWiring;
import dev.suture.store.Outcome;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.IntPredicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A network that does what it wants, and clocks. */
class HostileNetworkTest {
  private static final long MINUTE_MILLIS = 60_000;
  private static final long DAY_MILLIS = 24 * 60 * MINUTE_MILLIS;

  /** A mirror that goes on for this many requests as it began. */
  private static final int REQUESTS_OF_A_WHILE = 6;

  private final SimPublisher publisher = new SimPublisher();

  /** What a mirror can do to a request. */
  enum Trick {
    DROPS,
    STALLS,
    HAS_NO_SUCH_FILE,
    CUTS_SHORT,
    SENDS_TWICE,
    SENDS_A_BYTE_MORE,
    FLIPS_A_BIT,
    FLIPS_THE_LAST_BIT,
    SENDS_ZEROS,
    SENDS_ANOTHER_FILE,
    SENDS_ENDLESSLY
  }

  private static final int ENDLESS_BYTES = 4 << 20;

  private byte[] answer(Trick trick, String path, byte[] file) throws RetryableException {
    return switch (trick) {
      case DROPS ->
          throw new RetryableException(FailureCode.SERVER_UNREACHABLE, path + ": dropped");
      case STALLS -> throw new RetryableException(FailureCode.DOWNLOAD_TOO_SLOW, path + ": stalls");
      case HAS_NO_SUCH_FILE -> new byte[0];
      case CUTS_SHORT -> SimMirror.truncated(file.length / 2).apply(file);
      case SENDS_TWICE -> {
        byte[] twice = Arrays.copyOf(file, 2 * file.length);
        System.arraycopy(file, 0, twice, file.length, file.length);
        yield twice;
      }
      case SENDS_A_BYTE_MORE -> SimMirror.longer().apply(file);
      case FLIPS_A_BIT -> SimMirror.flipped(file.length / 2).apply(file);
      case FLIPS_THE_LAST_BIT -> SimMirror.flipped(file.length - 1).apply(file);
      case SENDS_ZEROS -> new byte[file.length];
      case SENDS_ANOTHER_FILE ->
          publisher.files().entrySet().stream()
              .filter(other -> !other.getKey().equals(path))
              .findFirst()
              .orElseThrow()
              .getValue();
      case SENDS_ENDLESSLY -> Arrays.copyOf(file, ENDLESS_BYTES);
    };
  }

  @ParameterizedTest
  @EnumSource(Trick.class)
  void mirror_atAnyRequest_patchIsActiveInTheEnd(Trick trick) {
    publisher.release(SimPublisher.level("a"));
    SimDevice start = new SimDevice(publisher);
    start.settle();
    SimFlash flash = start.flash();
    flash.disk().syncAll();
    publisher.release(SimPublisher.level("b"));
    int cases = 0;
    for (boolean once : new boolean[] {true, false}) {
      for (int n = 1; ; n++) {
        int from = n;
        IntPredicate requests =
            once
                ? number -> number == from
                : number -> number >= from && number < from + REQUESTS_OF_A_WHILE;
        boolean[] happened = {false};
        SimFlash copy = flash.copy();
        copy.powerOn(CacheFate.lost());
        SimDevice device = new SimDevice(copy, publisher, SimWiring.PLAIN);
        device
            .mirror()
            .answer(
                requests,
                (path, file) -> {
                  happened[0] = true;
                  return answer(trick, path, file);
                });
        for (int i = 0; i < 40; i++) {
          device.clock().advance(Math.max(0, device.step()));
        }
        device.settle();
        if (!happened[0]) {
          break;
        }
        cases++;
        String id = trick + (once ? " once, " : " for a while, ") + "request " + n;
        assertThat(device.agent().status().release()).as(id).isEqualTo("26.1 (b)");
        assertThat(device.agent().status().isProtected()).as(id).isTrue();
        assertThat(device.agent().history().held()).as(id).isEmpty();
      }
    }
    System.out.printf("mirror %-18s %3d cases, all active in the end%n", trick, cases);
    assertThat(cases).isGreaterThanOrEqualTo(8);
  }

  @Test
  void broker_deadForADay_patchIsInstalledByPolling_andReportedOnce() {
    SimDevice device = new SimDevice(publisher);
    device.settle();
    int reported = device.reports().documents().size();
    device.reports().connected(false);
    long end = device.clock().monotonicMillis() + DAY_MILLIS;
    boolean isPublished = false;
    while (device.clock().monotonicMillis() < end) {
      long wait = device.step();
      device.clock().advance(Math.max(1, wait));
      if (!isPublished && device.clock().monotonicMillis() > end - DAY_MILLIS / 2) {
        publisher.release(SimPublisher.level("a"));
        isPublished = true;
      }
    }
    assertThat(device.agent().status().release()).isEqualTo("26.1 (a)");
    assertThat(device.agent().status().isProtected()).isTrue();
    assertThat(device.reports().documents()).hasSize(reported);
    assertThat(device.agent().history().outcomes())
        .extracting(Outcome::reported)
        .containsOnly(false);
    device.reports().connected(true);
    device.settle();
    assertThat(device.agent().history().outcomes()).hasSize(1);
    assertThat(device.agent().history().outcomes())
        .extracting(Outcome::reported)
        .containsOnly(true);
    assertThat(device.reports().documents().get(device.reports().documents().size() - 1))
        .contains("\"26.1 (a)\"");
  }

  @Test
  void notices_repeatedReorderedReplayedAndForged_changeNothing() {
    SimDevice device = new SimDevice(publisher);
    publisher.release(SimPublisher.level("a"));
    device.settle();
    for (long sequence : new long[] {2, 1, 2, 0, Long.MAX_VALUE, 1, Long.MAX_VALUE, 2}) {
      device.notices().send(sequence);
      device.notices().send(sequence);
      device.step();
    }
    device.settle();
    assertThat(device.agent().status().release()).isEqualTo("26.1 (a)");
    assertThat(device.agent().history().outcomes()).hasSize(1);
  }

  @ParameterizedTest
  @EnumSource(
      value = Phase.class,
      names = {"NOTICED", "VERIFIED", "FETCHED", "WRITING", "STAGED", "ARMING", "ARMED"})
  void clock_jumpsAheadInAnyPhase_patchIsActive(Phase phase) {
    for (long jump : new long[] {DAY_MILLIS, 3650 * DAY_MILLIS}) {
      SimDevice device = new SimDevice(new SimPublisher());
      device.publisher().release(SimPublisher.level("a"));
      while (!device.stage().equals(phase.name())) {
        device.clock().advance(Math.max(0, device.step()));
      }
      device.clock().advance(jump);
      device.settle();
      assertThat(device.agent().status().release()).isEqualTo("26.1 (a)");
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Phase.class,
      names = {"NOTICED", "VERIFIED", "FETCHED", "WRITING", "STAGED", "ARMING", "ARMED"})
  void clock_startsAtZeroAfterACut_patchIsActive(Phase phase) {
    SimDevice device = new SimDevice(new SimPublisher());
    device.publisher().release(SimPublisher.level("a"));
    while (!device.stage().equals(phase.name())) {
      device.clock().advance(Math.max(0, device.step()));
    }
    device.clock().advance(-device.clock().monotonicMillis());
    device.powerCycle(CacheFate.lost());
    device.settle();
    assertThat(device.agent().status().release()).isEqualTo("26.1 (a)");
  }

  @Test
  void health_flaps_endsOnAWholePatchOrBefore() throws SutureException {
    for (int period = 1; period <= 6; period++) {
      SimDevice device = new SimDevice(new SimPublisher());
      device.publisher().release(SimPublisher.level("a"));
      while (!device.stage().equals(Phase.ARMED.name()) || device.boots() < 2) {
        device.step();
      }
      for (int i = 0; device.agent().history().attempt().isPresent() && i < 50; i++) {
        boolean complains = i / period % 2 == 0;
        device.probe().complain(complains ? Optional.of("got 500") : Optional.empty());
        device.clock().advance(Math.max(0, device.step()));
        if (device.stage().equals("restarting")) {
          device.step();
        }
      }
      device.probe().complain(Optional.empty());
      device.settle();
      Outcome outcome = device.agent().history().lastOutcome().orElseThrow();
      assertThat(outcome.phase()).isIn(Phase.ACTIVE, Phase.REVERTED);
      assertThat(device.kernel().mountedSlot())
          .isEqualTo(outcome.phase() == Phase.ACTIVE ? Slot.A : Slot.BASE);
    }
  }
}
