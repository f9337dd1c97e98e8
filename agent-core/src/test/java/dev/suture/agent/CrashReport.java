package dev.suture.agent;

import com.google.gson.stream.JsonWriter;
import dev.suture.attempt.Phase;
import dev.suture.protocol.json.JsonText;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.LongStream;

/** What the crash test has visited, for programs and for people. */
final class CrashReport {
  private static final int COLUMN = 150;
  private static final int ROW = 110;
  private static final int RADIUS_MIN = 14;
  private static final double RADIUS_FOR_TENFOLD = 6;

  private final CrashBounds bounds;
  private final Map<CrashStory, CrashExplorer.Tally> tallies = new EnumMap<>(CrashStory.class);

  CrashReport(CrashBounds bounds) {
    this.bounds = bounds;
  }

  synchronized void add(CrashStory story, CrashExplorer.Tally tally) {
    tallies.put(story, tally);
  }

  synchronized boolean isComplete() {
    return tallies.size() == CrashStory.values().length;
  }

  /** Crash states of all stories and depths. */
  long states() {
    return tallies.values().stream().mapToLong(tally -> LongStream.of(tally.states).sum()).sum();
  }

  private long runs() {
    return tallies.values().stream().mapToLong(tally -> tally.runs).sum();
  }

  SortedMap<String, Long> cutsInStage() {
    SortedMap<String, Long> cuts = new TreeMap<>();
    tallies
        .values()
        .forEach(
            tally ->
                tally.cutsInStage.forEach((stage, count) -> cuts.merge(stage, count, Long::sum)));
    return cuts;
  }

  String summary() {
    return String.format(
        "%,d crash states of %d stories (%s); %,d recoveries run, %,d of them different; violations: 0",
        states(),
        tallies.size(),
        bounds,
        runs(),
        tallies.values().stream().mapToLong(tally -> tally.recoveries).sum());
  }

