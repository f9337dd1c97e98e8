package dev.suture.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.suture.attempt.Phase;
import dev.suture.sim.SimWiring;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Power is cut everywhere. */
class CrashTest {
  private static final Set<Phase> CUT_IN = EnumSet.noneOf(Phase.class);

  @ParameterizedTest
  @EnumSource(CrashStory.class)
  void powerIsCut_anywhere_storyEndsAsItMust(CrashStory story) {
    long start = System.nanoTime();
    CrashExplorer.Visited visited = new CrashExplorer(story, SimWiring.PLAIN).explore();
    System.out.printf(
        "crash test %-16s %4d operations, %5d cuts, %5d distinct states, %5d ms%n",
        story,
        visited.operations(),
        visited.cuts(),
        visited.states(),
        TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start));
    assertThat(visited.cuts()).isGreaterThanOrEqualTo(visited.operations());
    for (Phase phase : story.phases()) {
      assertThat(visited.stages()).contains(phase.name());
      CUT_IN.add(phase);
    }
  }

  @AfterAll
  static void powerIsCut_inEveryPhase() {
    if (System.getProperty(CrashExplorer.REPLAY_PROPERTY) == null) {
      assertThat(CUT_IN).containsExactlyInAnyOrder(Phase.values());
    }
  }
}
