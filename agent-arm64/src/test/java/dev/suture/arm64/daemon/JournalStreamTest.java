package dev.suture.arm64.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalStreamTest {
  @TempDir Path directory;

  @Test
  void println_everyLineBeginsWithItsLevel() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JournalStream journal = new JournalStream(bytes)) {
      journal.println("ERROR AgentMain - of two\nlines ä");
      journal.println("WARN AgentMain - ERROR is in it");
      journal.println("INFO AgentMain - x");
      journal.println("ERRORS of somebody else");
    }
    assertThat(bytes.toString(StandardCharsets.UTF_8))
        .isEqualTo(
            """
            <3>ERROR AgentMain - of two
            <3>lines ä
            <4>WARN AgentMain - ERROR is in it
            <6>INFO AgentMain - x
            <6>ERRORS of somebody else
            """);
  }

  @Test
  void isJournal_onlyIfTheDescriptorIsTheSocketThatWasNamed() throws Exception {
    Path socket = Files.createSymbolicLink(directory.resolve("2"), Path.of("socket:[4711]"));
    Path file = Files.createSymbolicLink(directory.resolve("1"), Path.of("/var/log/4711"));

    assertThat(JournalStream.isJournal(Map.of("JOURNAL_STREAM", "8:4711"), socket)).isTrue();
    assertThat(JournalStream.isJournal(Map.of("JOURNAL_STREAM", "8:471"), socket)).isFalse();
    assertThat(JournalStream.isJournal(Map.of("JOURNAL_STREAM", "8:"), socket)).isFalse();
    assertThat(JournalStream.isJournal(Map.of(), socket)).isFalse();
    assertThat(JournalStream.isJournal(Map.of("JOURNAL_STREAM", "8:4711"), file)).isFalse();
    assertThat(
            JournalStream.isJournal(
                Map.of("JOURNAL_STREAM", "8:4711"), directory.resolve("missing")))
        .isFalse();
  }
}
