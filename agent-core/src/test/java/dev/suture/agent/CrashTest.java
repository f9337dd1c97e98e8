package dev.suture.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.suture.attempt.Phase;
import dev.suture.sim.SimWiring;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Power is cut everywhere. With {@code -Dsuture.depth=nightly} more deeply; with {@code
 * -Dsuture.crash=ID}, as a failure prints it, on that path alone, and with {@code
 * -Dsuture.story=STORY,STORY} in those stories alone.
 */
class CrashTest {
  private static final long STATES_MIN = 1_000_000;
  private static final String STORY_PROPERTY = "suture.story";
  private static final CrashReport REPORT = new CrashReport(CrashBounds.chosen());

  /** One story a processor: JUnit's own threads leave processors idle while a long story runs. */
  private static final ExecutorService PROCESSORS =
      Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors());

  private static final Map<CrashStory, Future<CrashExplorer.Tally>> EXPLORED =
      new EnumMap<>(CrashStory.class);

  /** Those that go back to an old slot are the longest: they begin first. */
  @BeforeAll
  static void explore() {
    stories()
        .sorted(Comparator.comparing(story -> story.end() != Phase.REVERTED))
        .forEach(story -> EXPLORED.put(story, PROCESSORS.submit(() -> explored(story))));
    PROCESSORS.shutdown();
  }

  private static Stream<CrashStory> stories() {
    List<String> only = Arrays.asList(System.getProperty(STORY_PROPERTY, "").split(","));
    String replayed = System.getProperty(CrashExplorer.REPLAY_PROPERTY, "");
    return Arrays.stream(CrashStory.values())
        .filter(story -> replayed.isEmpty() || replayed.startsWith(story + ":"))
        .filter(story -> only.equals(List.of("")) || only.contains(story.name()));
  }

  private static CrashExplorer.Tally explored(CrashStory story) {
    long start = System.nanoTime();
    CrashExplorer.Tally tally =
        new CrashExplorer(story, SimWiring.PLAIN, CrashBounds.chosen()).explore();
    System.out.printf(
        "crash test %-19s %s, %d ms%n",
        story, tally, TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start));
    return tally;
  }

  @ParameterizedTest
  @MethodSource("stories")
  void powerIsCut_anywhere_storyEndsAsItMust(CrashStory story) throws Exception {
    CrashExplorer.Tally tally;
    try {
      tally = Objects.requireNonNull(EXPLORED.get(story)).get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      throw e;
    }
    if (!System.getProperty(CrashExplorer.REPLAY_PROPERTY, "").isEmpty()) {
      return;
    }
    for (Phase phase : story.phases()) {
      assertThat(tally.cutsInStage).containsKey(phase.name());
    }
    REPORT.add(story, tally);
  }

  @AfterAll
  static void powerIsCut_inEveryPhase() {
    PROCESSORS.shutdownNow();
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
