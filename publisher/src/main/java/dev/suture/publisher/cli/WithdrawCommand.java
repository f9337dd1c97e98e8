package dev.suture.publisher.cli;

import dev.suture.protocol.Level;
import dev.suture.protocol.release.Withdrawal;
import dev.suture.publisher.PublisherException;
import dev.suture.publisher.repository.Publication;
import dev.suture.publisher.repository.Published;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
    name = "withdraw",
    header = "Take a published level back, or a sealed file.",
    description = {
      "",
      "Publishes targets that say so. No file is removed, as devices may still read older metadata;"
          + " the letter is not used again. A level that was stopped can still be removed. A sealed"
          + " file goes with its level: devices drop it.",
      "",
      "With --sealed a file that was spread and is never to be opened is taken back; the file itself"
          + " may stay where it is, as nobody can open it without the --seal-key file.",
      ""
    },
    optionListHeading = "Options:%n")
@SuppressWarnings("NullAway.Init") // picocli sets what it injects.
final class WithdrawCommand extends PublisherCommand {
  @Spec private CommandSpec spec;

  @Mixin private RepositoryOptions options;

  @Mixin private BaselineOptions target;

  @ArgGroup(multiplicity = "1")
  private Choice choice;

  /** One of both. */
  static final class Choice {
    @Option(
        names = "--level",
        paramLabel = "LETTER",
        required = true,
        description = "a to z, then aa to zz.")
    private @Nullable Level level;

    @Option(
        names = "--sealed",
        paramLabel = "NAME",
        required = true,
        description = "A sealed file, as \"status\" shows its name.")
    private @Nullable String sealed;
  }

  @Option(
      names = "--reach",
      paramLabel = "REACH",
      description =
          "stop: nobody installs it any more, who has it keeps it; remove (default): who has it"
              + " leaves it.")
  private Withdrawal.@Nullable Reach reach;

  @Option(
      names = "--instead",
      paramLabel = "PLACE",
      description =
          "Where devices go that leave it: base (default), or newest-good, the highest level that is"
              + " not withdrawn.")
  private Withdrawal.@Nullable Instead instead;

  WithdrawCommand(Console console) {
    super(console);
  }

  @Override
  void run() throws PublisherException {
    Level level = choice.level;
    String sealed = choice.sealed;
    if (level != null) {
      withdraw(level, how());
    } else if (sealed != null) {
      if (reach != null || instead != null) {
        throw wrong("--reach and --instead: expected none with --sealed, which no device has");
      }
      takeBack(sealed);
    }
  }

  private Withdrawal how() {
    if (reach == Withdrawal.Reach.STOP) {
      if (instead == Withdrawal.Instead.NEWEST_GOOD) {
        throw wrong(
            "--instead newest-good: expected --reach remove, got --reach stop: who has the level"
                + " keeps it");
      }
      return Withdrawal.STOP;
    }
    return new Withdrawal(
        Withdrawal.Reach.REMOVE, instead == null ? Withdrawal.Instead.BASE : instead);
  }

  private ParameterException wrong(String message) {
    return new ParameterException(spec.commandLine(), message);
  }

  private void takeBack(String sealed) throws PublisherException {
    Published published;
    try (Publication publication = options.begin()) {
      published = publication.takeBack(target.model, target.baseline, sealed);
    }
    console()
        .result(
            json(),
            options.prefix()
                + sealed
                + " of "
                + target.baseline
                + " for "
                + target.model
                + ": taken back, timestamp version "
                + published.version()
                + "\n",
            document -> {
              document.name("dry_run").value(options.dryRun());
              document.name("baseline").value(target.baseline.version());
              document.name("model").value(target.model);
              document.name("sealed").value(sealed);
              document.name("timestamp_version").value(published.version());
            });
  }

  private void withdraw(Level level, Withdrawal how) throws PublisherException {
    String title = target.baseline.with(level);
    Published published;
    try (Publication publication = options.begin()) {
      published = publication.withdraw(target.baseline, target.model, level, how);
    }
    console()
        .result(
            json(),
            options.prefix()
                + title
                + " for "
                + target.model
                + ": withdrawn ("
                + how.reach().word()
                + "), timestamp version "
                + published.version()
                + "\n",
            document -> {
              document.name("dry_run").value(options.dryRun());
              document.name("release").value(title);
              document.name("baseline").value(target.baseline.version());
              document.name("level").value(level.letters());
              document.name("model").value(target.model);
              document.name("reach").value(how.reach().word());
              document.name("instead").value(how.instead().word());
              document.name("timestamp_version").value(published.version());
            });
  }
}
