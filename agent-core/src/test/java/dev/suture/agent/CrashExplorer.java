package dev.suture.agent;

import dev.suture.protocol.failure.SutureException;
import dev.suture.sim.CacheFate.Part;
import dev.suture.sim.DeviceInvariants;
import dev.suture.sim.PowerCut;
import dev.suture.sim.Recoveries;
import dev.suture.sim.SimDevice;
import dev.suture.sim.SimFlash;
import dev.suture.sim.SimPublisher;
import dev.suture.sim.SimRecordKind;
import dev.suture.sim.SimWiring;
import dev.suture.sim.StateId;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Goes through a story and cuts the power at every durable operation, with every fate of what was
 * not synced; from each state that this leaves it lets the device recover, and cuts the power in
 * there as well, to some depth. States that are equal to the bit go on in the same way and are
 * continued once, as are flashes that are equal with their caches when the power fails; a state
 * behind the last cut whose every byte that a recovery looks at was seen before recovers in the
 * same way and is not run again (see {@link Recoveries}).
 */
final class CrashExplorer {
  /** Set to an id as a failure prints it, only that path is taken. */
  static final String REPLAY_PROPERTY = "suture.crash";

  private final CrashStory story;
  private final SimWiring wiring;
  private final CrashBounds bounds;
  private final SimPublisher publisher;
  private final SimFlash start;
  private final Set<StateId> continued = new HashSet<>();

  /** By depth: where the power was cut, and how many fates what was unsynced there can have. */
  private final List<Map<StateId, Integer>> cutAlready = new ArrayList<>();

  private final Recoveries recoveries = new Recoveries();
  private final Tally tally;

  CrashExplorer(CrashStory story, SimWiring wiring, CrashBounds bounds) {
    this(story, wiring, bounds, SimRecordKind.RAW);
  }

  CrashExplorer(CrashStory story, SimWiring wiring, CrashBounds bounds, SimRecordKind kind) {
    this.story = story;
    this.publisher = story.publisher();
    this.wiring = wiring;
    this.bounds = bounds;
    this.tally = new Tally(bounds.depth());
    for (int depth = 0; depth < bounds.depth(); depth++) {
      cutAlready.add(new HashMap<>());
    }
    SimDevice device = new SimDevice(SimFlash.factory(kind), publisher, SimWiring.PLAIN);
    try {
      story.prepare(device);
    } catch (SutureException e) {
      throw new AssertionError(story + ": " + e, e);
    }
    device.flash().disk().syncAll();
    this.start = device.flash();
    story.publish(publisher);
  }

  /** What was done, by depth: index 0 is the first cut. */
  static final class Tally {
    final long[] cuts;
    final long[] states;
    final long[] distinct;
    final long[] exhaustive;
    final long[] repeated;
    final Map<String, Long> cutsInStage = new TreeMap<>();
    long operations;
    long runs;
    long recoveries;

    Tally(int depth) {
      cuts = new long[depth];
      states = new long[depth];
      distinct = new long[depth];
      exhaustive = new long[depth];
      repeated = new long[depth];
    }

    @Override
    public String toString() {
      return String.format(
          "%d operations, by depth: cuts %s (every subset: %s; equal to one before: %s), states %s, distinct %s;"
              + " recoveries run %d, different %d",
          operations,
          Arrays.toString(cuts),
          Arrays.toString(exhaustive),
          Arrays.toString(repeated),
          Arrays.toString(states),
          Arrays.toString(distinct),
          runs,
          recoveries);
    }
  }

  /** A place where the power can fail. */
  private record Cut(long operation, String last, SimFlash flash, StateId state) {}

  /** A state that a cut left, and how to get there again. */
  private record Left(SimFlash flash, String id, int depth) {}

  /**
   * Explores the story.
   *
   * @throws AssertionError with the id of the first path that ends wrongly
   */
  Tally explore() {
    String replayed = System.getProperty(REPLAY_PROPERTY, "");
    if (replayed.startsWith(story + ":")) {
      replay(replayed.split(":"));
      return tally;
    }
    List<Cut> cuts = runTo(start.copy(), story.name(), 0);
    tally.operations = tally.cuts[0];
    continueFrom(cuts, story.name(), 0);
    tally.recoveries = recoveries.ends();
    return tally;
  }

