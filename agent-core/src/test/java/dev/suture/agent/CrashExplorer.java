package dev.suture.agent;

import dev.suture.protocol.Sha256;
import dev.suture.protocol.failure.SutureException;
import dev.suture.sim.CacheFate;
import dev.suture.sim.PowerCut;
import dev.suture.sim.SimDevice;
import dev.suture.sim.SimFlash;
import dev.suture.sim.SimPublisher;
import dev.suture.sim.SimWiring;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;

/**
 * Goes through a story again and again and cuts the power: at every durable operation of a clean
 * run, with several fates of what was not synced; for a sample a second time on the way back.
 * States that are equal to the bit go on in the same way and are judged once.
 */
final class CrashExplorer {
  /** Set to an id as a failure prints it, only that path is taken. */
  static final String REPLAY_PROPERTY = "suture.crash";

  private static final int SEEDS = 4;
  private static final int SECOND_CUTS = 150;
  private static final int SECOND_CUT_OPERATIONS = 80;

  private final CrashStory story;
  private final SimWiring wiring;
  private final SimPublisher publisher = new SimPublisher();
  private final SimFlash start;
  private final String replayed = System.getProperty(REPLAY_PROPERTY, "");
  private final Set<Sha256> judged = new HashSet<>();
  private final Set<String> stages = new TreeSet<>();
  private long cuts;
  private long states;

  CrashExplorer(CrashStory story, SimWiring wiring) {
    this.story = story;
    this.wiring = wiring;
    SimDevice device = new SimDevice(SimFlash.factory(), publisher, SimWiring.PLAIN);
    story.prepare(device);
    device.flash().disk().syncAll();
    this.start = device.flash();
    story.publish(publisher);
  }

  /**
   * What was done.
   *
   * @param operations durable operations of a clean run
   * @param cuts how often the power was cut
   * @param states states after a cut that were told apart
   * @param stages what the device was doing when the power was cut
   */
  record Visited(long operations, long cuts, long states, Set<String> stages) {}

  /**
   * Explores the story.
   *
   * @throws AssertionError with the id of the first path that ends wrongly
   */
  Visited explore() {
    long operations = cleanRun();
    List<SimDevice> firstCuts = new ArrayList<>();
    for (long cut = 1; cut <= operations; cut++) {
      SimDevice device = cutAt(start, cut);
      firstCuts.add(device);
      for (Map.Entry<String, CacheFate> fate : fates(cut).entrySet()) {
        judge(device, story + ":" + cut + ":" + fate.getKey(), fate.getValue());
      }
    }
    Random random = new Random(story.name().hashCode());
    for (int i = 0; i < SECOND_CUTS; i++) {
      secondCut(
          firstCuts.get(random.nextInt(firstCuts.size())),
          random.nextLong(1_000),
          1 + random.nextInt(SECOND_CUT_OPERATIONS),
          random.nextLong(1_000));
    }
    return new Visited(operations, cuts, states, stages);
  }

  /** Without a cut; how many durable operations it takes. */
  long cleanRun() {
    SimDevice device = device(start.copy());
    long before = device.flash().power().operations();
    try {
      story.run(device);
      story.check(device);
    } catch (SutureException | RuntimeException | AssertionError e) {
      throw new AssertionError(story + " without any cut: " + e, e);
    }
    return device.flash().power().operations() - before;
  }

  private static Map<String, CacheFate> fates(long cut) {
    Map<String, CacheFate> fates = new LinkedHashMap<>();
    fates.put("lost", CacheFate.lost());
    fates.put("landed", CacheFate.landed());
    fates.put("names", CacheFate.namesOnly());
    fates.put("content", CacheFate.contentOnly());
    fates.put("every-other", CacheFate.everyOther());
    for (int i = 0; i < SEEDS; i++) {
      fates.put("torn-" + i, CacheFate.torn(cut * SEEDS + i));
      fates.put("mixed-" + i, CacheFate.mixed(cut * SEEDS + i));
    }
    return fates;
  }

  private SimDevice device(SimFlash flash) {
    SimDevice device = new SimDevice(flash, publisher, wiring);
    story.equip(device);
    return device;
  }

  /** The device as it is when the power has failed in that operation. */
  private SimDevice cutAt(SimFlash from, long cut) {
    SimDevice device = device(from.copy());
    device.flash().power().cutIn(cut);
    try {
      story.run(device);
    } catch (PowerCut e) {
      cuts++;
      stages.add(device.stage());
      return device;
    } catch (SutureException | RuntimeException e) {
      throw new AssertionError(story + ":" + cut + ": " + e, e);
    }
    throw new AssertionError(story + ":" + cut + ": not deterministic, it ended before the cut");
  }

  private void judge(SimDevice cut, String id, CacheFate fate) {
    SimFlash flash = cut.flash().copy();
    flash.powerOn(fate);
    if (!replayed.isEmpty() ? !replayed.equals(id) : !judged.add(flash.durableState())) {
      return;
    }
    states++;
    finish(device(flash), id, cut.flash().power().last());
  }

  private void finish(SimDevice device, String id, String last) {
    try {
      story.run(device);
      story.check(device);
    } catch (SutureException | RuntimeException | AssertionError e) {
      throw new AssertionError(
          "-D" + REPLAY_PROPERTY + "=" + id + " (" + last + "): " + e.getMessage(), e);
    }
  }

  private void secondCut(SimDevice first, long firstSeed, long second, long secondSeed) {
    long firstOperation = first.flash().power().operations() - start.power().operations();
    String id =
        story + ":" + firstOperation + ":torn-" + firstSeed + ":" + second + ":torn-" + secondSeed;
    if (!replayed.isEmpty() && !replayed.equals(id)) {
      return;
    }
    SimFlash flash = first.flash().copy();
    flash.powerOn(CacheFate.torn(firstSeed));
    SimDevice device = device(flash);
    flash.power().cutIn(second);
    try {
      story.run(device);
    } catch (PowerCut e) {
      cuts++;
      stages.add(device.stage());
      judge(device, id, CacheFate.torn(secondSeed));
    } catch (SutureException | RuntimeException | AssertionError e) {
      throw new AssertionError("-D" + REPLAY_PROPERTY + "=" + id + ": " + e.getMessage(), e);
    }
  }
}
