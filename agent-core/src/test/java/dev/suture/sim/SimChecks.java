package dev.suture.sim;

import static java.util.stream.Collectors.toSet;

import dev.suture.health.CheckResult;
import dev.suture.health.DeviceChecks;
import dev.suture.protocol.Level;
import dev.suture.protocol.manifest.HealthCheck;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** Checks of a device's own that say what a test wants; there are none at first. */
public final class SimChecks implements DeviceChecks {
  private final SimPower power;
  private final SimClock clock;
  private final Map<String, Deque<CheckResult>> answers = new TreeMap<>();
  private final List<Level> runs = new ArrayList<>();

  private long millis;

  SimChecks(SimPower power, SimClock clock) {
    this.power = power;
    this.clock = clock;
  }

  /** Each run takes so long from now on. */
  public void take(long runMillis) {
    millis = runMillis;
  }

  /** There is such a required check now; it says this run by run, at last the same for ever. */
  public void require(String name, CheckResult.Kind... kinds) {
    answer("required.d/" + name, true, kinds);
  }

  /** As {@link #require}, but one that is run only for a patch that asks for it. */
  public void offer(String name, CheckResult.Kind... kinds) {
    answer("asked.d/" + name, true, kinds);
  }

  /** As {@link #require}, but a wanted one. */
  public void want(String name, CheckResult.Kind... kinds) {
    answer("wanted.d/" + name, false, kinds);
  }

  private void answer(String name, boolean isRequired, CheckResult.Kind... kinds) {
    Deque<CheckResult> queue = new ArrayDeque<>();
    for (CheckResult.Kind kind : kinds) {
      queue.add(new CheckResult(name, isRequired, kind, "told to say " + kind));
    }
    answers.put(name, queue);
  }

  /** The level of each run. */
  public List<Level> runs() {
    return Collections.unmodifiableList(runs);
  }

  @Override
  public Optional<String> refusal(HealthCheck.Command asked) {
    return answers.containsKey("asked.d/" + asked.name())
        ? Optional.empty()
        : Optional.of("expected an executable file asked.d/" + asked.name());
  }

  @Override
  public List<CheckResult> run(Level level, List<HealthCheck.Command> asked) {
    power.require();
    runs.add(level);
    clock.advance(millis);
    List<CheckResult> results = new ArrayList<>();
    Set<String> names = asked.stream().map(one -> "asked.d/" + one.name()).collect(toSet());
    for (Map.Entry<String, Deque<CheckResult>> answer : answers.entrySet()) {
      if (answer.getKey().startsWith("asked.d/") && !names.contains(answer.getKey())) {
        continue;
      }
      Deque<CheckResult> queue = answer.getValue();
      CheckResult result = queue.size() > 1 ? queue.remove() : queue.element();
      results.add(result);
      if (result.isRequired() && result.kind() == CheckResult.Kind.FAILED) {
        break;
      }
    }
    return results;
  }
}
