package dev.suture.protocol;

import com.google.gson.stream.JsonWriter;
import dev.suture.protocol.json.JsonText;
import java.io.IOException;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * What a device says about itself: sent on change, printed by {@code suture status --json}.
 * docs/privacy.md lists every field; nothing else leaves the device.
 *
 * @param device the device's name in its fleet
 * @param fleet its fleet
 * @param model its model
 * @param baseline its OS release
 * @param running whose images are mounted
 * @param level the confirmed or tried level that runs; empty on base
 * @param phase the phase of the attempt under way, or else {@code ACTIVE} or {@code BASE}
 * @param isProtected whether the level that runs is confirmed: verified, read back, healthy, and
 *     nothing runs older code
 * @param components what is mounted for each component
 * @param attempt the attempt under way
 * @param waitsFor what has to change before the next step, if one waits
 * @param lastOutcome how the newest attempt ended
 * @param lastFailure why the newest look at the metadata, or the newest start, failed
 * @param held levels that are not tried again by themselves
 * @param probation how much longer what runs is watched, if it is
 * @param activation how what runs came to run, if not by a start of the device
 * @param checks what did not pass when the device's own checks were run last, at most {@link
 *     #CHECKS_MAX}
 * @param exposed services that run older code than what is mounted and are never restarted: the
 *     level is not confirmed before they are
 * @param agent what the agent costs
 */
