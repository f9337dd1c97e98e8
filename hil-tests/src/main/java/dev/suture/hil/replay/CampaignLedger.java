package dev.suture.hil.replay;

import dev.suture.hil.HarnessException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What a campaign found so far: two text files, a line per boot and a line per recording. */
final class CampaignLedger {
  private static final String TAB = "\t";
  private static final int BOOT_WORDS = 7;
  private static final int HOST_WORDS = 7;

  private final Path boots;
  private final Path hosts;

  CampaignLedger(Path folder) {
    this.boots = folder.resolve("boots.tsv");
    this.hosts = folder.resolve("recordings.tsv");
    try {
      Files.createDirectories(folder);
      endLastLine(boots);
      endLastLine(hosts);
    } catch (IOException e) {
      throw new HarnessException("folder " + folder + ": cannot be made", e);
    }
  }

  /** The program may have been ended while it wrote. */
  private static void endLastLine(Path file) throws IOException {
    if (Files.exists(file) && !Files.readString(file).endsWith("\n")) {
      Files.writeString(file, "\n", StandardOpenOption.APPEND);
    }
  }

  int bootCount() {
    return lines(boots, BOOT_WORDS).size();
  }

  int nextRun() {
    return lines(hosts, HOST_WORDS).size() + 1;
  }

  synchronized void boot(int run, BootSweep.Result result) {
    append(
        boots,
        Integer.toString(run),
        result.state().toString(),
        result.situation(),
        result.finish() ? "finish" : "boot",
        result.ran(),
        String.format(Locale.ROOT, "%.1f", result.seconds()),
        verdict(result.complaints()));
  }

  synchronized void host(
      int run, WriteLog log, Map<DiskState, StateCheck.Findings> findings, double seconds) {
    List<String> wrong = new ArrayList<>();
    findings.forEach(
        (state, found) -> found.complaints().forEach(line -> wrong.add(state + " " + line)));
    append(
        hosts,
        Integer.toString(run),
        Integer.toString(log.entries().size()),
        Long.toString(log.entries().stream().filter(WriteLog.Entry::isFlush).count()),
        Integer.toString(findings.size()),
        Long.toString(
            findings.values().stream().filter(found -> !found.complaints().isEmpty()).count()),
        String.format(Locale.ROOT, "%.1f", seconds),
        verdict(wrong));
  }

  private static String verdict(List<String> complaints) {
    return complaints.isEmpty() ? "ok" : String.join(" | ", complaints).replaceAll("\\s+", " ");
  }

  CampaignSummary summary() {
    return new CampaignSummary(lines(hosts, HOST_WORDS), lines(boots, BOOT_WORDS));
  }

  private static void append(Path file, String... words) {
    try {
      Files.writeString(
          file,
          String.join(TAB, words) + "\n",
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new HarnessException("campaign file " + file + ": cannot be written", e);
    }
  }

  private static List<List<String>> lines(Path file, int words) {
    try {
      if (!Files.exists(file)) {
        return List.of();
      }
      return Files.readAllLines(file, StandardCharsets.UTF_8).stream()
          .map(line -> Arrays.asList(line.split(TAB, -1)))
          .filter(line -> line.size() == words)
          .toList();
    } catch (IOException e) {
      throw new HarnessException("campaign file " + file + ": cannot be read", e);
    }
  }
}
