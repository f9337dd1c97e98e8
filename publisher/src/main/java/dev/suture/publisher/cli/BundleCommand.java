package dev.suture.publisher.cli;

import dev.suture.protocol.Level;
import dev.suture.protocol.release.LevelEntry;
import dev.suture.publisher.PublisherException;
import dev.suture.publisher.bundle.RepositoryBundle;
import dev.suture.publisher.repository.Repository;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "bundle",
    header = "Put metadata and one level into one file for a USB stick.",
    description = {
      "",
      "A device without a network installs it by \"suture install FILE\", and believes of it what it"
          + " would believe of a mirror. It holds all metadata behind the first root, the manifest and"
          + " the payloads of one level; everything is read as a device does before the file gets"
          + " its name. Needs no private key.",
      "",
      "The metadata expires as that of a mirror does: run \"refresh\" first. If every level is"
          + " withdrawn, the bundle holds the metadata that says so.",
      ""
    },
    optionListHeading = "Options:%n",
    footer = {
      "",
      "Example:",
      "  suture-publish bundle --repository mirror --trust-root keys/root.json --baseline 26.1 \\",
      "    --model suture-virt-arm64 --out /media/stick/26.1.suture"
    })
@SuppressWarnings("NullAway.Init") // picocli sets what it injects, and required options.
final class BundleCommand extends PublisherCommand {
  @Mixin private ReadOptions options;

  @Mixin private BaselineOptions target;

  @Option(
      names = "--level",
      paramLabel = "LETTER",
      description = "Default: the newest that is not withdrawn.")
  private @Nullable Level level;

  @Option(
      names = "--full",
      negatable = true,
      defaultValue = "true",
      fallbackValue = "true",
      description =
          "Full payloads as well as deltas (default). With --no-full deltas only: a device whose base"
              + " image is damaged cannot use it.")
  private boolean full;

  @Option(names = "--out", paramLabel = "FILE", required = true, description = "The bundle.")
  private Path out;

  @Option(names = "--replace", description = "Replace a file of that name, in one step.")
  private boolean replace;

  @Option(
      names = "--dry-run",
      description = "Choose the files and check the metadata; write nothing.")
  private boolean dryRun;

  BundleCommand(Console console) {
    super(console);
  }

  @Override
  void run() throws PublisherException {
    Repository repository = options.repository();
    var unused = options.requirePublished("make a bundle");
    RepositoryBundle.requireFree(out, replace);
    RepositoryBundle bundle =
        RepositoryBundle.of(
            repository,
            options.trustedRoot(),
            new RepositoryBundle.Choice(
                target.baseline, target.model, Optional.ofNullable(level), full),
            Clock.systemUTC().instant());
    long bytes = dryRun ? bundle.files().contentBytes() : bundle.write(out, replace);
    int files = bundle.files().digests().size();
    String title = bundle.level().map(LevelEntry::title).orElse("no level, all are withdrawn");
    console()
        .result(
            json(),
            (dryRun ? "dry run, nothing was written: " : "")
                + String.format(
                    Locale.ROOT,
                    "%s for %s: %d files, %,d bytes, timestamp version %d, signatures %s%n",
                    title,
                    target.model,
                    files,
                    bytes,
                    bundle.published().version(),
                    options.signatures()),
            document -> {
              document.name("dry_run").value(dryRun);
              document.name("model").value(target.model);
              document.name("baseline").value(target.baseline.version());
              if (bundle.level().isPresent()) {
                document.name("level").value(bundle.level().get().level().letters());
              }
              document.name("timestamp_version").value(bundle.published().version());
              document.name("signature").value(options.signatures());
              document.name("out").value(out.toString());
              document.name("bytes").value(bytes);
              document.name("files").beginArray();
              for (String name : bundle.files().digests().keySet()) {
                document.value(name);
              }
              document.endArray();
            });
  }
}