  /** Writes {@code crash-report.json} and {@code crash-report.html}. */
  void write(Path directory) {
    try {
      Files.write(directory.resolve("crash-report.json"), JsonText.indented(this::json));
      Files.write(directory.resolve("crash-report.html"), html().getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void json(JsonWriter json) throws IOException {
    json.name("bounds").value(bounds.toString());
    json.name("states").value(states());
    json.name("recoveries_run").value(runs());
    json.name("violations").value(0);
    json.name("cuts_in").beginObject();
    for (Map.Entry<String, Long> stage : cutsInStage().entrySet()) {
      json.name(stage.getKey()).value(stage.getValue());
    }
    json.endObject();
    json.name("stories").beginArray();
    for (Map.Entry<CrashStory, CrashExplorer.Tally> entry : tallies.entrySet()) {
      CrashExplorer.Tally tally = entry.getValue();
      json.beginObject();
      json.name("story").value(entry.getKey().name());
      json.name("description").value(entry.getKey().description());
      json.name("ends_as").value(entry.getKey().end().name());
      json.name("operations").value(tally.operations);
      numbers(json.name("cuts_by_depth"), tally.cuts);
      numbers(json.name("cuts_with_every_subset"), tally.exhaustive);
      numbers(json.name("states_by_depth"), tally.states);
      numbers(json.name("distinct_and_continued"), tally.distinct);
      json.name("recoveries_run").value(tally.runs);
      json.name("different_recoveries").value(tally.recoveries);
      json.endObject();
    }
    json.endArray();
  }

  private static void numbers(JsonWriter json, long[] numbers) throws IOException {
    json.beginArray();
    for (long number : numbers) {
      json.value(number);
    }
    json.endArray();
  }

  private String html() {
    StringBuilder rows = new StringBuilder();
    tallies.forEach((story, tally) -> rows.append(row(story, tally)));
    return """
        <!doctype html>
        <html lang="en"><meta charset="utf-8"><title>Suture: where the power was cut</title>
        <style>
        body { font: 15px/1.5 system-ui, sans-serif; max-width: 1300px; margin: 2em auto; padding: 0 1em; color: #222 }
        table { border-collapse: collapse } td, th { padding: .3em .7em; border-bottom: 1px solid #ddd; text-align: right }
        td:first-child, th:first-child, td:nth-child(2) { text-align: left } svg text { font: 12px system-ui, sans-serif }
        </style>
        <h1>Where the power was cut</h1>
        <p>%s.</p>
        <p>The agent's own code runs on a simulated device: disk with a volatile cache, activation record, bootloader, network.
        The power fails at every operation that changes what is durable. What was not synced is lost, lands, tears at sectors or
        lands out of order. From every state that this leaves, the device is started again, and the power fails again on the
        way back. In the end the device runs base or a whole patch, says so truthfully, and has finished its story.</p>
        <p>A <em>crash state</em> is one cut with one fate of what was unsynced. Equal states are continued once; a state in which
        everything that a recovery looks at is as in an earlier one recovers in the same way and is not run again.</p>
        <h2>The life of a patch, and cuts in it</h2>
        %s
        <h2>Stories</h2>
        <table><tr><th>story<th><th>ends as<th>durable operations<th>cuts, by depth<th>of these with every subset of what was unsynced
        <th>crash states, by depth<th>recoveries run<th>of these different</tr>
        %s</table></html>
        """
        .formatted(summary(), picture(), rows);
  }

  private static String row(CrashStory story, CrashExplorer.Tally tally) {
    return String.format(
        "<tr><td>%s<td>%s<td>%s<td>%,d<td>%s<td>%s<td>%s<td>%,d<td>%,d</tr>%n",
        story,
        story.description(),
        story.end(),
        tally.operations,
        joined(tally.cuts),
        joined(tally.exhaustive),
        joined(tally.states),
        tally.runs,
        tally.recoveries);
  }

  private static String joined(long[] numbers) {
    StringBuilder text = new StringBuilder();
    for (long number : numbers) {
      text.append(text.length() == 0 ? "" : " / ").append(String.format("%,d", number));
    }
    return text.toString();
  }

  private String picture() {
    StringBuilder svg = new StringBuilder("<svg width='1280' height='360' role='img'>");
    Phase[] way = {
      Phase.NOTICED,
      Phase.VERIFIED,
      Phase.FETCHED,
      Phase.WRITING,
      Phase.STAGED,
      Phase.ARMING,
      Phase.ARMED,
      Phase.ACTIVE
    };
    line(svg, 0, 0, 7, 0);
    line(svg, 1, 0, 1, 1);
    line(svg, 3, 0, 3, 1);
    line(svg, 6, 0, 6, 1);
    line(svg, 6, 0, 7, 1);
    for (int i = 0; i < way.length; i++) {
      node(svg, way[i].name(), i, 0);
    }
    node(svg, Phase.REJECTED.name(), 1, 1);
    node(svg, Phase.ABANDONED.name(), 3, 1);
    node(svg, Phase.REVERTED.name(), 6, 1);
    node(svg, Phase.REMOVED.name(), 7, 1);
    node(svg, "bootloader", 0, 2);
    node(svg, "startup", 1, 2);
    node(svg, "no attempt", 2, 2);
    return svg.append("</svg>").toString();
  }

  private static int at(int step, int size) {
    return size / 2 + step * size;
  }

  private static void line(StringBuilder svg, int fromX, int fromY, int toX, int toY) {
    svg.append(
        String.format(
            "<line x1='%d' y1='%d' x2='%d' y2='%d' stroke='#aaa'/>",
            at(fromX, COLUMN), at(fromY, ROW), at(toX, COLUMN), at(toY, ROW)));
  }

  private void node(StringBuilder svg, String stage, int x, int y) {
    long cuts = cutsInStage().getOrDefault(stage, 0L);
    svg.append(
        String.format(
            "<circle cx='%d' cy='%d' r='%.0f' fill='%s'/><text x='%d' y='%d' text-anchor='middle'>%s</text>"
                + "<text x='%d' y='%d' text-anchor='middle'>%,d cuts</text>",
            at(x, COLUMN),
            at(y, ROW),
            RADIUS_MIN + RADIUS_FOR_TENFOLD * Math.log10((double) Math.max(1, cuts)) / 2,
            cuts > 0 ? "#7fb4d9" : "#eee",
            at(x, COLUMN),
            at(y, ROW) - 34,
            stage,
            at(x, COLUMN),
            at(y, ROW) + 4,
            cuts));
  }
}
