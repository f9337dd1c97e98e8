package dev.suture.hil.replay;

import dev.suture.hil.HarnessException;
import dev.suture.hil.Project;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The power campaign: installations are recorded, and as many states of their disks as wanted are
 * checked on this machine and booted. Every result is kept at once, so that a campaign that was
 * stopped goes on where it was; each start of the program makes a new recording. Prints a line per
 * boot, and writes the summary to {@code docs/evidence} at its end.
 *
 * <p>Exit code 0: nothing was wrong with any state so far; 1: something was; 2: wrong usage.
 */
public final class PowerCampaign {
  private static final int RUN_BOOTS_MAX = 300;
  private static final int FINISH_EVERY = 20;
  private static final int EACH = 2;

  private final Path folder;
  private final CampaignLedger ledger;
  private final int boots;
  private final Duration time;

  private PowerCampaign(Path folder, int boots, Duration time) {
    this.folder = folder;
    this.ledger = new CampaignLedger(folder);
    this.boots = boots;
    this.time = time;
  }

  /**
   * Runs.
   *
   * @param arguments number of boots, and after how many minutes no more are begun
   */
  public static void main(String[] arguments) {
    if (arguments.length != 2) {
      System.err.println("power-campaign: expected BOOTS MINUTES, got " + List.of(arguments));
      System.exit(2);
    }
    PowerCampaign campaign =
        new PowerCampaign(
            Project.root().resolve("target/power-campaign"),
            Integer.parseInt(arguments[0]),
            Duration.ofMinutes(Integer.parseInt(arguments[1])));
    System.exit(campaign.run() ? 0 : 1);
  }

  private boolean run() {
    long deadline = System.nanoTime() + time.toNanos();
    while (ledger.bootCount() < boots && System.nanoTime() - deadline < 0) {
      int number = ledger.nextRun();
      oneRecording(
          number,
          Math.min(RUN_BOOTS_MAX, boots - ledger.bootCount()),
          Duration.ofNanos(deadline - System.nanoTime()));
    }
    CampaignSummary summary = ledger.summary();
    Path evidence = Project.root().resolve("docs/evidence");
    try {
      Files.createDirectories(evidence);
      Files.write(evidence.resolve("power-campaign.json"), summary.json());
      Files.writeString(evidence.resolve("power-campaign.md"), summary.markdown());
    } catch (IOException e) {
      throw new HarnessException("folder " + evidence + ": cannot be written", e);
    }
    System.out.println(summary.markdown());
    return summary.wrong() == 0;
  }

  private void oneRecording(int number, int most, Duration left) {
    Path own = folder.resolve("recording-" + number);
    System.out.println("recording " + number);
    boolean clean = false;
    try (Recording recording = Recording.make(own)) {
      StatePlan plan = new StatePlan(recording.log(), number);
      List<DiskState> first = plan.aroundWritesTo(recording.partition("state"));
      List<DiskState> all = new ArrayList<>(plan.flushBoundaries());
      all.addAll(plan.betweenFlushes(EACH));
      all.addAll(first);
      long start = System.nanoTime();
      Map<DiskState, StateCheck.Findings> findings =
          new HostSweep(recording, own.resolve("host")).check(all);
      ledger.host(number, recording.log(), findings, (System.nanoTime() - start) / 1e9);
      System.out.printf(
          Locale.ROOT,
          "recording %d: %d states checked on this machine%n",
          number,
          findings.size());
      List<DiskState> order = plan.toBoot(first, findings);
      int finishes = Math.max(1, most / FINISH_EVERY);
      List<BootSweep.Result> results =
          new BootSweep(
                  recording,
                  own.resolve("boots"),
                  findings,
                  result -> {
                    ledger.boot(number, result);
                    System.out.printf(
                        Locale.ROOT,
                        "%d  %-22s %-60s ran %-4s %5.1f s %s%s%n",
                        ledger.bootCount(),
                        result.state(),
                        result.situation(),
                        result.ran(),
                        result.seconds(),
                        result.finish() ? "finished " : "",
                        result.complaints().isEmpty() ? "ok" : result.complaints());
                  })
              .boot(
                  first,
                  order.subList(
                      0, Math.min(order.size(), Math.max(0, most - finishes - first.size()))),
                  plan.toFinish(findings),
                  new BootSweep.Amount(0, left, finishes));
      clean =
          findings.values().stream().allMatch(found -> found.complaints().isEmpty())
              && results.stream().allMatch(result -> result.complaints().isEmpty());
    }
    if (clean) {
      // What was wrong can be replayed from base.img and writes.log; what was not needs no place.
      for (String image : List.of("base.img", "boots/lane-0/state.img", "boots/lane-1/state.img")) {
        try {
          Files.deleteIfExists(own.resolve(image));
        } catch (IOException e) {
          throw new HarnessException(own.resolve(image) + ": cannot be removed", e);
        }
      }
    }
  }

  /** Counts equal words. */
  static Map<String, Long> counted(List<String> words) {
    return words.stream()
        .collect(Collectors.groupingBy(word -> word, TreeMap::new, Collectors.counting()));
  }
}
