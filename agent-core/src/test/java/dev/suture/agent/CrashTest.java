package dev.suture.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.suture.attempt.Phase;
import dev.suture.sim.SimWiring;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Power is cut everywhere. With {@code -Dsuture.depth=nightly} more deeply; with {@code
 * -Dsuture.crash=ID}, as a failure prints it, on that path alone, and with {@code
 * -Dsuture.story=STORY,STORY} in those stories alone.
 */
@Execution(ExecutionMode.CONCURRENT)
class CrashTest {
  private static final long STATES_MIN = 1_000_000;
  private static final String STORY_PROPERTY = "suture.story";
  private static final CrashReport REPORT = new CrashReport(CrashBounds.chosen());

  @ParameterizedTest
  @EnumSource(CrashStory.class)
  void powerIsCut_anywhere_storyEndsAsItMust(CrashStory story) {
    String replayed = System.getProperty(CrashExplorer.REPLAY_PROPERTY, "");
    String only = System.getProperty(STORY_PROPERTY, "");
    if (!replayed.isEmpty() && !replayed.startsWith(story + ":")
        || !only.isEmpty() && !Arrays.asList(only.split(",")).contains(story.name())) {
      return;
    }
    long start = System.nanoTime();
    CrashExplorer.Tally tally =
        new CrashExplorer(story, SimWiring.PLAIN, CrashBounds.chosen()).explore();
    if (!replayed.isEmpty()) {
      return;
    }
    System.out.printf(
        "crash test %-19s %s, %d ms%n",
        story, tally, TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start));
    for (Phase phase : story.phases()) {
      assertThat(tally.cutsInStage).containsKey(phase.name());
    }
    REPORT.add(story, tally);
  }

  @AfterAll
  static void powerIsCut_inEveryPhase() {
    if (!REPORT.isComplete()) {
      return; // One path was replayed, or a story failed.
    }
    REPORT.write(Path.of("target"));
    System.out.println("crash test: " + REPORT.summary() + "; target/crash-report.html");
    for (Phase phase : Phase.values()) {
      assertThat(REPORT.cutsInStage()).containsKey(phase.name());
    }
    assertThat(REPORT.states()).isGreaterThanOrEqualTo(STATES_MIN);
  }
}
