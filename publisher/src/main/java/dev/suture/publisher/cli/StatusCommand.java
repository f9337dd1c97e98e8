package dev.suture.publisher.cli;

import com.google.gson.stream.JsonWriter;
import dev.suture.protocol.manifest.Manifest;
import dev.suture.protocol.manifest.PatchComponent;
import dev.suture.protocol.manifest.Payload;
import dev.suture.protocol.release.LevelEntry;
import dev.suture.protocol.release.SpreadFile;
import dev.suture.protocol.tuf.DelegatedRole;
import dev.suture.protocol.tuf.SignedMetadata;
import dev.suture.publisher.PublisherException;
import dev.suture.publisher.repository.Published;
import dev.suture.publisher.repository.Repository;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
    name = "status",
    header = "Show what is published.",
    description = {
      "",
      "Follows the metadata from a root on, whether it has expired or not, and reads every manifest"
          + " that it names. Without --trust-root it begins with the repository's own first root, and"
          + " the output says so. \"verify\" looks at payloads and expiry as well.",
      ""
    },
    optionListHeading = "Options:%n")
@SuppressWarnings("NullAway.Init") // picocli sets what it injects.
final class StatusCommand extends PublisherCommand {
  @Mixin private ReadOptions options;

  StatusCommand(Console console) {
    super(console);
  }

  /** A level and what it consists of. */
  private record Row(LevelEntry entry, Manifest manifest) {}

  @Override
  void run() throws PublisherException {
    Repository files = options.repository();
    Published published = options.requirePublished("show what is published");
    published = files.published(options.trustedRoot()).orElse(published);
    List<Row> rows = new ArrayList<>();
    for (LevelEntry entry : published.levels()) {
      rows.add(new Row(entry, files.manifest(entry.manifest())));
    }
    print(published, rows);
  }

  private void print(Published published, List<Row> rows) {
    console()
        .result(
            json(),
            table(published, options.signatures(), rows),
            document -> {
              document.name("timestamp_version").value(published.version());
              document.name("issued").value(issued(published));
              document.name("signature").value(options.signatures());
              document.name("roles").beginArray();
              for (SignedMetadata role : roles(published)) {
                document.beginObject().name("role").value(role.type().word());
                document.name("version").value(role.version());
                document.name("expires").value(role.expires().toString()).endObject();
              }
              document.endArray();
              document.name("levels").beginArray();
              for (Row row : rows) {
                write(document, row);
              }
              document.endArray();
              document.name("sealed").beginArray();
              for (SpreadFile sealed : published.sealed()) {
                document.beginObject().name("model").value(sealed.model());
                document.name("baseline").value(sealed.baseline().version());
                document.name("name").value(name(sealed));
                document.name("path").value(sealed.file().path());
                document.name("bytes").value(sealed.file().bytes()).endObject();
              }
              document.endArray();
              document.name("delegations").beginArray();
              for (DelegatedRole role : published.targets().delegations()) {
                document.value(role.name());
              }
              document.endArray();
            });
  }

  private static String issued(Published published) {
    return published.timestamp().issued().map(Instant::toString).orElse("unknown");
  }

  private static List<SignedMetadata> roles(Published published) {
    return List.of(
        published.root().signed(),
        published.targets().signed(),
        published.snapshot().signed(),
        published.timestamp().signed());
  }

  private static String state(LevelEntry entry) {
    return entry
        .withdrawal()
        .map(withdrawal -> "withdrawn (" + withdrawal.reach().word() + ")")
        .orElse("published");
  }

  private static String table(Published published, String signature, List<Row> rows) {
    StringBuilder text = new StringBuilder();
    text.append(
        String.format(
            Locale.ROOT,
            "timestamp version %d, issued %s, signatures %s%n",
            published.version(),
            issued(published),
            signature));
    for (SignedMetadata role : roles(published)) {
      text.append(
          String.format(
              Locale.ROOT,
              "%-12s version %d, holds until %s%n",
              role.type().word(),
              role.version(),
              role.expires()));
    }
    for (DelegatedRole role : published.targets().delegations()) {
      text.append("delegated    ").append(role.name()).append('\n');
    }
    for (Row row : rows) {
      text.append(
          String.format(
              Locale.ROOT,
              "%-12s %-24s %-10s %s, %d advisories, manifest %s%n",
              row.manifest().title(),
              row.entry().model(),
              state(row.entry()),
              RolloutOptions.text(row.entry().rollout()),
              row.manifest().advisories().size(),
              row.entry().manifest().sha256().brief()));
      for (PatchComponent component : row.manifest().components()) {
        text.append(
            String.format(
                Locale.ROOT,
                "  %-16s image %,d bytes, delta %,d, full %,d%n",
                component.name(),
                component.image().bytes(),
                bytes(component, Payload.Kind.DELTA),
                bytes(component, Payload.Kind.FULL)));
      }
    }
    for (SpreadFile sealed : published.sealed()) {
      text.append(
          String.format(
              Locale.ROOT,
              "%-12s %-24s sealed, %,d bytes, %s%n",
              sealed.baseline(),
              sealed.model(),
              sealed.file().bytes(),
              name(sealed)));
    }
    return text.toString();
  }

  /** What "withdraw --sealed" takes: the last part of its target's path. */
  private static String name(SpreadFile sealed) {
    String path = sealed.file().path();
    return path.substring(path.lastIndexOf('/') + 1 + sealed.file().sha256().hex().length() + 1);
  }

  private static void write(JsonWriter json, Row row) throws IOException {
    json.beginObject();
    json.name("release").value(row.manifest().title());
    json.name("baseline").value(row.entry().baseline().version());
    json.name("level").value(row.entry().level().letters());
    json.name("model").value(row.entry().model());
    json.name("withdrawn").value(row.entry().withdrawal().isPresent());
    if (row.entry().withdrawal().isPresent()) {
      json.name("reach").value(row.entry().withdrawal().get().reach().word());
      json.name("instead").value(row.entry().withdrawal().get().instead().word());
    }
    json.name("opened").value(row.entry().sealed().isPresent());
    json.name("rollout").value(RolloutOptions.text(row.entry().rollout()));
    json.name("manifest").value(row.entry().manifest().path());
    json.name("advisories").value(row.manifest().advisories().size());
    json.name("components").beginArray();
    for (PatchComponent component : row.manifest().components()) {
      json.beginObject();
      json.name("name").value(component.name().word());
      json.name("image_bytes").value(component.image().bytes());
      json.name("image_sha256").value(component.image().sha256().hex());
      json.name("delta_bytes").value(bytes(component, Payload.Kind.DELTA));
      json.name("full_zstd_bytes").value(bytes(component, Payload.Kind.FULL));
      json.endObject();
    }
    json.endArray();
    json.endObject();
  }

  private static long bytes(PatchComponent component, Payload.Kind kind) {
    return component.payload(kind).map(payload -> payload.file().bytes()).orElse(0L);
  }
}
