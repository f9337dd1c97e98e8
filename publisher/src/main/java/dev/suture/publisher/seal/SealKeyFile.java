package dev.suture.publisher.seal;

import com.google.gson.stream.JsonWriter;
import dev.suture.protocol.Baseline;
import dev.suture.protocol.FileRef;
import dev.suture.protocol.Level;
import dev.suture.protocol.json.Fields;
import dev.suture.protocol.json.JsonText;
import dev.suture.protocol.json.StrictJson;
import dev.suture.protocol.release.SealedPatch;
import dev.suture.protocol.seal.SealKey;
import dev.suture.protocol.seal.SealedFile;
import dev.suture.publisher.Problem;
import dev.suture.publisher.PublisherException;
import dev.suture.publisher.PublisherException.Details;
import dev.suture.publisher.keys.role.SafeFiles;
import java.io.IOException;
import java.nio.file.Path;

/**
 * What the publisher keeps to itself until a sealed patch is opened: the key, and what it opens.
 *
 * @param model the device model
 * @param baseline the OS release
 * @param level the letter that the patch gets when it is opened
 * @param manifest where the manifest is in the sealed bundle, and will be on the mirror
 * @param sealed the sealed file; its path is that of its target
 * @param key opens it
 */
public record SealKeyFile(
    String model,
    Baseline baseline,
    Level level,
    FileRef manifest,
    SealedFile sealed,
    SealKey key) {
  private static final int FORMAT = 1;
  private static final int BYTES_MAX = 16 << 10;

  /** For people: {@code 26.1 (a)}. */
  public String title() {
    return baseline.with(level);
  }

  /** What signed metadata says when the patch is opened. */
  public SealedPatch released() {
    return new SealedPatch(sealed.file(), sealed.plainBytes(), key.toHex());
  }

  /**
   * Writes it for its owner alone; durable on return, never in the place of another file.
   *
   * @throws PublisherException {@code KEYS_EXIST}, {@code STORAGE_FAILED}
   */
  public void store(Path file) throws PublisherException {
    SafeFiles.writePrivate(file, encode());
  }

  /**
   * Reads what {@link #store} wrote.
   *
   * @throws PublisherException {@code KEYS_MISSING}, {@code KEYS_EXPOSED} if others could read it,
   *     {@code INPUT_UNREADABLE}, {@code KEYS_MALFORMED}
   */
  public static SealKeyFile load(Path file) throws PublisherException {
    byte[] content = SafeFiles.readPrivate("the key of a sealed patch", file, BYTES_MAX);
    try {
      return decode(content);
    } catch (IllegalArgumentException e) {
      throw new PublisherException(
          Problem.KEYS_MALFORMED,
          new Details(
              "read the key of a sealed patch",
              "the file that \"suture-publish release --sealed\" wrote",
              String.valueOf(e.getMessage()),
              file.toString(),
              "check that this is the file you meant, or bring it back from your backup"),
          e);
    }
  }

  byte[] encode() {
    return JsonText.indented(
        json -> {
          json.name("suture_seal_key").value(FORMAT);
          json.name("model").value(model);
          json.name("baseline").value(baseline.version());
          json.name("level").value(level.letters());
          write(json.name("manifest"), manifest).endObject();
          write(json.name("sealed"), sealed.file());
          json.name("plain_bytes").value(sealed.plainBytes());
          json.name("key").value(key.toHex());
          json.endObject();
        });
  }

  private static JsonWriter write(JsonWriter json, FileRef file) throws IOException {
    return json.beginObject()
        .name("path")
        .value(file.path())
        .name("bytes")
        .value(file.bytes())
        .name("sha256")
        .value(file.sha256().hex());
  }

  /**
   * Reads it.
   *
   * @throws IllegalArgumentException if it is malformed; of the key at most one character is said
   */
  static SealKeyFile decode(byte[] content) {
    Fields fields = StrictJson.parse("seal key", content, BYTES_MAX);
    fields.onlyThese("suture_seal_key", "model", "baseline", "level", "manifest", "sealed");
    fields.integer("suture_seal_key", FORMAT, FORMAT);
    Fields manifest = fields.object("manifest").onlyThese("path", "bytes", "sha256");
    Fields sealed =
        fields.object("sealed").onlyThese("path", "bytes", "sha256", "plain_bytes", "key");
    return new SealKeyFile(
        fields.text("model"),
        fields.parsed("baseline", Baseline::new),
        fields.parsed("level", Level::new),
        FileRef.read(manifest),
        new SealedFile(FileRef.read(sealed), sealed.integer("plain_bytes", 0, FileRef.BYTES_MAX)),
        SealKey.ofHex(sealed.text("key")));
  }

  /** Without the key. */
  @Override
  public String toString() {
    return "SealKeyFile[" + title() + " for " + model + ", " + sealed + "]";
  }
}
