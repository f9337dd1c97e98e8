package dev.suture.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.suture.live.Services.Condition;
import dev.suture.live.Services.Condition.Kind;
import dev.suture.live.Services.Service;
import dev.suture.protocol.ComponentName;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.sim.SimClock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class ServiceRestartTest {
  private static final Service STORE = new Service("store", 400);
  private static final Service WEB = new Service("web", 400);
  private static final int FIRST_OF_WEB = 200;

  private final SimClock clock = new SimClock();
  private final Deque<List<OldCode>> looks = new ArrayDeque<>();
  private final List<String> done = new ArrayList<>();
  private final Map<Service, Deque<Kind>> conditions = new HashMap<>();
  private Optional<String> held = Optional.empty();
  private boolean isMute;

  /** Each look finds what a test says; behind that, nothing. */
  private final class Script implements Processes, Services {
    @Override
    public List<OldCode> oldCode() {
      return looks.isEmpty() ? List.of() : looks.removeFirst();
    }

    @Override
    public List<OldCode> usersOf(Set<ComponentName> components) {
      throw new AssertionError("a restart asks for old code alone");
    }

    @Override
    public Optional<String> heldWithoutProcess() {
      return held;
    }

    @Override
    public void signal(OldCode process, Signal signal) {
      done.add(signal + " " + process.pid());
    }

    @Override
    public void kill(Service service) {
      throw new AssertionError("a restart of services kills processes");
    }

    @Override
    public Agent agent() {
      throw new AssertionError("a restart of services spares nobody");
    }

    @Override
    public boolean stop(Service service) {
      throw new AssertionError("a restart of services stops nothing");
    }

    @Override
    public boolean isStopped(Service service) {
      throw new AssertionError("a restart of services stops nothing");
    }

    @Override
    public void start(Service service) {
      throw new AssertionError("a restart of services stops nothing");
    }

    @Override
    public Map<Service, Tally> tallies() {
      throw new AssertionError("a restart counts nothing");
    }

    @Override
    public List<Service> inOrder() {
      return List.of(STORE, WEB);
    }

    @Override
    public Map<OldCode, Service> owners(Collection<OldCode> asked) {
      Map<OldCode, Service> owners = new HashMap<>();
      for (OldCode process : asked) {
        if (process.pid() != 1) {
          owners.put(process, process.pid() < FIRST_OF_WEB ? STORE : WEB);
        }
      }
      return owners;
    }

    @Override
    public void restart(Service service) {
      done.add("restart " + service.name());
    }

    @Override
    public Condition condition(Service service) throws DeviceException {
      Deque<Kind> kinds = conditions.getOrDefault(service, new ArrayDeque<>());
      Kind kind = kinds.isEmpty() ? Kind.UP : kinds.removeFirst();
      done.add(service.name() + " is " + kind);
      if (isMute) {
        throw new DeviceException(FailureCode.KERNEL_CALL_FAILED, "no answer");
      }
      return new Condition(kind, "as told");
    }
  }

  private void condition(Service service, int times, Kind kind) {
    conditions
        .computeIfAbsent(service, any -> new ArrayDeque<>())
        .addAll(Collections.nCopies(times, kind));
  }

  private ServiceRestart restart() {
    Script script = new Script();
    return new ServiceRestart(script, script, clock::monotonicMillis, clock::pause);
  }

  private static OldCode process(int pid) {
    return new OldCode(pid, List.of(), "p" + pid, "maps it");
  }

  private void look(Integer... pids) {
    looks.add(List.of(pids).stream().map(ServiceRestartTest::process).toList());
  }

  @Test
  void run_nothingOld_restartsNothing() throws DeviceException {
    assertThat(restart().run()).isEmpty();
    assertThat(done).doesNotContain("restart store", "restart web");
  }

  @Test
  void run_oldOfBoth_restartsInOrder_whateverTheOrderOfThePids() throws DeviceException {
    look(200, 100);
    look(200); // store's is gone,
    look(200); // web's is not,
    look(); // and now it is.
    assertThat(restart().run()).containsExactly(STORE, WEB);
    assertThat(done).containsExactly("restart store", "store is UP", "restart web", "web is UP");
  }

  @Test
  void run_oldOfOne_leavesTheOtherAlone() throws DeviceException {
    look(201);
    assertThat(restart().run()).containsExactly(WEB);
  }

  @Test
  void run_onlyTheSecondLookFindsIt_isRestarted() throws DeviceException {
    look();
    look(100);
    assertThat(restart().run()).containsExactly(STORE);
  }

  /** Two clean looks at processes are not enough where something else has the old image. */
  @Test
  void run_oldImageIsHeldByNoProcess_fails() {
    held = Optional.of("suture-tls-0123456789abcdef-3");
    assertHeld(() -> restart().run());
    assertHeld(() -> restart().requireNone());
  }

  private static void assertHeld(ThrowingCallable proof) {
    assertThatThrownBy(proof)
        .isInstanceOfSatisfying(
            DeviceException.class, e -> assertThat(e.code()).isEqualTo(FailureCode.OLD_CODE_RUNS))
        .hasMessageContaining("suture-tls-0123456789abcdef-3");
  }

  @Test
  void requireNone_secondLookFindsOne_fails() {
    look();
    look(100);
    assertThatThrownBy(() -> restart().requireNone())
        .isInstanceOfSatisfying(
            DeviceException.class, e -> assertThat(e.code()).isEqualTo(FailureCode.OLD_CODE_RUNS))
        .hasMessageContaining("100 (p100)");
    assertThat(done).isEmpty();
  }

  @Test
  void run_processOfNoService_failsBeforeAnythingIsRestarted() {
    look(100, 1);
    assertThatThrownBy(() -> restart().run())
        .isInstanceOfSatisfying(
            DeviceException.class,
            e -> {
              assertThat(e.code()).isEqualTo(FailureCode.OLD_CODE_RUNS);
              assertThat(e.explanation()).contains("1 (p1)", "maps it", "no service");
            });
    assertThat(done).isEmpty();
  }

  @Test
  void run_processThatDoesNotEnd_isKilledBehindItsTime() throws DeviceException {
    for (int i = 0; i < 11; i++) {
      look(100);
    }
    long start = clock.monotonicMillis();
    assertThat(restart().run()).containsExactly(STORE);
    assertThat(done).containsExactly("restart store", "KILL 100", "store is UP", "web is UP");
    assertThat(clock.monotonicMillis() - start).isEqualTo(STORE.timeoutMillis());
  }

  @Test
  void run_serviceThatComesBackWithOldCode_failsAfterThreeRounds() {
    for (int i = 0; i < 100; i++) {
      look(100 + i); // Another process at each look.
    }
    assertThatThrownBy(() -> restart().run())
        .isInstanceOfSatisfying(
            DeviceException.class, e -> assertThat(e.code()).isEqualTo(FailureCode.OLD_CODE_RUNS))
        .hasMessageContaining("3 restarts");
    assertThat(done.stream().filter("restart store"::equals)).hasSize(ServiceRestart.ROUNDS_MAX);
  }

  @Test
  void run_serviceIsSlowlyUp_theNextOneWaitsForIt() throws DeviceException {
    look(200, 100);
    look(200);
    look(200);
    condition(STORE, 3, Kind.DOWN);
    assertThat(restart().run()).containsExactly(STORE, WEB);
    assertThat(done)
        .containsExactly(
            "restart store",
            "store is DOWN",
            "store is DOWN",
            "store is DOWN",
            "store is UP",
            "restart web",
            "web is UP");
  }

  /** That is for health to judge; what runs old code must go all the same. */
  @Test
  void run_serviceIsNotUpInItsTime_theOthersAreRestarted() throws DeviceException {
    look(200, 100);
    look(200);
    look(200);
    condition(STORE, 1_000, Kind.DOWN);
    long start = clock.monotonicMillis();
    assertThat(restart().run()).containsExactly(STORE, WEB);
    assertThat(clock.monotonicMillis() - start).isEqualTo(STORE.timeoutMillis());
    assertThat(restart().notUp(List.of(STORE, WEB)))
        .containsExactly(Map.entry(STORE, new Condition(Kind.DOWN, "as told")));
  }

  @Test
  void run_serviceThatWasGivenUp_isNotWaitedFor() throws DeviceException {
    look(100);
    condition(STORE, 1_000, Kind.FAILED);
    long start = clock.monotonicMillis();
    assertThat(restart().run()).containsExactly(STORE);
    assertThat(clock.monotonicMillis() - start).isZero();
    assertThat(done).containsExactly("restart store", "store is FAILED", "web is UP");
  }

  /** As after a patch that it did not start on: no process of it is left to be found. */
  @Test
  void run_serviceHadFailedBefore_isTriedAgain() throws DeviceException {
    condition(WEB, 1, Kind.FAILED);
    assertThat(restart().run()).containsExactly(WEB);
    assertThat(done).containsExactly("store is UP", "web is FAILED", "restart web", "web is UP");
  }

  /** A service manager restarts those as well that need it. */
  @Test
  void run_serviceWasRestartedAlong_isNotRestartedTwice() throws DeviceException {
    look(200, 100);
    look(200);
    look();
    assertThat(restart().run()).containsExactly(STORE, WEB);
    assertThat(done).containsExactly("restart store", "store is UP", "web is UP");
  }

  @Test
  void notUp_whoDoesNotAnswer_isDown() {
    isMute = true;
    assertThat(restart().notUp(List.of(STORE)).values())
        .singleElement()
        .satisfies(condition -> assertThat(condition.said()).contains("no answer"));
  }

  @Test
  void run_processThatCannotBeKilled_failsWithinItsTimes() {
    for (int i = 0; i < 10_000; i++) {
      look(100);
    }
    long start = clock.monotonicMillis();
    assertThatThrownBy(() -> restart().run()).isInstanceOf(DeviceException.class);
    assertThat(clock.monotonicMillis() - start)
        .isEqualTo(
            ServiceRestart.ROUNDS_MAX * (STORE.timeoutMillis() + ServiceRestart.KILL_MILLIS));
  }
}
