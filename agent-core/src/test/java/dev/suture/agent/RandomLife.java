package dev.suture.agent;

import dev.suture.attempt.ProbationTerms;
import dev.suture.background.BackgroundLimits;
import dev.suture.background.Resource;
import dev.suture.live.UserspaceTerms;
import dev.suture.protocol.Level;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.SutureException;
import dev.suture.protocol.manifest.Manifest;
import dev.suture.protocol.release.Rollout;
import dev.suture.protocol.release.Withdrawal;
import dev.suture.protocol.tuf.RoleType;
import dev.suture.sim.CacheFate;
import dev.suture.sim.PowerCut;
import dev.suture.sim.SimDevice;
import dev.suture.sim.SimDisk;
import dev.suture.sim.SimFlash;
import dev.suture.sim.SimMirror;
import dev.suture.sim.SimPublisher;
import dev.suture.sim.SimPublisher.Release;
import dev.suture.sim.SimServices;
import dev.suture.sim.SimWiring;
import dev.suture.trust.TrustState;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/**
 * One device through years of patches, faults, people and power cuts, all of them drawn from one
 * seed: the same seed is the same life. Every invariant is checked after every step. In the end all
 * faults are over, and the device must run the newest good patch, or say why not.
 */
final class RandomLife {
  private static final long HOUR_MILLIS = 3_600_000;
  private static final int DAYS_MAX = 30;
  private static final int STEPS_MAX = 25;
  private static final int CUT_WITHIN = 40;
  private static final int TAIL = 12;
  private static final long CAPACITY = 64L << 20;
  private static final long SCARCE = 40_000;
  private static final int PRESSURE_MILLIS = 600_000;
  private static final BackgroundLimits LIMITS =
      new BackgroundLimits(
          Optional.of(1L << 20),
          Map.of(Resource.CPU, 60, Resource.IO, 20, Resource.MEMORY, 10),
          PRESSURE_MILLIS,
          Optional.of(30),
          Optional.empty());
  private static final int FIRST_KEY = 1_000;

  /** One in so many devices watches what it has confirmed. */
  private static final int WATCHED_ONE_IN = 3;

  /** Of so many, one may restart its userspace, where a process of no service is deaf. */
  private static final int SOFT_ONE_IN = 2;

  private static final int DEATHS_MAX = 6;

  private final Random random;
  private final SimPublisher publisher = new SimPublisher();
  private final SimDevice device = new SimDevice(SimFlash.factory(), publisher, SimWiring.PLAIN);
  private final Deque<String> log = new ArrayDeque<>();
  private final List<Published> published = new ArrayList<>();
  private final boolean isWatched;
  private int keys = FIRST_KEY;
  private int cuts;

  RandomLife(long seed) {
    this.random = new Random(seed);
    this.isWatched = seed % WATCHED_ONE_IN == 0;
    device.limits(LIMITS);
    if (seed % SOFT_ONE_IN == 0) {
      device.userspace(new UserspaceTerms(Collections.emptySet(), SimServices.TIMEOUT_MILLIS));
      device.withStranger(SimServices.Temper.IGNORES);
    }
    if (isWatched) {
      device.probation(ProbationTerms.DEFAULT);
    }
  }

  /** A level, and whether it works. */
  private record Published(Manifest manifest, boolean isGood) {}

  /**
   * What happened.
   *
   * @param cuts power cuts
   * @param boots starts of the device
   * @param hours of the device's clock
   * @param patches that were published
   */
  record Lived(int cuts, int boots, long hours, int patches) {}

  /**
   * Lives.
   *
   * @param events so many things happen
   * @throws AssertionError with the newest events if something is not as it must be
   */
  Lived live(int events) {
    try {
      for (int i = 0; i < events; i++) {
        happen();
        work(1 + random.nextInt(STEPS_MAX));
      }
      heal();
      judge();
    } catch (RuntimeException | AssertionError | SutureException e) {
      throw new AssertionError(e.getMessage() + "\nnewest events: " + log, e);
    }
    return new Lived(
        cuts, device.boots(), device.clock().monotonicMillis() / HOUR_MILLIS, published.size());
  }

  private void happen() {
    int choice = random.nextInt(100);
    if (choice < 30) {
      publish();
    } else if (choice < 34) {
      withdraw();
    } else if (choice < 36) {
      rollout();
    } else if (choice < 38) {
      rotate();
    } else if (choice < 60) {
      int within = 1 + random.nextInt(CUT_WITHIN);
      note("cut in " + within);
      device.flash().power().cutIn(within);
    } else if (choice < 67) {
      network();
    } else if (choice < 76) {
      storage();
    } else if (choice < 83) {
      person();
    } else if (choice < 86) {
      services();
    } else if (choice < 89) {
      surroundings();
    } else if (choice < 93) {
      note("heal");
      relieve();
    } else {
      long hours = 1L + random.nextInt(DAYS_MAX * 24);
      note(hours + " h");
      device.clock().advance(hours * HOUR_MILLIS);
    }
  }

  private void note(String event) {
    log.add(event);
    if (log.size() > TAIL) {
      log.remove();
    }
  }

