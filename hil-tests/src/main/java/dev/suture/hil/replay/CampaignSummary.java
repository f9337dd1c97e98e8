package dev.suture.hil.replay;

import dev.suture.protocol.json.JsonText;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a campaign says in the end.
 *
 * @param recordings words of each line of the ledger: run, entries, flushes, states, states with
 *     complaints, seconds, verdict
 * @param boots words of each line: run, state, situation, one word for its kind, what ran, seconds,
 *     verdict
 */
record CampaignSummary(List<List<String>> recordings, List<List<String>> boots) {
  private static final String OK = "ok";

  private long sum(int word) {
    return recordings.stream().mapToLong(line -> Long.parseLong(line.get(word))).sum();
  }

  /** States that something was wrong with, checked or booted. */
  long wrong() {
    return sum(4) + boots.stream().filter(line -> !line.get(6).equals(OK)).count();
  }

  private long finished() {
    return boots.stream()
        .filter(line -> line.get(3).equals("finish") && line.get(6).equals(OK))
        .count();
  }

  private Map<String, Long> by(int word) {
    return PowerCampaign.counted(boots.stream().map(line -> line.get(word)).toList());
  }

  private Map<String, Long> byFate() {
    return PowerCampaign.counted(
        boots.stream().map(line -> DiskState.parse(line.get(1)).fate().word()).toList());
  }

  private double medianSeconds() {
    List<Double> seconds =
        boots.stream()
            .filter(line -> line.get(3).equals("boot"))
            .map(line -> Double.valueOf(line.get(5)))
            .sorted(Comparator.naturalOrder())
            .toList();
    return seconds.isEmpty() ? 0 : seconds.get(seconds.size() / 2);
  }

  byte[] json() {
    return JsonText.indented(
        json -> {
          json.name("recordings").value(recordings.size());
          json.name("log_entries").value(sum(1));
          json.name("flushes").value(sum(2));
          json.name("states_checked").value(sum(3));
          json.name("states_booted").value(boots.size());
          json.name("states_finished").value(finished());
          json.name("wrong").value(wrong());
          json.name("boot_seconds_median").value(medianSeconds());
          for (Map.Entry<String, Map<String, Long>> group :
              Map.of("ran", by(4), "fates", byFate(), "situations", by(2)).entrySet().stream()
                  .sorted(Map.Entry.comparingByKey())
                  .toList()) {
            json.name(group.getKey()).beginObject();
            for (Map.Entry<String, Long> one : new TreeMap<>(group.getValue()).entrySet()) {
              json.name(one.getKey()).value(one.getValue());
            }
            json.endObject();
          }
        });
  }

  String markdown() {
    StringBuilder text = new StringBuilder();
    text.append(
        """
        # Power campaign

        Real installations on the emulated device, every write and flush of the disk recorded; states that a power cut may
        leave were made from the record, checked on the host by the agent's own code, and booted through the real bootloader.
        What is assumed of a disk, and how a state is replayed: [hil-tests](../../hil-tests/README.md).
        Made by `mvn -Ppower-campaign -DskipTests verify`, which goes on where it was.

        | what | count |
        | --- | --- |
        """);
    row(text, "recorded installations", recordings.size());
    row(text, "writes and flushes in them", sum(1));
    row(text, "flushes among them", sum(2));
    row(text, "states checked on the host", sum(3));
    row(text, "states booted", boots.size());
    row(text, "of these, finished the installation by themselves as well", finished());
    row(text, "**states with anything wrong**", wrong());
    text.append(
        String.format(
            Locale.ROOT,
            "%nMedian from power-on to the agent's word of what runs: %.1f s, two at a time.%n",
            medianSeconds()));
    table(text, "What ran after the boot", by(4));
    table(text, "What became of writes that were not flushed", byFate());
    table(text, "How far the device was: journal/outcome; record", by(2));
    boots.stream()
        .filter(line -> !line.get(6).equals(OK))
        .forEach(
            line -> text.append("\nwrong: recording ").append(String.join(" ", line)).append('\n'));
    recordings.stream()
        .filter(line -> !line.get(6).equals(OK))
        .forEach(
            line ->
                text.append("\nwrong on the host: recording ")
                    .append(String.join(" ", line))
                    .append('\n'));
    return text.toString();
  }

  private static void row(StringBuilder text, String what, long count) {
    text.append(String.format(Locale.ROOT, "| %s | %,d |%n", what, count));
  }

  private static void table(StringBuilder text, String what, Map<String, Long> counts) {
    text.append("\n| ").append(what).append(" | boots |\n| --- | --- |\n");
    counts.forEach((word, count) -> row(text, word, count));
  }
}
