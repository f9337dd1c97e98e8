package dev.suture.publisher.advisory;

import com.google.gson.stream.JsonWriter;
import dev.suture.protocol.json.Fields;
import dev.suture.protocol.json.StrictJson;
import dev.suture.protocol.manifest.Advisory;
import dev.suture.protocol.manifest.Manifest;
import dev.suture.publisher.InputFiles;
import dev.suture.publisher.Problem;
import dev.suture.publisher.PublisherException;
import dev.suture.publisher.PublisherException.Details;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Vulnerabilities as an operator writes them down: a JSON list of objects with {@code id}, {@code
 * purl}, {@code fixed_version}, {@code summary}, and {@code cvss} or null. A misspelt name is
 * refused, as what it says would be missing from the manifest.
 */
public final class AdvisoryFile {
  private static final int BYTES_MAX = 512 << 10;

  private AdvisoryFile() {}

  /**
   * Reads a list.
   *
   * @throws PublisherException {@code INPUT_UNREADABLE} or {@code INPUT_MALFORMED}
   */
  public static List<Advisory> read(Path file) throws PublisherException {
    return decode(InputFiles.read("the advisories", file, BYTES_MAX), file.toString());
  }

  /** What is in such a file; {@code where} is its name, for messages. */
  static List<Advisory> decode(byte[] content, String where) throws PublisherException {
    try {
      Fields document = StrictJson.parse("advisories", asObject(content), BYTES_MAX + 64);
      document.onlyThese("list");
      List<Advisory> advisories = new ArrayList<>();
      for (Fields advisory : document.objects("list", Manifest.ADVISORIES_MAX)) {
        advisories.add(advisory(advisory));
      }
      return advisories;
    } catch (IllegalArgumentException e) {
      throw new PublisherException(
          Problem.INPUT_MALFORMED,
          new Details(
              "read the advisories",
              "a JSON list of objects with id, purl, fixed_version, cvss (or null) and summary",
              String.valueOf(e.getMessage()),
              where,
              "correct the file; \"suture-publish advisories\" writes such files"),
          e);
    }
  }

  /** Our reader wants an object at the top. */
  private static byte[] asObject(byte[] list) {
    ByteArrayOutputStream object = new ByteArrayOutputStream(list.length + 16);
    object.writeBytes("{\"list\":".getBytes(StandardCharsets.UTF_8));
    object.writeBytes(list);
    object.writeBytes("}".getBytes(StandardCharsets.UTF_8));
    return object.toByteArray();
  }

  private static Advisory advisory(Fields fields) {
    fields.onlyThese("id", "purl", "fixed_version", "cvss", "summary");
    Advisory advisory =
        new Advisory(
            fields.text("id"),
            fields.text("purl"),
            fields.text("fixed_version"),
            fields.optionalText("cvss"),
            fields.text("summary"));
    try {
      AdvisoryRules.check(advisory);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(fields.path() + "." + e.getMessage(), e);
    }
    return advisory;
  }

  /** The list as JSON, in the form that {@link #read} takes. */
  public static byte[] encode(List<Advisory> advisories) {
    StringWriter text = new StringWriter();
    try (JsonWriter json = new JsonWriter(text)) {
      json.setIndent("  ");
      json.setHtmlSafe(false);
      write(json, advisories);
    } catch (IOException e) {
      throw new IllegalStateException("writing to memory does not fail", e);
    }
    return (text + "\n").getBytes(StandardCharsets.UTF_8);
  }

  /** Writes the list as one JSON value. */
  public static void write(JsonWriter json, List<Advisory> advisories) throws IOException {
    json.setSerializeNulls(true);
    json.beginArray();
    for (Advisory advisory : advisories) {
      json.beginObject();
      json.name("id").value(advisory.id());
      json.name("purl").value(advisory.packageUrl());
      json.name("fixed_version").value(advisory.fixedVersion());
      json.name("cvss").value(advisory.cvss().orElse(null));
      json.name("summary").value(advisory.summary());
      json.endObject();
    }
    json.endArray();
  }
}
