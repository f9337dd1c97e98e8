package dev.suture.live;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Whom a restart of the userspace spares. */
class UserspaceTermsTest {
  private static final Processes.Agent AGENT = new Processes.Agent(70, List.of(60, 1));

  private final UserspaceTerms terms =
      new UserspaceTerms(Set.of("watchdog", "systemd-journald.service"), 1_000);

  private Optional<String> why(int pid, List<Integer> ancestors, String name, String unit) {
    return why(pid, ancestors, name, unit, false);
  }

  private Optional<String> why(
      int pid, List<Integer> ancestors, String name, String unit, boolean isOfService) {
    return terms.whyItStays(
        new OldCode(pid, ancestors, name, "maps it", Optional.of(unit)), isOfService, AGENT);
  }

  @Test
  void whyItStays_anybodyElse_doesNot() {
    assertThat(why(71, List.of(7, 1), "sh", "console.service")).isEmpty();
    assertThat(why(700, List.of(69, 1), "watchdogs", "watchdog.service")).isEmpty();
  }

  @Test
  void whyItStays_firstProcess_theAgent_andItsHelpers_do() {
    assertThat(why(1, List.of(), "sh", "")).contains("is the first process");
    assertThat(why(70, List.of(60, 1), "java", "")).contains("is the agent, or has started it");
    assertThat(why(60, List.of(1), "runsv", "")).contains("is the agent, or has started it");
    assertThat(why(72, List.of(71, 70, 60, 1), "sh", "")).contains("was started by the agent");
  }

  /** Whom the agent started as a service ends with it; who started the agent does not. */
  @Test
  void whyItStays_ofAService() {
    assertThat(why(72, List.of(70, 60, 1), "nginx", "", true)).isEmpty();
    assertThat(why(60, List.of(1), "runsv", "", true)).contains("is the agent, or has started it");
    assertThat(why(72, List.of(1), "watchdog", "", true)).contains("stays by configuration");
  }

  @Test
  void whyItStays_programOrUnitOfTheConfiguration_does() {
    assertThat(why(71, List.of(1), "watchdog", "")).contains("stays by configuration");
    assertThat(why(71, List.of(1), "systemd-journal", "systemd-journald.service"))
        .contains("stays by configuration");
  }
}
