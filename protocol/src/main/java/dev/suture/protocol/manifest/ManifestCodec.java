package dev.suture.protocol.manifest;

import com.google.gson.stream.JsonWriter;
import dev.suture.protocol.Baseline;
import dev.suture.protocol.ComponentName;
import dev.suture.protocol.FileRef;
import dev.suture.protocol.Level;
import dev.suture.protocol.Sha256;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.RejectedException;
import dev.suture.protocol.json.Fields;
import dev.suture.protocol.json.JsonText;
import dev.suture.protocol.json.StrictJson;
import dev.suture.protocol.manifest.Compatibility.DataSchema;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The manifest as JSON. Unknown members are ignored, so that newer publishers can add some; missing
 * ones are refused. The encoding of a manifest is deterministic.
 */
public final class ManifestCodec {
  private static final int FORMAT = 1;
  private static final int PAYLOADS_MAX = 8;

  private ManifestCodec() {}

  /**
   * Reads a manifest whose digest has been verified.
   *
   * @throws RejectedException {@code MANIFEST_MALFORMED}, with the path of the member
   */
  public static Manifest decode(byte[] bytes) throws RejectedException {
    try {
      Fields manifest = StrictJson.parse("manifest", bytes, Manifest.BYTES_MAX);
      manifest.integer("format", FORMAT, FORMAT);
      List<PatchComponent> components = new ArrayList<>();
      for (Fields component : manifest.objects("components", Manifest.COMPONENTS_MAX)) {
        components.add(component(component));
      }
      List<Advisory> advisories = new ArrayList<>();
      for (Fields advisory : manifest.objects("advisories", Manifest.ADVISORIES_MAX)) {
        advisories.add(
            new Advisory(
                advisory.text("id"),
                advisory.text("purl"),
                advisory.text("fixed_version"),
                advisory.optionalText("cvss"),
                advisory.text("summary")));
      }
      return new Manifest(
          manifest.parsed("baseline", Baseline::new),
          manifest.parsed("level", Level::new),
          manifest.text("model"),
          manifest.parsed("minimum_agent", AgentVersion::parse),
          manifest.parsed("restart", RestartScope::ofWord),
          components,
          advisories,
          health(manifest.object("health")),
          manifest
              .optionalObject("compatibility")
              .map(ManifestCodec::compatibility)
              .orElse(Compatibility.NONE));
    } catch (IllegalArgumentException e) {
      throw new RejectedException(
          FailureCode.MANIFEST_MALFORMED, String.valueOf(e.getMessage()), e);
    }
  }

  private static PatchComponent component(Fields fields) {
    List<Payload> payloads = new ArrayList<>();
    for (Fields payload : fields.objects("payloads", PAYLOADS_MAX)) {
      payloads.add(
          new Payload(payload.parsed("kind", Payload.Kind::ofWord), FileRef.read(payload)));
    }
    Fields image = fields.object("image");
    return new PatchComponent(
        fields.parsed("name", ComponentName::new),
        fields.parsed("base_sha256", Sha256::ofHex),
        new ImageIdentity(
            image.integer("bytes", 1, ImageIdentity.BYTES_MAX),
            image.parsed("sha256", Sha256::ofHex),
            image.parsed("verity_root", Sha256::ofHex),
            image.parsed("verity_salt", Sha256::ofHex)),
        payloads);
  }

  private static HealthPlan health(Fields fields) {
    List<HealthCheck> checks = new ArrayList<>();
    for (Fields check : fields.objects("checks", HealthPlan.CHECKS_MAX)) {
      checks.add(check(check));
    }
    return new HealthPlan(
        fields.smallInteger("deadline_seconds", 1, HealthPlan.SECONDS_MAX),
        fields.smallInteger("settle_seconds", 0, HealthPlan.SECONDS_MAX),
        checks);
  }

  private static HealthCheck check(Fields check) {
    String kind = check.text("kind");
    return switch (kind) {
      case "https" -> new HealthCheck.Https(port(check), check.text("path"), status(check));
      case "http" -> new HealthCheck.Http(port(check), check.text("path"), status(check));
      case "mqtt" -> new HealthCheck.Mqtt(port(check));
      case "unit" -> check.parsed("name", HealthCheck.Unit::new);
      case "command" -> check.parsed("name", HealthCheck.Command::new);
      default -> new HealthCheck.Unknown(kind);
    };
  }

  private static int port(Fields check) {
    return check.smallInteger("port", 1, 65_535);
  }

  private static int status(Fields check) {
    return check.smallInteger("status", 200, 599);
  }

  private static Compatibility compatibility(Fields fields) {
    return new Compatibility(
        fields.has("baseline_digest")
            ? Optional.of(fields.parsed("baseline_digest", Sha256::ofHex))
            : Optional.empty(),
        fields.has("floor") ? Optional.of(fields.parsed("floor", Level::new)) : Optional.empty(),
        fields.has("base_below_floor") && fields.bool("base_below_floor"),
        fields
            .optionalObject("data_schema")
            .map(
                range ->
                    new DataSchema(
                        range.smallInteger("min", 1, DataSchema.VERSION_MAX),
                        range.smallInteger("max", 1, DataSchema.VERSION_MAX))));
  }

