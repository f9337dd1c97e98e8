package dev.suture.arm64.cli;

import dev.suture.protocol.json.Fields;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The status document as a table for people. */
final class StatusTable {
  private static final int ITEMS_MAX = 1000;
  private static final int LABEL_CHARS = 14;
  private static final int DIGEST_DIGITS = 12;
  private static final long BYTES_PER_KIB = 1024;
  private static final long BYTES_MAX = 1L << 50;
  private static final long MILLIS_PER_SECOND = 1000;
  private static final long KIB_PER_MIB = 1024;

  private final StringBuilder text = new StringBuilder();

  private StatusTable() {}

  /**
   * One line per fact.
   *
   * @throws IllegalArgumentException if the document lacks one of those that every agent sends
   */
  static String render(Fields status) {
    StatusTable table = new StatusTable();
    table.line(
        "device",
        status.text("device")
            + " (fleet "
            + status.text("fleet")
            + ", model "
            + status.text("model")
            + ")");
    table.line("baseline", status.text("baseline"));
    table.line(
        "running",
        status.text("release")
            + " from "
            + (status.text("running").equals("base") ? "base" : "slot " + status.text("running"))
            + (status.bool("protected") ? ", protected" : ""));
    table.line("phase", status.text("phase"));
    status
        .optionalObject("probation")
        .ifPresent(
            probation ->
                table.line(
                    "probation",
                    "confirmed, watched for "
                        + probation.integer("minutes_left", 0, Integer.MAX_VALUE)
                        + " more minutes"));
    status.optionalObject("activation").ifPresent(how -> table.line("since", activation(how)));
    table.exposed(status);
    status.optionalObject("attempt").ifPresent(attempt -> table.line("attempt", event(attempt)));
    if (status.has("waits_for")) {
      table.line("waits for", status.text("waits_for"));
    }
    status
        .optionalObject("last_outcome")
        .ifPresent(outcome -> table.line("last outcome", event(outcome)));
    status
        .optionalObject("last_failure")
        .ifPresent(
            failure -> table.line("last failure", code(failure) + " " + failure.text("message")));
    if (status.has("remembered_bad")) {
      List<String> bad = status.texts("remembered_bad", ITEMS_MAX);
      if (!bad.isEmpty()) {
        table.line("not again", String.join(", ", bad));
      }
    }
    String label = "components";
    for (Fields component : status.objects("components", ITEMS_MAX)) {
      table.line(
          label,
          String.format(
              Locale.ROOT,
              "%-12s %-5s image sha256:%s, verity root %s",
              component.text("name"),
              component.text("slot"),
              shorten(component.text("image_sha256")),
              shorten(component.text("verity_root"))));
      label = "";
    }
    table.checks(status);
    status.optionalObject("agent").ifPresent(agent -> table.line("agent", agent(agent)));
    return table.text.toString();
  }

  private void exposed(Fields status) {
    if (!status.has("exposed")) {
      return;
    }
    String label = "exposed";
    for (Fields service : status.objects("exposed", ITEMS_MAX)) {
      line(
          label,
          service.text("name")
              + " runs older code"
              + service.optionalText("since").map(when -> " since " + when).orElse("")
              + ", and is never restarted by the agent");
      label = "";
    }
  }

  private void checks(Fields status) {
    if (!status.has("checks")) {
      return;
    }
    String label = "checks";
    for (Fields check : status.objects("checks", ITEMS_MAX)) {
      line(label, check.text("name") + " " + check.text("message"));
      label = "";
    }
  }

  private void line(String label, String value) {
    text.append(label).append(" ".repeat(LABEL_CHARS - label.length())).append(value).append('\n');
  }

  private static String activation(Fields how) {
    List<String> restarted = how.texts("restarted", ITEMS_MAX);
    return "a switch without a restart of the device, by "
        + how.text("scope")
        + ", in "
        + seconds(how, "ms")
        + (restarted.isEmpty()
            ? "; nothing had to be restarted"
            : "; restarted: " + String.join(", ", restarted));
  }

  private static String event(Fields event) {
    String code = code(event);
    return event.text("release")
        + ": "
        + event.text("phase")
        + (code.isEmpty() ? "" : ", " + code)
        + event.optionalText("message").filter(m -> !m.isEmpty()).map(m -> " " + m).orElse("");
  }

  private static String code(Fields event) {
    long code = event.has("code") ? event.integer("code", 0, Integer.MAX_VALUE) : 0;
    return code == 0 ? "" : "SUT-" + code;
  }

  private static String agent(Fields agent) {
    List<String> facts = new ArrayList<>();
    facts.add(agent.text("version"));
    if (agent.has("rss_kib") && agent.has("rss_peak_kib")) {
      facts.add(
          mib(agent, "rss_kib") + " MiB resident (peak " + mib(agent, "rss_peak_kib") + " MiB)");
    }
    if (agent.has("heap_max_mib")) {
      facts.add("heap limit " + agent.integer("heap_max_mib", 0, Long.MAX_VALUE) + " MiB");
    }
    if (agent.has("connected_after_ms")) {
      facts.add("connected after " + seconds(agent, "connected_after_ms"));
    } else {
      facts.add("not connected yet");
    }
    if (agent.has("apply_ms")) {
      facts.add("last patch applied in " + seconds(agent, "apply_ms") + written(agent));
    }
    return String.join(", ", facts);
  }

  private static String written(Fields agent) {
    if (!agent.has("apply_written_bytes") || !agent.has("apply_kept_bytes")) {
      return "";
    }
    long written = agent.integer("apply_written_bytes", 0, BYTES_MAX);
    long kept = agent.integer("apply_kept_bytes", 0, BYTES_MAX);
    return " (" + kib(written) + " KiB written, " + kib(kept) + " KiB were there)";
  }

  private static long kib(long bytes) {
    return (bytes + BYTES_PER_KIB - 1) / BYTES_PER_KIB;
  }

  private static long mib(Fields agent, String name) {
    return (agent.integer(name, 0, Long.MAX_VALUE - KIB_PER_MIB) + KIB_PER_MIB / 2) / KIB_PER_MIB;
  }

  private static String seconds(Fields agent, String name) {
    long millis = agent.integer(name, 0, Long.MAX_VALUE);
    return millis / MILLIS_PER_SECOND + "." + millis % MILLIS_PER_SECOND / 100 + " s";
  }

  private static String shorten(String digest) {
    return digest.substring(0, Math.min(DIGEST_DIGITS, digest.length()));
  }
}
