package dev.suture.publisher.workspace;

import dev.suture.protocol.Baseline;
import dev.suture.protocol.ComponentName;
import dev.suture.protocol.Sha256;
import dev.suture.protocol.json.Fields;
import dev.suture.protocol.json.JsonText;
import dev.suture.protocol.json.StrictJson;
import dev.suture.publisher.InputFiles;
import dev.suture.publisher.NewFile;
import dev.suture.publisher.Problem;
import dev.suture.publisher.PublisherException;
import dev.suture.publisher.PublisherException.Details;
import dev.suture.publisher.repository.Expiry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a publisher remembers besides keys. Nothing in it is secret; it is as trusted as the folder.
 *
 * @param expiry how long metadata holds
 * @param baselines OS releases, one for each model and version
 */
public record Settings(Expiry expiry, List<BaselineRecord> baselines) {
  /** Name of the file. */
  public static final String FILE = "publisher.json";

  /** What holds without a file. */
  public static final Settings DEFAULT = new Settings(Expiry.DEFAULT, List.of());

  private static final int FORMAT = 1;
  private static final int BYTES_MAX = 4 << 20;
  private static final int BASELINES_MAX = 1_000;
  private static final int COMPONENTS_MAX = 256;

  /** Copies the list. */
  public Settings {
    baselines = List.copyOf(baselines);
  }

  /** An OS release, if it was recorded. */
  public Optional<BaselineRecord> baseline(String model, Baseline baseline) {
    return baselines.stream()
        .filter(one -> one.model().equals(model) && one.baseline().equals(baseline))
        .findFirst();
  }

  /** With another expiry. */
  public Settings with(Expiry other) {
    return new Settings(other, baselines);
  }

  /** With one more OS release. */
  public Settings with(BaselineRecord more) {
    List<BaselineRecord> all = new ArrayList<>(baselines);
    all.add(more);
    return new Settings(expiry, all);
  }

  static Settings load(Path folder) throws PublisherException {
    Path file = folder.resolve(FILE);
    if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
      return DEFAULT;
    }
    byte[] content = InputFiles.read("the publisher's settings", file, BYTES_MAX);
    try {
      return decode(content);
    } catch (IllegalArgumentException e) {
      throw new PublisherException(
          Problem.INPUT_MALFORMED,
          new Details(
              "read the publisher's settings",
              "the file that \"suture-publish init\" made",
              String.valueOf(e.getMessage()),
              file.toString(),
              "correct it, or bring it back from your backup"),
          e);
    }
  }

  /**
   * Reads it.
   *
   * @throws IllegalArgumentException if it is malformed
   */
  static Settings decode(byte[] content) {
    Fields top = StrictJson.parse("settings", content, BYTES_MAX);
    top.onlyThese("format", "expiry_days", "baselines");
    top.integer("format", FORMAT, FORMAT);
    Fields days = top.object("expiry_days");
    days.onlyThese("root", "targets", "snapshot", "timestamp");
    List<BaselineRecord> baselines = new ArrayList<>();
    for (Fields one : top.objects("baselines", BASELINES_MAX)) {
      Map<ComponentName, Sha256> bases = new LinkedHashMap<>();
      one.textsByName("bases", COMPONENTS_MAX)
          .forEach((name, hex) -> bases.put(new ComponentName(name), Sha256.ofHex(hex)));
      baselines.add(
          new BaselineRecord(one.text("model"), one.parsed("baseline", Baseline::new), bases));
    }
    return new Settings(
        new Expiry(
            days.smallInteger("root", 1, Expiry.DAYS_MAX),
            days.smallInteger("targets", 1, Expiry.DAYS_MAX),
            days.smallInteger("snapshot", 1, Expiry.DAYS_MAX),
            days.smallInteger("timestamp", 1, Expiry.DAYS_MAX)),
        baselines);
  }

  byte[] encode() {
    return JsonText.indented(
        json -> {
          json.name("format").value(FORMAT);
          json.name("expiry_days").beginObject();
          json.name("root").value(expiry.root());
          json.name("targets").value(expiry.targets());
          json.name("snapshot").value(expiry.snapshot());
          json.name("timestamp").value(expiry.timestamp());
          json.endObject();
          json.name("baselines").beginArray();
          for (BaselineRecord one : baselines) {
            json.beginObject();
            json.name("model").value(one.model());
            json.name("baseline").value(one.baseline().version());
            json.name("bases").beginObject();
            for (Map.Entry<ComponentName, Sha256> base : one.bases().entrySet()) {
              json.name(base.getKey().word()).value(base.getValue().hex());
            }
            json.endObject();
            json.endObject();
          }
          json.endArray();
        });
  }

  void store(Path folder) throws PublisherException {
    replace(folder, FILE, encode());
  }

  /** Replaces a public file of the folder in one step; durable on return. */
  static void replace(Path folder, String name, byte[] content) throws PublisherException {
    try {
      NewFile.replace(folder.resolve(name), content);
    } catch (IOException e) {
      throw new PublisherException(
          Problem.STORAGE_FAILED,
          new Details(
              "write " + name,
              "a folder that can be written to",
              InputFiles.describe(e),
              folder.resolve(name).toString(),
              "check the disk and the folder's owner, then run the command again"),
          e);
    }
  }
}
