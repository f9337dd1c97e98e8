package dev.suture.publisher.cli;

import dev.suture.protocol.release.Rollout;
import dev.suture.publisher.PublisherException;
import dev.suture.publisher.release.Opener;
import dev.suture.publisher.seal.SealKeyFile;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
    name = "open",
    header = "Publish a sealed level, and the key that opens it.",
    description = {
      "",
      "Opens the sealed file with the device's own code, checks what is in it, and publishes manifest,"
          + " payloads and key in one step. Devices that have the sealed file need no download; it"
          + " stays listed for those that do not. Then tell the fleet: \"suture-publish notify\".",
      "",
      "From this moment on everybody can read the patch, and a key that is out cannot be taken back."
          + " To take the level back: \"suture-publish withdraw\". With --requests manifest and payloads"
          + " lie in the repository from then on, though nothing names them, and the request has the"
          + " key in it: give it to nobody but those who sign.",
      ""
    },
    optionListHeading = "Options:%n",
    footer = {
      "",
      "Example:",
      "  suture-publish open --keys keys --repository mirror --seal-key sealed-b.key"
    })
@SuppressWarnings("NullAway.Init") // picocli sets what it injects, and required options.
final class OpenCommand extends PublisherCommand {
  @Spec private CommandSpec spec;

  @Mixin private RepositoryOptions options;

  @Mixin private RolloutOptions rollout;

  @Option(
      names = "--seal-key",
      paramLabel = "FILE",
      required = true,
      description = "The file that \"release --sealed\" wrote.")
  private Path sealKey;

  @Option(
      names = "--work",
      paramLabel = "DIR",
      defaultValue = "${sys:java.io.tmpdir}",
      description =
          "Where the sealed file is opened; needs twice its bytes (default ${DEFAULT-VALUE}).")
  private Path work;

  OpenCommand(Console console) {
    super(console);
  }

  @Override
  void run() throws PublisherException {
    Optional<Rollout> stage;
    try {
      stage = rollout.stage(Instant.now());
    } catch (IllegalArgumentException e) {
      throw new CommandLine.ParameterException(spec.commandLine(), String.valueOf(e.getMessage()));
    }
    SealKeyFile key = SealKeyFile.load(sealKey);
    Opener.Report report =
        new Opener(options.repository(), options.authority(), work, console()::progress)
            .open(key, stage);
    report.warnings().forEach(warning -> console().progress("warning: " + warning));
    console()
        .result(
            json(),
            options.prefix()
                + key.title()
                + " for "
                + key.model()
                + ": published with its key, "
                + RolloutOptions.text(stage)
                + ", timestamp version "
                + report.version()
                + "\n",
            document -> {
              document.name("dry_run").value(options.dryRun());
              document.name("release").value(key.title());
              document.name("baseline").value(key.baseline().version());
              document.name("level").value(key.level().letters());
              document.name("model").value(key.model());
              document.name("rollout").value(RolloutOptions.text(stage));
              document.name("manifest").value(report.entry().manifest().path());
              document.name("sealed").value(key.sealed().file().path());
              document.name("timestamp_version").value(report.version());
              document.name("warnings").beginArray();
              for (String warning : report.warnings()) {
                document.value(warning);
              }
              document.endArray();
            });
  }
}
