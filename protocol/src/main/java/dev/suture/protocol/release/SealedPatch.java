package dev.suture.protocol.release;

import com.google.gson.stream.JsonWriter;
import dev.suture.protocol.FileRef;
import dev.suture.protocol.json.Fields;
import java.io.IOException;
import java.util.regex.Pattern;

/**
 * The key of a sealed file that devices may have fetched already: a bundle with this level's
 * manifest and payloads.
 *
 * @param file the ciphertext; its path is that of its target, which it was sealed with
 * @param plainBytes length of what is in it
 * @param keyHex {@link #KEY_BYTES} bytes in lower-case hexadecimal
 */
public record SealedPatch(FileRef file, long plainBytes, String keyHex) {
  /** Length of a key. */
  public static final int KEY_BYTES = 32;

  private static final Pattern KEY = Pattern.compile("[0-9a-f]{64}");

  /** Checks the key. */
  public SealedPatch {
    if (!KEY.matcher(keyHex).matches()) {
      throw new IllegalArgumentException(
          "key: expected 64 lower-case hexadecimal digits, got " + keyHex.length() + " characters");
    }
    if (plainBytes < 0 || plainBytes > FileRef.BYTES_MAX) {
      throw new IllegalArgumentException(
          "plain_bytes: expected 0 to " + FileRef.BYTES_MAX + ", got " + plainBytes);
    }
  }

  static SealedPatch read(Fields fields) {
    return new SealedPatch(
        FileRef.read(fields),
        fields.integer("plain_bytes", 0, FileRef.BYTES_MAX),
        fields.text("key"));
  }

  void write(JsonWriter json) throws IOException {
    json.beginObject();
    json.name("path").value(file.path());
    json.name("bytes").value(file.bytes());
    json.name("sha256").value(file.sha256().hex());
    json.name("plain_bytes").value(plainBytes);
    json.name("key").value(keyHex);
    json.endObject();
  }

  /** Without the key. */
  @Override
  public String toString() {
    return "SealedPatch[" + file + ", " + plainBytes + "]";
  }
}
