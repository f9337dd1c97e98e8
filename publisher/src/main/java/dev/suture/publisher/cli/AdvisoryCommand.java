package dev.suture.publisher.cli;

import com.google.gson.stream.JsonWriter;
import dev.suture.protocol.Sha256;
import dev.suture.protocol.manifest.Manifest;
import dev.suture.publisher.Problem;
import dev.suture.publisher.PublisherException;
import dev.suture.publisher.PublisherException.Details;
import dev.suture.publisher.advisory.AdvisoryContext;
import dev.suture.publisher.advisory.AdvisoryFolder;
import dev.suture.publisher.advisory.AdvisoryRules;
import dev.suture.publisher.advisory.CsafDocument;
import dev.suture.publisher.advisory.OpenVexDocument;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
    name = "advisory",
    header = "Write a published level as a security advisory: CSAF 2.0 and OpenVEX.",
    description = {
      "",
      "Tells in two formats that tools read which vulnerabilities the level closes, in which packages,"
          + " and what that means for devices that run the OS release as flashed or a lower level."
          + " Only what is signed for --trust-root is described, so that must be given.",
      "",
      "The files are DIR/ID.json (CSAF; ID in lower case, other characters than a-z 0-9 + - become"
          + " an underscore) and DIR/ID.openvex.json. The same level, options and --date give the"
          + " same bytes. A file that is there with other content is not touched without --replace.",
      ""
    },
    optionListHeading = "Options:%n",
    footer = {
      "",
      "Example:",
      "  suture-publish advisory --repository mirror --trust-root keys/root.json \\",
      "    --baseline 26.1 --model suture-virt-arm64 --level a --out advisories \\",
      "    --publisher-name \"Example Devices\" --namespace https://psirt.example.com"
    })
@SuppressWarnings("NullAway.Init") // picocli sets what it injects, and required options.
final class AdvisoryCommand extends PublisherCommand {
  @Spec private CommandSpec spec;

  @Mixin private ReadOptions options;

  @Mixin private LevelOptions target;

  @Option(
      names = "--publisher-name",
      paramLabel = "NAME",
      required = true,
      description = "Who speaks, for example \"Example Devices\".")
  private String publisherName;

  @Option(
      names = "--namespace",
      paramLabel = "URL",
      required = true,
      description =
          "The publisher's own address, for example https://psirt.example.com; products and documents"
              + " are named under it.")
  private String namespace;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      required = true,
      description = "Folder for the two files; made if it is not there.")
  private Path out;

  @Option(
      names = "--contact",
      paramLabel = "TEXT",
      description = "How to reach the publisher about security.")
  private @Nullable String contact;

  @Option(
      names = "--url",
      paramLabel = "URL",
      description =
          "Address under which the files of --out will be served; the CSAF document then names itself.")
  private @Nullable String url;

  @Option(
      names = "--tracking-id",
      paramLabel = "ID",
      description = "Name of the advisory (default MODEL-BASELINE-LETTER).")
  private @Nullable String trackingId;

  @Option(
      names = "--date",
      paramLabel = "TIME",
      description = "RFC 3339 in UTC, for example 2026-11-21T12:00:00Z (default now).")
  private @Nullable Instant date;

  @Option(names = "--replace", description = "Write over files that are there with other content.")
  private boolean replace;

  @Option(names = "--dry-run", description = "Do everything but write; say what would be written.")
  private boolean dryRun;

  AdvisoryCommand(Console console) {
    super(console);
  }

  /** One file and what becomes of it. */
  private record Document(String format, Path file, byte[] content, AdvisoryFolder.State state) {}

  @Override
  void run() throws PublisherException {
    AdvisoryContext context = context();
    PublishedLevel published =
        PublishedLevel.find(
            options.repository(),
            options.givenRoot(spec.commandLine()),
            target.baseline,
            target.model,
            target.level);
    Manifest manifest = published.manifest();
    requireAdvisories(manifest);
    AdvisoryFolder folder = new AdvisoryFolder(out);
    byte[] csaf = CsafDocument.write(manifest, published.earlier(), context);
    byte[] openVex = OpenVexDocument.write(manifest, published.earlier(), context);
    List<Document> documents = new ArrayList<>();
    documents.add(document("CSAF 2.0", folder, context.csafName(), csaf));
    documents.add(document("OpenVEX", folder, context.openVexName(), openVex));
    for (Document document : documents) {
      if (!dryRun && document.state() != AdvisoryFolder.State.UNCHANGED) {
        folder.write(String.valueOf(document.file().getFileName()), document.content());
      }
    }
    console()
        .result(
            json(), text(manifest, documents), json -> json(json, manifest, context, documents));
  }

  private AdvisoryContext context() {
    try {
      return new AdvisoryContext(
          publisherName,
          address("--namespace", namespace),
          Optional.ofNullable(contact),
          trackingId != null
              ? trackingId
              : target.model + "-" + target.baseline.version() + "-" + target.level.letters(),
          date != null ? date : Clock.systemUTC().instant(),
          url == null ? Optional.empty() : Optional.of(address("--url", url)));
    } catch (IllegalArgumentException e) {
      throw new CommandLine.ParameterException(spec.commandLine(), String.valueOf(e.getMessage()));
    }
  }

  private static URI address(String option, String text) {
    try {
      return AdvisoryContext.address(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(option + ": " + e.getMessage(), e);
    }
  }

  private void requireAdvisories(Manifest manifest) throws PublisherException {
    String where = manifest.title() + " for " + manifest.model();
    if (manifest.advisories().isEmpty()) {
      throw new PublisherException(
          Problem.ADVISORY_EMPTY,
          new Details(
              "write an advisory",
              "a level that closes a vulnerability",
              "one whose manifest names none",
              where,
              "publish the next level with \"release --advisories\" or \"--changelog\""));
    }
    AdvisoryRules.require(manifest.advisories(), where + ": advisories");
  }

  private Document document(String format, AdvisoryFolder folder, String name, byte[] content)
      throws PublisherException {
    return new Document(format, folder.file(name), content, folder.check(name, content, replace));
  }

  private String text(Manifest manifest, List<Document> documents) {
    StringBuilder text = new StringBuilder();
    text.append(
        String.format(
            Locale.ROOT,
            "%s for %s: %d advisories%s%n",
            manifest.title(),
            manifest.model(),
            manifest.advisories().size(),
            dryRun ? "; dry run, nothing is written" : ""));
    for (Document document : documents) {
      text.append(
          String.format(
              Locale.ROOT,
              "%-9s %-9s %,9d bytes  %s%n",
              document.format(),
              document.state().word(),
              document.content().length,
              document.file()));
    }
    return text.toString();
  }

  private void json(
      JsonWriter json, Manifest manifest, AdvisoryContext context, List<Document> documents)
      throws IOException {
    json.name("release").value(manifest.title());
    json.name("baseline").value(manifest.baseline().version());
    json.name("level").value(manifest.level().letters());
    json.name("model").value(manifest.model());
    json.name("advisories").value(manifest.advisories().size());
    json.name("tracking_id").value(context.trackingId());
    json.name("dry_run").value(dryRun);
    json.name("documents").beginArray();
    for (Document document : documents) {
      json.beginObject();
      json.name("format").value(document.format());
      json.name("path").value(document.file().toString());
      json.name("state").value(document.state().word());
      json.name("bytes").value(document.content().length);
      json.name("sha256").value(Sha256.of(document.content()).hex());
      json.endObject();
    }
    json.endArray();
  }
}
