package dev.suture.hil;

import dev.suture.protocol.json.Fields;
import dev.suture.protocol.json.StrictJson;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** What a device says about itself, at the broker or through its command line. */
public final class DeviceStatus {
  private static final int BYTES_MAX = 1 << 20;
  private static final int ITEMS_MAX = 1_000;

  private final Fields fields;
  private final String text;

  private DeviceStatus(Fields fields, String text) {
    this.fields = fields;
    this.text = text;
  }

  /**
   * A component that runs from a slot.
   *
   * @param name such as {@code tls}
   * @param slot {@code a} or {@code b}, or {@code base}
   * @param imageSha256 64 hexadecimal digits
   * @param verityRoot 64 hexadecimal digits
   */
  public record Component(String name, String slot, String imageSha256, String verityRoot) {}

  /**
   * How an attempt stands, or how one ended.
   *
   * @param release such as {@code 26.1 (b)}
   * @param phase such as {@code REVERTED}
   * @param code number of the failure, 0 if none
   * @param message for people
   */
  public record Attempt(String release, String phase, int code, String message) {}

  /** Reads a status document. */
  public static DeviceStatus parse(byte[] json) {
    String text = new String(json, StandardCharsets.UTF_8).strip();
    try {
      return new DeviceStatus(StrictJson.parse("status", json, BYTES_MAX), text);
    } catch (IllegalArgumentException e) {
      throw new HarnessException("status document: " + e.getMessage() + ", got: " + text, e);
    }
  }

  /** {@code base}, {@code a} or {@code b}. */
  public String running() {
    return fields.text("running");
  }

  /** Such as {@code 26.1 (a)}, or {@code 26.1} on base. */
  public String release() {
    return fields.text("release");
  }

  /** The phase of the attempt under way, else {@code ACTIVE} or {@code BASE}. */
  public String phase() {
    return fields.text("phase");
  }

  /** Whether the device claims to be protected. */
  public boolean isProtected() {
    return fields.bool("protected");
  }

  /** What the next step waits for, if it does. */
  public Optional<String> waitsFor() {
    return fields.optionalText("waits_for");
  }

  /** Whether this release runs, confirmed and protected. */
  public boolean isActive(String release) {
    return phase().equals("ACTIVE") && isProtected() && release().equals(release);
  }

  /** Whether base runs and nothing is under way. */
  public boolean isBase() {
    return phase().equals("BASE") && running().equals("base");
  }

  /** What runs from a slot. */
  public List<Component> components() {
    return fields.objects("components", ITEMS_MAX).stream()
        .map(
            component ->
                new Component(
                    component.text("name"),
                    component.text("slot"),
                    component.text("image_sha256"),
                    component.text("verity_root")))
        .toList();
  }

  /** How the last attempt ended. */
  public Optional<Attempt> lastOutcome() {
    return fields.optionalObject("last_outcome").map(DeviceStatus::attempt);
  }

  /** The attempt under way. */
  public Optional<Attempt> attempt() {
    return fields.optionalObject("attempt").map(DeviceStatus::attempt);
  }

  private static Attempt attempt(Fields fields) {
    return new Attempt(
        fields.text("release"),
        fields.text("phase"),
        fields.smallInteger("code", 0, 999),
        fields.optionalText("message").orElse(""));
  }

  /** Number of the failure of the last look at the metadata, 0 if it did not fail. */
  public int lastFailureCode() {
    return fields
        .optionalObject("last_failure")
        .map(failure -> failure.smallInteger("code", 0, 999))
        .orElse(0);
  }

  /** Releases that are never tried again by themselves. */
  public List<String> rememberedBad() {
    return fields.texts("remembered_bad", ITEMS_MAX);
  }

  /** Services on older code that are never restarted. */
  public List<String> exposed() {
    return fields.objects("exposed", ITEMS_MAX).stream().map(one -> one.text("name")).toList();
  }

  /** For how many minutes what runs is watched yet, if it is. */
  public Optional<Integer> probationMinutes() {
    return fields
        .optionalObject("probation")
        .map(probation -> probation.smallInteger("minutes_left", 0, Integer.MAX_VALUE));
  }

  /**
   * How what runs came to run, if not by a start of the device.
   *
   * @param scope how much was restarted
   * @param millis how long it took
   * @param restarted the services that were restarted
   */
  public record Activation(String scope, long millis, List<String> restarted) {}

  /** How what runs came to run; nothing if the device was started for it. */
  public Optional<Activation> activation() {
    return fields
        .optionalObject("activation")
        .map(
            one ->
                new Activation(
                    one.text("scope"),
                    one.integer("ms", 0, Long.MAX_VALUE),
                    one.texts("restarted", ITEMS_MAX)));
  }

  /** A figure of the agent, such as {@code rss_peak_kib}. */
  public OptionalLong agentFigure(String name) {
    Fields agent = fields.object("agent");
    return agent.has(name)
        ? OptionalLong.of(agent.integer(name, 0, Long.MAX_VALUE))
        : OptionalLong.empty();
  }

  /** The document as it came. */
  @Override
  public String toString() {
    return text;
  }
}
