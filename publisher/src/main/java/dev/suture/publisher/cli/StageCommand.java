package dev.suture.publisher.cli;

import dev.suture.protocol.release.Rollout;
import dev.suture.publisher.PublisherException;
import dev.suture.publisher.repository.Publication;
import dev.suture.publisher.repository.Published;
import java.time.Instant;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
    name = "stage",
    header = "Say anew who may install a published level: a ring, a curve, or everybody.",
    description = {
      "",
      "Devices compute their own place in the curve; nobody counts them. A device that has the level"
          + " keeps it, whatever the stage. Without --ring and --curve it is for everybody.",
      ""
    },
    optionListHeading = "Options:%n")
@SuppressWarnings("NullAway.Init") // picocli sets what it injects.
final class StageCommand extends PublisherCommand {
  @Spec private CommandSpec spec;

  @Mixin private RepositoryOptions options;

  @Mixin private LevelOptions target;

  @Mixin private RolloutOptions rollout;

  StageCommand(Console console) {
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
    Published published;
    try (Publication publication = options.begin()) {
      published = publication.stage(target.baseline, target.model, target.level, stage);
    }
    String who = RolloutOptions.text(stage);
    console()
        .result(
            json(),
            options.prefix()
                + target.title()
                + " for "
                + target.model
                + ": "
                + who
                + ", timestamp version "
                + published.version()
                + "\n",
            document -> {
              document.name("dry_run").value(options.dryRun());
              document.name("release").value(target.title());
              document.name("model").value(target.model);
              document.name("rollout").value(who);
              document.name("timestamp_version").value(published.version());
            });
  }
}
