package dev.suture.protocol.release;

import com.google.gson.stream.JsonWriter;
import dev.suture.protocol.Baseline;
import dev.suture.protocol.FileRef;
import dev.suture.protocol.Level;
import dev.suture.protocol.Sha256;
import dev.suture.protocol.json.Fields;
import dev.suture.protocol.json.JsonText;
import dev.suture.protocol.tuf.FileNames;
import dev.suture.protocol.tuf.TargetFile;
import java.util.Optional;

/**
 * One published level, as the targets role lists it: a target {@code
 * levels/MODEL/BASELINE/LETTER.json}, which is its manifest, with a member {@code suture} in its
 * custom data.
 *
 * @param model the device model that it is for
 * @param baseline the OS release that it patches
 * @param level its letter
 * @param manifest where its manifest is; the digest is the patch's identity
 * @param withdrawal whether and how the publisher took it back
 * @param rollout who may install it; everybody if it is not said
 * @param sealed what opens the file that it was spread in, if it was
 */
public record LevelEntry(
    String model,
    Baseline baseline,
    Level level,
    FileRef manifest,
    Optional<Withdrawal> withdrawal,
    Optional<Rollout> rollout,
    Optional<SealedPatch> sealed) {
  /** Folder of the mirror that targets are in. */
  public static final String TARGETS = "targets/";

  /** What the paths of levels begin with. */
  public static final String LEVELS = "levels/";

  /** Our member of a target's custom data. */
  public static final String CUSTOM = "suture";

  private static final String ENDING = ".json";
  private static final int SEGMENTS = 4;

  /** For people: {@code 26.1 (a)}. */
  public String title() {
    return baseline.with(level);
  }

  /** Path of a level's target. */
  public static String path(String model, Baseline baseline, Level level) {
    return LEVELS + model + "/" + baseline.version() + "/" + level.letters() + ENDING;
  }

  /** Path of this level's target. */
  public String path() {
    return path(model, baseline, level);
  }

  /**
   * Reads a target.
   *
   * @param path its path; one that does not begin with {@link #LEVELS} is not a level
   * @param consistentSnapshot whether names of files carry their digest
   * @throws IllegalArgumentException if it is a level, but malformed: a path of another form, no
   *     SHA-256, custom data that does not say what it must
   */
  public static Optional<LevelEntry> read(
      String path, TargetFile file, boolean consistentSnapshot) {
    if (!path.startsWith(LEVELS)) {
      return Optional.empty();
    }
    String[] segments = path.split("/", -1);
    if (segments.length != SEGMENTS || !segments[SEGMENTS - 1].endsWith(ENDING)) {
      throw new IllegalArgumentException(
          "target: expected levels/MODEL/BASELINE/LETTER.json, got " + segments.length + " parts");
    }
    String last = segments[SEGMENTS - 1];
    Optional<Fields> custom = file.custom().flatMap(all -> all.optionalObject(CUSTOM));
    return Optional.of(
        new LevelEntry(
            segments[1],
            new Baseline(segments[2]),
            new Level(last.substring(0, last.length() - ENDING.length())),
            reference(path, file, consistentSnapshot),
            custom.flatMap(one -> one.optionalObject("withdrawn")).map(Withdrawal::read),
            custom.flatMap(one -> one.optionalObject("rollout")).map(Rollout::read),
            custom.flatMap(one -> one.optionalObject("sealed")).map(SealedPatch::read)));
  }

  /**
   * Where a mirror has a target.
   *
   * @throws IllegalArgumentException if its SHA-256 is not said, or the path is none of a mirror
   */
  public static FileRef reference(String path, TargetFile file, boolean consistentSnapshot) {
    String digest = file.hashes().hex().get("sha256");
    if (digest == null) {
      throw new IllegalArgumentException("target " + path + ": expected a sha256");
    }
    return new FileRef(
        TARGETS + FileNames.target(path, file, consistentSnapshot),
        file.length(),
        Sha256.ofHex(digest));
  }

  /** The custom data of the target, as JSON. */
  public byte[] custom() {
    return JsonText.compact(
        json -> {
          json.name(CUSTOM).beginObject();
          write(json);
          json.endObject();
        });
  }

  private void write(JsonWriter json) throws java.io.IOException {
    if (withdrawal.isPresent()) {
      withdrawal.get().write(json.name("withdrawn"));
    }
    if (rollout.isPresent()) {
      rollout.get().write(json.name("rollout"));
    }
    if (sealed.isPresent()) {
      sealed.get().write(json.name("sealed"));
    }
  }

  /** The same level, withdrawn. */
  public LevelEntry with(Withdrawal how) {
    return new LevelEntry(
        model, baseline, level, manifest, Optional.of(how), rollout, Optional.empty());
  }

  /** The same level in another stage of its rollout; for everybody without one. */
  public LevelEntry with(Optional<Rollout> stage) {
    return new LevelEntry(model, baseline, level, manifest, withdrawal, stage, sealed);
  }
}
