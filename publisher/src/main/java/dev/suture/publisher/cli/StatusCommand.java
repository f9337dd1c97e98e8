package dev.suture.publisher.cli;

import com.google.gson.stream.JsonWriter;
import dev.suture.protocol.ReleaseIndex;
import dev.suture.protocol.manifest.Manifest;
import dev.suture.protocol.manifest.PatchComponent;
import dev.suture.protocol.manifest.Payload;
import dev.suture.publisher.Problem;
import dev.suture.publisher.PublisherException;
import dev.suture.publisher.PublisherException.Details;
import dev.suture.publisher.keys.TrustRoot;
import dev.suture.publisher.repository.Repository;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "status",
    header = "Show what is published.",
    description = {
      "",
      "Reads the index and every manifest that it names, and checks the manifests' digests. Without"
          + " --trust-root the index's signature is not checked, and the output says so.",
      ""
    },
    optionListHeading = "Options:%n")
@SuppressWarnings("NullAway.Init") // picocli sets required options.
final class StatusCommand extends PublisherCommand {
  @Option(
      names = "--repository",
      paramLabel = "DIR",
      required = true,
      description = "Folder that mirrors serve.")
  private Path repository;

  @Option(
      names = "--trust-root",
      paramLabel = "FILE.json",
      description = "Check the index's signature as a device with this trust root does.")
  private @Nullable Path trustRoot;

  StatusCommand(Console console) {
    super(console);
  }

  /** A level and what it consists of. */
  private record Row(ReleaseIndex.Entry entry, Manifest manifest) {}

  @Override
  void run() throws PublisherException {
    Repository files = Repository.at(repository);
    Optional<ReleaseIndex> published =
        trustRoot == null ? files.unverifiedIndex() : files.index(TrustRoot.load(trustRoot));
    String signature = trustRoot == null ? "not checked" : "valid";
    ReleaseIndex index = published.orElseThrow(() -> empty("show what is published", repository));
    List<Row> rows = new ArrayList<>();
    for (ReleaseIndex.Entry entry : index.entries()) {
      rows.add(new Row(entry, files.manifest(entry.manifest())));
    }
    console()
        .result(
            json(),
            table(index, signature, rows),
            document -> {
              document.name("index_version").value(index.version());
              document.name("issued").value(index.issued());
              document.name("signature").value(signature);
              document.name("levels").beginArray();
              for (Row row : rows) {
                write(document, row);
              }
              document.endArray();
            });
  }

  static PublisherException empty(String attempted, Path repository) {
    return new PublisherException(
        Problem.REPOSITORY_EMPTY,
        new Details(
            attempted,
            "a repository with an index",
            "none",
            repository.resolve(Repository.INDEX).toString(),
            "publish a first level with \"suture-publish release\", or correct --repository"));
  }

  private static String table(ReleaseIndex index, String signature, List<Row> rows) {
    StringBuilder text = new StringBuilder();
    text.append(
        String.format(
            Locale.ROOT,
            "index version %d, issued %s, signature %s%n",
            index.version(),
            index.issued(),
            signature));
    for (Row row : rows) {
      text.append(
          String.format(
              Locale.ROOT,
              "%-12s %-24s %-10s %d advisories, manifest %s%n",
              row.manifest().title(),
              row.entry().model(),
              row.entry().withdrawn() ? "withdrawn" : "published",
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
    return text.toString();
  }

  private static void write(JsonWriter json, Row row) throws IOException {
    json.beginObject();
    json.name("release").value(row.manifest().title());
    json.name("baseline").value(row.entry().baseline().version());
    json.name("level").value(row.entry().level().letters());
    json.name("model").value(row.entry().model());
    json.name("withdrawn").value(row.entry().withdrawn());
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
