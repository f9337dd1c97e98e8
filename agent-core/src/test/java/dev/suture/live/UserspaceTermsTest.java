package dev.suture.live;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Whom a restart of the userspace spares. */
class UserspaceTermsTest {
  private static final int AGENT = 70;

  private final UserspaceTerms terms =
      new UserspaceTerms(Set.of("watchdog", "systemd-journald.service"), 1_000);

  private Optional<String> why(int pid, List<Integer> ancestors, String name, String unit) {
    return terms.whyItStays(new OldCode(pid, ancestors, name, "maps it", Optional.of(unit)), AGENT);
  }

  @Test
  void whyItStays_anybodyElse_doesNot() {
    assertThat(why(71, List.of(7, 1), "sh", "console.service")).isEmpty();
    assertThat(why(700, List.of(69, 1), "watchdogs", "watchdog.service")).isEmpty();
  }

  @Test
  void whyItStays_firstProcess_theAgent_andItsHelpers_do() {
    assertThat(why(1, List.of(), "sh", "")).contains("is the first process");
    assertThat(why(AGENT, List.of(1), "java", "")).contains("is the agent's");
    assertThat(why(72, List.of(71, AGENT, 1), "sh", "")).contains("is the agent's");
  }

  @Test
  void whyItStays_programOrUnitOfTheConfiguration_does() {
    assertThat(why(71, List.of(1), "watchdog", "")).contains("stays by configuration");
    assertThat(why(71, List.of(1), "systemd-journal", "systemd-journald.service"))
        .contains("stays by configuration");
  }
}