public record StatusDocument(
    String device,
    String fleet,
    String model,
    Baseline baseline,
    Slot running,
    Optional<Level> level,
    String phase,
    boolean isProtected,
    List<Component> components,
    Optional<Progress> attempt,
    Optional<String> waitsFor,
    Optional<Progress> lastOutcome,
    Optional<Problem> lastFailure,
    List<String> held,
    Optional<Probation> probation,
    Optional<Activation> activation,
    List<Check> checks,
    List<Exposed> exposed,
    Agent agent) {
  /** Most checks that are told of. */
  public static final int CHECKS_MAX = 8;

  private static final int FORMAT = 1;

  /** Copies the lists. */
  public StatusDocument {
    components = Collections.unmodifiableList(new ArrayList<>(components));
    held = Collections.unmodifiableList(new ArrayList<>(held));
    checks = Collections.unmodifiableList(new ArrayList<>(checks));
    exposed = Collections.unmodifiableList(new ArrayList<>(exposed));
    if (checks.size() > CHECKS_MAX) {
      throw new IllegalArgumentException(
          "status: expected at most " + CHECKS_MAX + " checks, got " + checks.size());
    }
  }

  /**
   * What runs is confirmed, and watched still.
   *
   * @param minutesLeft for how long yet, rounded up. A change of this figure alone is not reported
   */
  public record Probation(int minutesLeft) {}

  /**
   * A change of what runs without a start of the device; when it was over, nothing ran older code.
   *
   * @param scope how much was restarted, in the manifest's words
   * @param millis how long it took, the restarts and the proof included
   * @param restarted the services that were restarted, in that order
   */
  public record Activation(String scope, long millis, List<String> restarted) {
    /** Copies the list. */
    public Activation {
      restarted = Collections.unmodifiableList(new ArrayList<>(restarted));
    }
  }

  /** A check of the device's own that did not pass: where it is, and what came of it. */
  public record Check(String name, String message) {}

  /**
   * A service on older code.
   *
   * @param name what the configuration calls it
   * @param since when what is mounted was put in the place of what it runs, by the device's clock
   *     then; empty if that is not known
   */
  public record Exposed(String name, Optional<Instant> since) {}

  /** What is mounted for a component. */
  public record Component(ComponentName name, Slot slot, Sha256 imageSha256, Sha256 verityRoot) {}

  /** An attempt: what it is about, how far it is or how it ended, and what is wrong with it. */
  public record Progress(long number, String release, String phase, Optional<Problem> problem) {}

  /** A failure: its fixed number and its message. */
  public record Problem(int code, String message) {}

  /** What the agent costs. Changes of these figures alone are not reported. */
  public record Agent(
      String version,
      long residentKib,
      long residentPeakKib,
      long heapMaxMib,
      Optional<Long> connectedAfterMillis,
      Optional<Apply> apply) {}

  /**
   * What the last rebuild of a patch cost.
   *
   * @param millis how long it took, read-back included
   * @param writtenBytes of images and hash trees in the slot
   * @param keptBytes likewise, but the slot held them already
   */
  public record Apply(long millis, long writtenBytes, long keptBytes) {}

  /** What runs, for people: {@code 26.1 (a)}, or {@code 26.1} on base. */
  public String release() {
    return level.map(baseline::with).orElse(baseline.version());
  }

  /**
   * Whether the other document says the same, but for what the agent costs and how long it watches
   * yet.
   */
  public boolean saysTheSameAs(StatusDocument other) {
    return withoutFigures().equals(other.withoutFigures());
  }

  private StatusDocument withoutFigures() {
    Agent none = new Agent("", 0, 0, 0, Optional.empty(), agent.apply());
    return new StatusDocument(
        device,
        fleet,
        model,
        baseline,
        running,
        level,
        phase,
        isProtected,
        components,
        attempt,
        waitsFor,
        lastOutcome,
        lastFailure,
        held,
        probation.map(one -> new Probation(0)),
        activation,
        checks,
        exposed,
        none);
  }

  /** The document as JSON on one line. */
  public byte[] encode() {
    return JsonText.compact(this::write);
  }

  private void write(JsonWriter json) throws IOException {
    json.setSerializeNulls(true);
    json.name("format").value(FORMAT);
    json.name("device").value(device).name("fleet").value(fleet).name("model").value(model);
    json.name("baseline").value(baseline.version()).name("release").value(release());
    json.name("running").value(running.word());
    json.name("level").value(level.map(Level::letters).orElse(null));
    json.name("phase").value(phase).name("protected").value(isProtected);
    json.name("components").beginArray();
    for (Component component : components) {
      json.beginObject().name("name").value(component.name().word());
      json.name("slot").value(component.slot().word());
      json.name("image_sha256").value(component.imageSha256().hex());
      json.name("verity_root").value(component.verityRoot().hex()).endObject();
    }
    json.endArray();
    writeProgress(json.name("attempt"), attempt);
    json.name("waits_for").value(waitsFor.orElse(null));
    writeProgress(json.name("last_outcome"), lastOutcome);
    json.name("last_failure");
    if (lastFailure.isPresent()) {
      json.beginObject();
      writeProblem(json, lastFailure);
      json.endObject();
    } else {
      json.nullValue();
    }
    json.name("remembered_bad").beginArray();
    for (String release : held) {
      json.value(release);
    }
    json.endArray();
    json.name("probation");
    if (probation.isPresent()) {
      json.beginObject().name("minutes_left").value(probation.get().minutesLeft()).endObject();
    } else {
      json.nullValue();
    }
    writeActivation(json.name("activation"));
    json.name("checks").beginArray();
    for (Check check : checks) {
      json.beginObject().name("name").value(check.name());
      json.name("message").value(check.message()).endObject();
    }
    json.endArray();
    json.name("exposed").beginArray();
    for (Exposed service : exposed) {
      json.beginObject().name("name").value(service.name());
      json.name("since");
      json.value(service.since().map(DateTimeFormatter.ISO_INSTANT::format).orElse(null));
      json.endObject();
    }
    json.endArray();
    json.name("agent").beginObject();
    json.name("version").value(agent.version());
    json.name("rss_kib").value(agent.residentKib());
    json.name("rss_peak_kib").value(agent.residentPeakKib());
    json.name("heap_max_mib").value(agent.heapMaxMib());
    json.name("connected_after_ms").value(agent.connectedAfterMillis().orElse(null));
    json.name("apply_ms").value(agent.apply().map(Apply::millis).orElse(null));
    json.name("apply_written_bytes").value(agent.apply().map(Apply::writtenBytes).orElse(null));
    json.name("apply_kept_bytes").value(agent.apply().map(Apply::keptBytes).orElse(null));
    json.endObject();
  }

  private void writeActivation(JsonWriter json) throws IOException {
    if (!activation.isPresent()) {
      json.nullValue();
      return;
    }
    json.beginObject().name("scope").value(activation.get().scope());
    json.name("ms").value(activation.get().millis());
    json.name("restarted").beginArray();
    for (String service : activation.get().restarted()) {
      json.value(service);
    }
    json.endArray().endObject();
  }

  private static void writeProgress(JsonWriter json, Optional<Progress> progress)
      throws IOException {
    if (!progress.isPresent()) {
      json.nullValue();
      return;
    }
    json.beginObject();
    json.name("number").value(progress.get().number());
    json.name("release").value(progress.get().release());
    json.name("phase").value(progress.get().phase());
    writeProblem(json, progress.get().problem());
    json.endObject();
  }

  private static void writeProblem(JsonWriter json, Optional<Problem> problem) throws IOException {
    json.name("code").value(problem.map(Problem::code).orElse(0));
    json.name("message").value(problem.map(Problem::message).orElse(null));
  }
}