  private static String letters(int number) {
    int first = number / 26;
    String last = String.valueOf((char) ('a' + number % 26));
    return first == 0 ? last : (char) ('a' + first - 1) + last;
  }

  private void publish() {
    String level = new Level(letters(published.size())).letters();
    int floor = random.nextInt(8);
    Release release =
        floor == 0 ? CrashStory.withFloor(level, random.nextBoolean()) : SimPublisher.level(level);
    int kind = random.nextInt(11);
    switch (kind) {
      case 5 -> release.delta(RandomLife::spoiled);
      case 6 -> release.withoutDelta();
      case 7 -> release.sick();
      case 8 -> release.hangs();
      case 9 -> release.hangsLater();
      case 10 -> release.delta(RandomLife::spoiled).full(RandomLife::spoiled);
      default -> {}
    }
    int restart = random.nextInt(3);
    switch (restart) {
      case 1 -> release.live();
      case 2 -> release.userspace();
      default -> {}
    }
    published.add(new Published(publisher.release(release), kind < 7));
    note(
        "publish "
            + level
            + " kind "
            + kind
            + (floor == 0 ? " with floor" : "")
            + ", restart "
            + restart);
    maybeNotice();
  }

  private void maybeNotice() {
    if (random.nextInt(4) > 0) {
      device.notices().send(publisher.version());
    }
  }

  private static byte[] spoiled(byte[] payload) {
    return SimMirror.flipped(payload.length - 1).apply(payload);
  }

  /** One of the newest few: what nobody has any more is not worth much. */
  private Optional<String> someLevel() {
    if (published.isEmpty()) {
      return Optional.empty();
    }
    int back = Math.min(published.size() - 1, random.nextInt(3));
    return Optional.of(published.get(published.size() - 1 - back).manifest().level().letters());
  }

  private void withdraw() {
    Withdrawal.Reach reach = pick(Withdrawal.Reach.values());
    Withdrawal.Instead instead = pick(Withdrawal.Instead.values());
    Optional<String> level = someLevel();
    if (level.isPresent()) {
      note("withdraw " + level.get() + " " + reach + " " + instead);
      publisher.withdraw(level.get(), new Withdrawal(reach, instead));
      maybeNotice();
    }
  }

  /** To nobody, to some, to a few at first, to everybody. */
  private void rollout() {
    List<Rollout.Step> curve =
        switch (random.nextInt(4)) {
          case 0 -> List.of();
          case 1 -> List.of(new Rollout.Step(0, 50));
          case 2 -> List.of(new Rollout.Step(0, 1), new Rollout.Step(5, 100));
          default -> List.of(new Rollout.Step(0, 100));
        };
    Instant start = SimPublisher.issued(publisher.version());
    Optional<String> level = someLevel();
    if (level.isPresent()) {
      note("rollout of " + level.get() + " " + curve);
      publisher.change(
          level.get(),
          entry -> entry.with(Optional.of(new Rollout(Optional.empty(), start, curve))));
      maybeNotice();
    }
  }

  private void rotate() {
    RoleType role = pick(RoleType.values());
    note("rotate " + role);
    publisher.rotate(role, keys++);
    maybeNotice();
  }

  private <T> T pick(T[] of) {
    return of[random.nextInt(of.length)];
  }

  private void network() {
    List<String> paths = new ArrayList<>(publisher.files().keySet());
    String path = paths.get(random.nextInt(paths.size()));
    int choice = random.nextInt(8);
    note("network " + choice + " " + path);
    switch (choice) {
      case 0 -> device.mirror().reachable(false);
      case 1 -> device.reports().connected(false);
      case 2 -> device.reports().losesEverything(true);
      case 3 -> device.mirror().lie(path, SimMirror.flipped(5));
      case 4 -> device.mirror().lie(path, SimMirror.truncated(7));
      case 5 -> device.mirror().lie(path, SimMirror.longer());
      case 6 -> device.mirror().lie(path, SimMirror.missing());
      default -> device.notices().sendRaw(new byte[] {1, 2, 3});
    }
  }

  private void storage() {
    SimDisk.Operation[] operations = SimDisk.Operation.values();
    SimDisk.Operation operation = operations[random.nextInt(operations.length)];
    int nth = 1 + random.nextInt(8);
    int choice = random.nextInt(5);
    note("storage " + choice + " " + operation + " " + nth);
    SimDisk disk = device.flash().disk();
    switch (choice) {
      case 0 -> disk.fault(SimDisk.Fault.nth(nth, operation, path -> true, FailureCode.STORAGE_IO));
      case 1 -> disk.fault(SimDisk.Fault.nth(nth, operation, path -> true, FailureCode.DISK_FULL));
      case 2 -> disk.capacity(SCARCE);
      case 3 -> disk.readOnly(true);
      default -> device.flash().record().failWrites(1 + random.nextInt(2));
    }
  }

  private void person() {
    int choice = random.nextInt(4);
    note("person " + choice);
    if (!device.isOn()) {
      return;
    }
    try {
      switch (choice) {
        case 0 -> device.agent().requestRemoval();
        case 1 -> device.agent().requestInstall();
        case 2 -> device.agent().check();
        default -> device.restartAgent();
      }
    } catch (SutureException e) {
      note("refused: " + e.getMessage());
    }
  }

