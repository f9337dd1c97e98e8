package dev.suture.agent;

import com.google.gson.stream.JsonWriter;
import dev.suture.live.OldCode;
import dev.suture.live.RestartPlan;
import dev.suture.live.Services.Service;
import dev.suture.protocol.StatusDocument;
import dev.suture.protocol.json.JsonText;
import dev.suture.protocol.manifest.RestartScope;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What an installation or a removal would do to what runs now; nothing is done.
 *
 * @param from title of what runs, or {@code base}
 * @param to title of what would run, or {@code base}
 * @param plan what would restart
 * @param last how the newest switch without a restart of the device went, if there was one since
 *     the agent started
 */
public record Rehearsal(
    String from, String to, RestartPlan plan, Optional<StatusDocument.Activation> last) {
  private static final double MILLIS = 1_000;

  /** For people, without a newline at its end. */
  public String text() {
    StringBuilder text = new StringBuilder();
    boolean isLive = plan.scope() != RestartScope.REBOOT;
    text.append(to).append(" instead of ").append(from);
    text.append("\nrestarts: ").append(what()).append(", because ").append(plan.because());
    if (isLive
        && plan.services().isEmpty()
        && plan.others().isEmpty()
        && plan.exposed().isEmpty()) {
      text.append("\n  none: no process uses what would be replaced");
    }
    plan.services()
        .forEach(
            (service, processes) -> {
              text.append("\n  ").append(service.name());
              processes.forEach(process -> text.append("\n    ").append(process));
            });
    if (!plan.others().isEmpty()) {
      text.append("\n  of no service");
      text.append(plan.scope() == RestartScope.USERSPACE ? ", ended" : "");
      plan.others().forEach(process -> text.append("\n    ").append(process));
    }
    plan.exposed()
        .forEach(
            (service, processes) -> {
              text.append("\n  ").append(service.name());
              text.append(", never restarted: exposed until somebody does");
              processes.forEach(process -> text.append("\n    ").append(process));
            });
    text.append("\ninterruption: ").append(interruption(isLive));
    return text.toString();
  }

  private String what() {
    return switch (plan.scope()) {
      case NONE, SERVICES -> "services alone";
      case USERSPACE -> "the userspace";
      case KEXEC, REBOOT -> "the device";
    };
  }

  private String interruption(boolean isLive) {
    if (!isLive) {
      return "a start of the device";
    }
    String atMost =
        String.format(
            Locale.ROOT,
            "at most %.0f s, for services to end and to be up again",
            plan.millisMax() / MILLIS);
    return last.map(
                one ->
                    String.format(Locale.ROOT, "%.1f s at the last time; ", one.millis() / MILLIS))
            .orElse("")
        + atMost;
  }

  /** For programs: a JSON object on one line. */
  public String document() {
    byte[] json =
        JsonText.compact(
            out -> {
              out.name("from").value(from);
              out.name("to").value(to);
              out.name("scope").value(plan.scope().word());
              out.name("because").value(plan.because());
              services(out.name("services"), plan.services());
              processes(out.name("others"), plan.others());
              services(out.name("exposed"), plan.exposed());
            });
    return new String(json, StandardCharsets.UTF_8).trim();
  }

  private static void services(JsonWriter out, Map<Service, List<OldCode>> services)
      throws IOException {
    out.beginArray();
    for (Map.Entry<Service, List<OldCode>> one : services.entrySet()) {
      out.beginObject();
      out.name("name").value(one.getKey().name());
      if (!one.getKey().isNeverRestarted()) {
        out.name("timeout_millis").value(one.getKey().timeoutMillis());
      }
      processes(out.name("processes"), one.getValue());
      out.endObject();
    }
    out.endArray();
  }

  private static void processes(JsonWriter out, List<OldCode> processes) throws IOException {
    out.beginArray();
    for (OldCode process : processes) {
      out.beginObject();
      out.name("pid").value(process.pid());
      out.name("name").value(process.name());
      out.name("how").value(process.how());
      out.endObject();
    }
    out.endArray();
  }
}