  /** The manifest as indented JSON; the same manifest gives the same bytes. */
  public static byte[] encode(Manifest manifest) {
    return JsonText.indented(
        json -> {
          json.name("format").value(FORMAT);
          json.name("baseline").value(manifest.baseline().version());
          json.name("level").value(manifest.level().letters());
          json.name("model").value(manifest.model());
          json.name("minimum_agent").value(manifest.minimumAgent().toString());
          json.name("restart").value(manifest.restart().word());
          json.name("components").beginArray();
          for (PatchComponent component : manifest.components()) {
            write(json, component);
          }
          json.endArray();
          json.name("advisories").beginArray();
          for (Advisory advisory : manifest.advisories()) {
            json.beginObject().name("id").value(advisory.id());
            json.name("purl").value(advisory.packageUrl());
            json.name("fixed_version").value(advisory.fixedVersion());
            if (advisory.cvss().isPresent()) {
              json.name("cvss").value(advisory.cvss().get());
            }
            json.name("summary").value(advisory.summary()).endObject();
          }
          json.endArray();
          write(json.name("health"), manifest.health());
          if (!manifest.compatibility().equals(Compatibility.NONE)) {
            write(json.name("compatibility"), manifest.compatibility());
          }
        });
  }

  private static void write(JsonWriter json, Compatibility compatibility) throws IOException {
    json.beginObject();
    if (compatibility.baselineDigest().isPresent()) {
      json.name("baseline_digest").value(compatibility.baselineDigest().get().hex());
    }
    if (compatibility.floor().isPresent()) {
      json.name("floor").value(compatibility.floor().get().letters());
      json.name("base_below_floor").value(compatibility.baseBelowFloor());
    }
    if (compatibility.dataSchema().isPresent()) {
      DataSchema schema = compatibility.dataSchema().get();
      json.name("data_schema").beginObject().name("min").value(schema.min());
      json.name("max").value(schema.max()).endObject();
    }
    json.endObject();
  }

  /**
   * What a vendor signs about a component of its own: all that a manifest says about it, as a
   * document of its own. A target, see {@link #statementPath}.
   */
  public static byte[] statement(PatchComponent component) {
    return JsonText.indented(
        json -> {
          json.name("format").value(FORMAT);
          write(json.name("component"), component);
        });
  }

  /**
   * Reads a vendor's statement.
   *
   * @throws RejectedException {@code MANIFEST_MALFORMED}, with the path of the member
   */
  public static PatchComponent decodeStatement(byte[] bytes) throws RejectedException {
    try {
      Fields statement = StrictJson.parse("component", bytes, Manifest.BYTES_MAX);
      statement.integer("format", FORMAT, FORMAT);
      return component(statement.object("component"));
    } catch (IllegalArgumentException e) {
      throw new RejectedException(
          FailureCode.MANIFEST_MALFORMED, String.valueOf(e.getMessage()), e);
    }
  }

  /** Path of that target: {@code components/NAME/DIGEST-OF-IMAGE.json}. */
  public static String statementPath(PatchComponent component) {
    return statementPath(component.name(), component.image().sha256());
  }

  /** As above, of what the image is to be. */
  public static String statementPath(ComponentName name, Sha256 image) {
    return "components/" + name.word() + "/" + image.hex() + ".json";
  }

  private static void write(JsonWriter json, PatchComponent component) throws IOException {
    json.beginObject();
    json.name("name").value(component.name().word());
    json.name("base_sha256").value(component.baseSha256().hex());
    json.name("image").beginObject();
    json.name("bytes").value(component.image().bytes());
    json.name("sha256").value(component.image().sha256().hex());
    json.name("verity_root").value(component.image().verityRoot().hex());
    json.name("verity_salt").value(component.image().veritySalt().hex());
    json.endObject();
    json.name("payloads").beginArray();
    for (Payload payload : component.payloads()) {
      json.beginObject().name("kind").value(payload.kind().word());
      json.name("path").value(payload.file().path());
      json.name("bytes").value(payload.file().bytes());
      json.name("sha256").value(payload.file().sha256().hex()).endObject();
    }
    json.endArray();
    json.endObject();
  }

  private static void write(JsonWriter json, HealthPlan health) throws IOException {
    json.beginObject();
    json.name("deadline_seconds").value(health.deadlineSeconds());
    json.name("settle_seconds").value(health.settleSeconds());
    json.name("checks").beginArray();
    for (HealthCheck check : health.checks()) {
      json.beginObject();
      if (check instanceof HealthCheck.Https https) {
        json.name("kind").value("https").name("port").value(https.port());
        json.name("path").value(https.path()).name("status").value(https.status());
      } else if (check instanceof HealthCheck.Http http) {
        json.name("kind").value("http").name("port").value(http.port());
        json.name("path").value(http.path()).name("status").value(http.status());
      } else if (check instanceof HealthCheck.Mqtt mqtt) {
        json.name("kind").value("mqtt").name("port").value(mqtt.port());
      } else if (check instanceof HealthCheck.Unit unit) {
        json.name("kind").value("unit").name("name").value(unit.name());
      } else if (check instanceof HealthCheck.Command command) {
        json.name("kind").value("command").name("name").value(command.name());
      } else if (check instanceof HealthCheck.Unknown unknown) {
        json.name("kind").value(unknown.kind());
      }
      json.endObject();
    }
    json.endArray();
    json.endObject();
  }
}