  /** All states that these cuts leave. */
  private void continueFrom(List<Cut> cuts, String id, int depth) {
    boolean isLast = depth + 1 == bounds.depth();
    List<Left> states = new ArrayList<>();
    for (Cut cut : cuts) {
      List<Part> parts = cut.flash.unsynced();
      CrashFates fates = bounds.fates(depth);
      for (CrashFates.Fate fate : fates.of(parts, cut.state.low())) {
        SimFlash flash = cut.flash.copy();
        flash.powerOn(fate.fate());
        tally.states[depth]++;
        String next = id + ":" + cut.operation + ":" + fate.id();
        survives(cut, flash, next);
        if (isLast) {
          recover(flash, next, cut.last, depth + 1);
        } else if (continued.add(flash.durableState())) {
          tally.distinct[depth]++;
          states.add(new Left(flash, next, depth + 1));
        }
      }
    }
    for (Left state : states) {
      if (bounds.continues(state.depth, state.id)) {
        continueFrom(runTo(state.flash, state.id, state.depth), state.id, state.depth);
      } else {
        recover(state.flash, state.id, "sampled", state.depth);
      }
    }
  }

  private void survives(Cut cut, SimFlash flash, String id) {
    try {
      DeviceInvariants.whatIsBelievedOutlivesACut(cut.flash, flash, publisher);
    } catch (AssertionError e) {
      throw new AssertionError(
          "-D" + REPLAY_PROPERTY + "=" + id + " (" + cut.last + "): " + e.getMessage(), e);
    }
  }

  private SimDevice device(SimFlash flash) {
    SimDevice device = new SimDevice(flash, publisher, wiring);
    story.equip(device);
    return device;
  }

  /** Lets the device recover, and returns every place on the way where the power can fail. */
  private List<Cut> runTo(SimFlash flash, String id, int depth) {
    List<Cut> cuts = new ArrayList<>();
    SimDevice device = device(flash);
    long before = flash.power().operations();
    flash
        .power()
        .observe(
            () -> {
              long operation = flash.power().operations() - before;
              cut(flash, operation, depth, cuts);
              tally.cutsInStage.merge(device.stage(), 1L, Long::sum);
            });
    finish(device, id, "cut " + depth, depth);
    flash.power().observe(() -> {});
    return cuts;
  }

  /** A place to cut, unless the same states were enumerated from an equal one. */
  private void cut(SimFlash flash, long operation, int depth, List<Cut> cuts) {
    List<Part> parts = flash.unsynced();
    CrashFates fates = bounds.fates(depth);
    StateId state = flash.stateWithCache();
    tally.cuts[depth]++;
    tally.exhaustive[depth] += fates.isExhaustive(parts) ? 1 : 0;
    Integer before = cutAlready.get(depth).get(state);
    if (before == null) {
      cutAlready.get(depth).put(state, fates.of(parts, state.low()).size());
      cuts.add(new Cut(operation, flash.power().last(), flash.copy(), state));
    } else {
      tally.repeated[depth]++;
      tally.states[depth] += before;
    }
  }

  private void recover(SimFlash flash, String id, String last, int depth) {
    if (!recoveries.knows(flash)) {
      finish(device(flash), id, last, depth);
    }
  }

  private void finish(SimDevice device, String id, String last, int depth) {
    tally.runs++;
    Recoveries.Recovery recovery = recoveries.watch(device.flash());
    try {
      story.run(device);
      story.check(device, depth);
      recovery.end();
    } catch (SutureException | RuntimeException | AssertionError e) {
      throw new AssertionError(
          "-D" + REPLAY_PROPERTY + "=" + id + " (" + last + "): " + e.getMessage(), e);
    }
  }

  /** Without a cut. */
  void cleanRun() {
    runTo(start.copy(), story.name(), 0);
  }

  /** STORY:CUT:FATE:CUT:FATE... */
  private void replay(String[] path) {
    SimFlash flash = start.copy();
    int depth = 0;
    for (int i = 1; i + 1 < path.length; i += 2) {
      SimDevice device = device(flash);
      device.flash().power().cutIn(Long.parseLong(path[i]));
      try {
        story.run(device);
        throw new AssertionError("replay: ended before operation " + path[i]);
      } catch (PowerCut e) {
        System.out.println(
            "replay: cut in " + device.stage() + ", " + flash.power().last() + ", " + e);
      } catch (SutureException e) {
        throw new AssertionError("replay: " + e, e);
      }
      SimFlash left = flash.copy();
      left.powerOn(CrashFates.fate(left.unsynced(), new BigInteger(path[i + 1], 16)));
      DeviceInvariants.whatIsBelievedOutlivesACut(flash, left, publisher);
      flash = left;
      depth++;
    }
    finish(device(flash), String.join(":", path), flash.power().last(), depth);
    System.out.println("replay: " + String.join(":", path) + " ends well");
  }
}