  private void services() {
    int choice = random.nextInt(4);
    SimServices.Temper temper = pick(SimServices.Temper.values());
    note("services " + choice + " " + temper);
    if (!device.isOn()) {
      return;
    }
    switch (choice) {
      case 0 -> device.services().startStranger();
      case 1 -> device.services().start("more", temper);
      default -> device.probe().complain(Optional.of("they just do"));
    }
    if (isWatched) {
      int deaths = 1 + random.nextInt(DEATHS_MAX);
      device.services().die("web", deaths, random.nextInt(deaths));
    }
  }

  /** What work in the background gives way to comes and goes. */
  private void surroundings() {
    int choice = random.nextInt(4);
    int percent = random.nextInt(100);
    note("surroundings " + choice + " " + percent);
    switch (choice) {
      case 0 -> device.sensors().inhibitor(Optional.of("inhibitor film is held"));
      case 1 -> device.sensors().inhibitor(Optional.empty());
      case 2 -> device.sensors().pressure(pick(Resource.values()), percent);
      default -> device.sensors().battery(Optional.of(percent));
    }
  }

  private void relieve() {
    device.sensors().inhibitor(Optional.empty());
    device.sensors().battery(Optional.empty());
    device.mirror().honest();
    device.mirror().reachable(true);
    device.reports().connected(true);
    device.reports().losesEverything(false);
    device.flash().disk().noFault();
    device.flash().disk().capacity(CAPACITY);
    device.flash().disk().readOnly(false);
    device.flash().record().failWrites(0);
    if (device.isOn()) {
      device.probe().complain(Optional.empty());
    }
  }

  private void work(int steps) {
    for (int i = 0; i < steps; i++) {
      try {
        device.clock().advance(Math.max(0, device.step()));
      } catch (PowerCut e) {
        cuts++;
        note(e.toString());
        device.powerOn(CacheFate.torn(random.nextLong()));
      }
    }
  }

  private void heal() {
    relieve();
    device.flash().power().neverCut();
    note("all faults are over");
    device.settle();
    device.notices().send(publisher.version() + 1);
    device.settle();
  }

  private void judge() throws SutureException {
    device.invariants().checkRunning();
    require(device.invariants().isHealthy(), "the services work");
    require(!device.agent().history().hasUnreported(), "every outcome is reported");
    Optional<Level> running = device.kernel().mountedManifest().map(Manifest::level);
    Optional<Level> best = best();
    if (best.isPresent()) {
      require(
          running.isPresent() && running.get().compareTo(best.get()) >= 0,
          best.get() + " or above runs, got " + device.agent().status().release());
      require(device.agent().status().isProtected(), "the device is protected");
    }
    require(
        !mustLeave() || isBaseForbidden() && !best.isPresent(),
        device.agent().status().release() + ", which was withdrawn, does not run");
  }

  private TrustState.Marks marks() {
    return device.invariants().believed().orElse(TrustState.EMPTY).marks();
  }

  private Optional<Withdrawal> withdrawal(Manifest manifest) {
    return publisher.entry(manifest).withdrawal();
  }

  private boolean mustLeave() {
    return device
        .kernel()
        .mountedManifest()
        .flatMap(this::withdrawal)
        .filter(how -> how.reach() == Withdrawal.Reach.REMOVE)
        .isPresent();
  }

  private boolean isBaseForbidden() {
    return marks().floor().filter(TrustState.Floor::coversBase).isPresent();
  }

  /** The newest good level that this device is permitted to go to by itself, said anew. */
  private Optional<Level> best() throws SutureException {
    Optional<Level> best = Optional.empty();
    for (Published one : published) {
      if (one.isGood() && isPermitted(one.manifest())) {
        best = Optional.of(one.manifest().level());
      }
    }
    return best;
  }

  private boolean isPermitted(Manifest manifest) throws SutureException {
    Level level = manifest.level();
    boolean isLeftFor =
        published.stream()
            .map(Published::manifest)
            .filter(above -> above.level().compareTo(level) >= 0)
            .flatMap(above -> withdrawal(above).stream())
            .anyMatch(
                how ->
                    how.equals(new Withdrawal(Withdrawal.Reach.REMOVE, Withdrawal.Instead.BASE)));
    boolean isAdmitted =
        publisher
            .entry(manifest)
            .rollout()
            .map(
                rollout ->
                    rollout.admits(
                        SimDevice.ID,
                        Optional.empty(),
                        manifest.digest(),
                        SimPublisher.issued(publisher.version())))
            .orElse(true);
    return !withdrawal(manifest).isPresent()
        && !isLeftFor
        && isAdmitted
        && !marks().floor().filter(floor -> level.compareTo(floor.level()) < 0).isPresent()
        && !device.agent().history().holds(manifest.digest())
        && !device.record().removed(manifest.digest());
  }

  private static void require(boolean holds, String expected) {
    if (!holds) {
      throw new AssertionError("expected that " + expected);
    }
  }
}
