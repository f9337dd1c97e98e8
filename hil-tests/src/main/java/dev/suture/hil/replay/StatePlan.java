package dev.suture.hil.replay;

import dev.suture.hil.replay.DiskState.Fate;
import dev.suture.protocol.Slot;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;

/** Which of the many states of a recorded disk are looked at. One seed gives one choice. */
public final class StatePlan {
  private static final List<Fate> CHOOSING = List.of(Fate.DROPPED, Fate.TORN, Fate.REORDERED);

  private final WriteLog log;
  private final long seed;

  /** Chooses among the states of this log. */
  public StatePlan(WriteLog log, long seed) {
    this.log = log;
    this.seed = seed;
  }

  /** Before everything, after each flush, and after everything. */
  public List<DiskState> flushBoundaries() {
    Set<DiskState> states = new LinkedHashSet<>();
    states.add(DiskState.landed(0));
    for (WriteLog.Entry entry : log.entries()) {
      if (entry.isFlush()) {
        states.add(DiskState.landed(entry.number() + 1));
      }
    }
    states.add(DiskState.landed(log.entries().size()));
    return List.copyOf(states);
  }

  /**
   * Between any two flushes with writes between them: with all writes landed just before the later
   * flush, and {@code each} times dropped, torn and reordered, cut anywhere between.
   */
  public List<DiskState> betweenFlushes(int each) {
    Random random = new Random(seed);
    Set<DiskState> states = new LinkedHashSet<>();
    int start = 0;
    for (int end = 0; end <= log.entries().size(); end++) {
      if (end < log.entries().size() && !log.entries().get(end).isFlush()) {
        continue;
      }
      List<Integer> cuts = new ArrayList<>();
      for (int cut = start + 1; cut <= end; cut++) {
        if (log.entries().get(cut - 1).isWrite()) {
          cuts.add(cut);
        }
      }
      if (!cuts.isEmpty()) {
        states.add(DiskState.landed(end));
        for (Fate fate : CHOOSING) {
          for (int i = 0; i < each; i++) {
            int cut = i == 0 ? end : cuts.get(random.nextInt(cuts.size()));
            states.add(new DiskState(cut, fate, 1 + random.nextInt(1_000_000)));
          }
        }
      }
      start = end;
    }
    return List.copyOf(states);
  }

  /** Before and after each write to this partition, and after the flush that follows it. */
  public List<DiskState> aroundWritesTo(Partition partition) {
    Set<DiskState> states = new LinkedHashSet<>();
    for (WriteLog.Entry entry : log.entries()) {
      if (!partition.isWrittenBy(entry, log.sectorBytes())) {
        continue;
      }
      int number = entry.number();
      states.add(DiskState.landed(number));
      states.add(DiskState.lost(number + 1));
      states.add(DiskState.landed(number + 1));
      for (int next = number; next < log.entries().size(); next++) {
        if (log.entries().get(next).isFlush()) {
          states.add(DiskState.landed(next + 1));
          break;
        }
      }
    }
    return List.copyOf(states);
  }

  /** The same states in the order in which a {@link DiskHistory} can become them. */
  public static List<DiskState> inOrder(Iterable<DiskState> states) {
    Set<DiskState> distinct = new LinkedHashSet<>();
    states.forEach(distinct::add);
    return distinct.stream()
        .sorted(
            Comparator.comparingInt(DiskState::cut)
                .thenComparing(DiskState::fate)
                .thenComparingLong(DiskState::seed))
        .toList();
  }

  /**
   * All of these states in an order in which every beginning is a fair sample: one of each
   * situation in turn, chosen at random within it.
   *
   * @param findings what each state is
   */
  public List<DiskState> stratified(Map<DiskState, StateCheck.Findings> findings) {
    Map<String, List<DiskState>> strata = new TreeMap<>();
    for (DiskState state : inOrder(findings.keySet())) {
      StateCheck.Findings found = Objects.requireNonNull(findings.get(state));
      strata.computeIfAbsent(found.situation(), word -> new ArrayList<>()).add(state);
    }
    Random random = new Random(seed);
    strata.values().forEach(states -> Collections.shuffle(states, random));
    List<DiskState> order = new ArrayList<>();
    for (int round = 0; order.size() < findings.size(); round++) {
      for (List<DiskState> states : strata.values()) {
        if (round < states.size()) {
          order.add(states.get(round));
        }
      }
    }
    return order;
  }

  /**
   * What to boot besides, the most wanted first: the states at flushes and the states between
   * flushes in turn, each {@link #stratified}.
   *
   * @param booted what is booted anyway
   */
  public List<DiskState> toBoot(
      List<DiskState> booted, Map<DiskState, StateCheck.Findings> findings) {
    Set<DiskState> boundaries = new LinkedHashSet<>(flushBoundaries());
    Map<DiskState, StateCheck.Findings> at = new LinkedHashMap<>(findings);
    at.keySet().retainAll(boundaries);
    Map<DiskState, StateCheck.Findings> between = new LinkedHashMap<>(findings);
    between.keySet().removeAll(boundaries);
    List<DiskState> atFlushes = stratified(at);
    List<DiskState> others = stratified(between);
    Set<DiskState> order = new LinkedHashSet<>();
    for (int i = 0; i < Math.max(atFlushes.size(), others.size()); i++) {
      if (i < atFlushes.size()) {
        order.add(atFlushes.get(i));
      }
      if (i < others.size()) {
        order.add(others.get(i));
      }
    }
    booted.forEach(order::remove);
    return List.copyOf(order);
  }

  /** From where the installation is to be finished, the most wanted first: it is not finished. */
  public List<DiskState> toFinish(Map<DiskState, StateCheck.Findings> findings) {
    Map<DiskState, StateCheck.Findings> unfinished = new LinkedHashMap<>(findings);
    unfinished.values().removeIf(found -> found.runs() != Slot.BASE && !found.trial());
    return stratified(unfinished);
  }
}
