package dev.suture.protocol;

import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.RejectedException;
import dev.suture.protocol.json.Fields;
import dev.suture.protocol.json.JsonText;
import dev.suture.protocol.json.StrictJson;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * The signed list of what is published: the one document that the signature envelope protects. Each
 * manifest is protected by its digest in here, each payload by its digest in the manifest.
 *
 * @param version grows with every publication; a device never goes back to a lower one
 * @param issued when it was signed, RFC 3339 in UTC; for people
 * @param entries every published level, in any order
 */
public record ReleaseIndex(long version, String issued, List<Entry> entries) {
  /** Longest index that is read. */
  public static final int BYTES_MAX = 1 << 20;

  /** Most levels that one index lists. */
  public static final int ENTRIES_MAX = 1_000;

  private static final int FORMAT = 1;

  /** Checks the version and copies the entries. */
  public ReleaseIndex {
    if (version < 1) {
      throw new IllegalArgumentException("version: expected 1 or more, got " + version);
    }
    entries = Collections.unmodifiableList(new ArrayList<>(entries));
  }

  /**
   * One published level.
   *
   * @param baseline the OS release that it patches
   * @param model the device model that it is for
   * @param level its letter
   * @param manifest where its manifest is
   * @param withdrawn whether the publisher took it back
   */
  public record Entry(
      Baseline baseline, String model, Level level, FileRef manifest, boolean withdrawn) {
    /** Checks the model. */
    public Entry {
      Words.check("model", model, 64);
    }
  }

  /** The newest level for this baseline and model that is not withdrawn. */
  public Optional<Entry> newest(Baseline baseline, String model) {
    return entries.stream()
        .filter(entry -> entry.baseline().equals(baseline) && entry.model().equals(model))
        .filter(entry -> !entry.withdrawn())
        .max(Comparator.comparing(Entry::level));
  }

  /** The entry whose manifest has this digest, withdrawn or not. */
  public Optional<Entry> byManifest(Sha256 manifest) {
    return entries.stream().filter(entry -> entry.manifest().sha256().equals(manifest)).findFirst();
  }

  /** The index as indented JSON; the same index gives the same bytes. */
  public byte[] encode() {
    return JsonText.indented(
        json -> {
          json.name("format")
              .value(FORMAT)
              .name("version")
              .value(version)
              .name("issued")
              .value(issued);
          json.name("levels").beginArray();
          for (Entry entry : entries) {
            json.beginObject();
            json.name("baseline").value(entry.baseline().version());
            json.name("model").value(entry.model());
            json.name("level").value(entry.level().letters());
            json.name("manifest").beginObject();
            json.name("path").value(entry.manifest().path());
            json.name("bytes").value(entry.manifest().bytes());
            json.name("sha256").value(entry.manifest().sha256().hex());
            json.endObject();
            json.name("withdrawn").value(entry.withdrawn());
            json.endObject();
          }
          json.endArray();
        });
  }

  /**
   * Reads an index whose signature has been verified.
   *
   * @throws RejectedException {@code METADATA_MALFORMED}
   */
  public static ReleaseIndex decode(byte[] bytes) throws RejectedException {
    try {
      Fields index = StrictJson.parse("index", bytes, BYTES_MAX);
      index.integer("format", FORMAT, FORMAT);
      List<Entry> entries = new ArrayList<>();
      for (Fields entry : index.objects("levels", ENTRIES_MAX)) {
        entries.add(
            new Entry(
                entry.parsed("baseline", Baseline::new),
                entry.text("model"),
                entry.parsed("level", Level::new),
                FileRef.read(entry.object("manifest")),
                entry.bool("withdrawn")));
      }
      return new ReleaseIndex(
          index.integer("version", 1, Long.MAX_VALUE), index.text("issued"), entries);
    } catch (IllegalArgumentException e) {
      throw new RejectedException(
          FailureCode.METADATA_MALFORMED, String.valueOf(e.getMessage()), e);
    }
  }
}
