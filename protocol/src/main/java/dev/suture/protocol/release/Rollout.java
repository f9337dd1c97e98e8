package dev.suture.protocol.release;

import com.google.gson.stream.JsonWriter;
import dev.suture.protocol.Sha256;
import dev.suture.protocol.SignedTime;
import dev.suture.protocol.json.Fields;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * Which devices may install a level, and when. No server counts: each device knows its own place.
 * Time is the signed time of the metadata, so that a clock has no say in it, and a fleet whose
 * metadata stands still goes no further.
 *
 * @param ring devices of this ring may install it at once, whatever the curve
 * @param start from when on the curve counts
 * @param curve steps in their order of time, at most {@link #STEPS_MAX}; before the first one, and
 *     without any, only the ring
 */
public record Rollout(Optional<String> ring, Instant start, List<Step> curve) {
  /** Most steps of a curve. */
  public static final int STEPS_MAX = 32;

  private static final int RING_CHARS_MAX = 64;
  private static final int HOURS_MAX = 24 * 366;
  private static final int PERCENT = 100;
  private static final int PLACE_BYTES = 4;

  /** Checks the order of the steps. */
  public Rollout {
    curve = Collections.unmodifiableList(new ArrayList<>(curve));
    if (curve.size() > STEPS_MAX) {
      throw new IllegalArgumentException(
          "rollout: expected at most " + STEPS_MAX + " steps, got " + curve.size());
    }
    for (int i = 1; i < curve.size(); i++) {
      if (curve.get(i).afterHours() <= curve.get(i - 1).afterHours()
          || curve.get(i).percent() < curve.get(i - 1).percent()) {
        throw new IllegalArgumentException(
            "rollout: expected each step later and not smaller than the one before, got "
                + curve.get(i)
                + " after "
                + curve.get(i - 1));
      }
    }
    if (ring.isPresent() && (ring.get().isEmpty() || ring.get().length() > RING_CHARS_MAX)) {
      throw new IllegalArgumentException(
          "ring: expected 1 to " + RING_CHARS_MAX + " characters, got " + ring.get().length());
    }
  }

  /**
   * From so many hours on, so many of a hundred devices.
   *
   * @param afterHours since the start
   * @param percent 0 to 100
   */
  public record Step(int afterHours, int percent) {
    /** Checks both. */
    public Step {
      if (afterHours < 0 || afterHours > HOURS_MAX) {
        throw new IllegalArgumentException(
            "after_hours: expected 0 to " + HOURS_MAX + ", got " + afterHours);
      }
      if (percent < 0 || percent > PERCENT) {
        throw new IllegalArgumentException("percent: expected 0 to 100, got " + percent);
      }
    }
  }

  /**
   * Whether this device may install the level.
   *
   * @param deviceId the device's name in its fleet
   * @param deviceRing the ring that it was put into, if any
   * @param manifest the patch: each one begins with other devices
   * @param signedNow the newest signed time
   */
  public boolean admits(
      String deviceId, Optional<String> deviceRing, Sha256 manifest, Instant signedNow) {
    return ring.isPresent() && ring.equals(deviceRing)
        || place(deviceId, manifest) * PERCENT < percent(signedNow) * (1L << 32);
  }

  /** How many of a hundred devices may install it at this time. */
  public int percent(Instant signedNow) {
    int percent = 0;
    for (Step step : curve) {
      if (!signedNow.isBefore(start.plus(step.afterHours(), ChronoUnit.HOURS))) {
        percent = step.percent();
      }
    }
    return percent;
  }

  /** A number below 2^32 that follows from the device and the patch, even over all devices. */
  private static long place(String deviceId, Sha256 manifest) {
    byte[] digest =
        Sha256.of((manifest.hex() + " " + deviceId).getBytes(StandardCharsets.UTF_8)).toBytes();
    long place = 0;
    for (int i = 0; i < PLACE_BYTES; i++) {
      place = place << Byte.SIZE | digest[i] & 0xff;
    }
    return place;
  }

  static Rollout read(Fields fields) {
    List<Step> curve = new ArrayList<>();
    for (Fields step : fields.objects("curve", STEPS_MAX)) {
      curve.add(
          new Step(
              step.smallInteger("after_hours", 0, HOURS_MAX),
              step.smallInteger("percent", 0, PERCENT)));
    }
    return new Rollout(
        fields.optionalText("ring"), fields.parsed("start", SignedTime::parse), curve);
  }

  void write(JsonWriter json) throws IOException {
    json.beginObject();
    if (ring.isPresent()) {
      json.name("ring").value(ring.get());
    }
    json.name("start").value(SignedTime.text(start));
    json.name("curve").beginArray();
    for (Step step : curve) {
      json.beginObject().name("after_hours").value(step.afterHours());
      json.name("percent").value(step.percent()).endObject();
    }
    json.endArray();
    json.endObject();
  }
}
