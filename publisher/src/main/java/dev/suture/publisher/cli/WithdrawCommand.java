package dev.suture.publisher.cli;

import dev.suture.protocol.ReleaseIndex;
import dev.suture.publisher.Problem;
import dev.suture.publisher.PublisherException;
import dev.suture.publisher.PublisherException.Details;
import dev.suture.publisher.keys.KeyFolder;
import dev.suture.publisher.keys.PublisherKeys;
import dev.suture.publisher.repository.Publication;
import dev.suture.publisher.repository.Repository;
import java.time.Clock;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
    name = "withdraw",
    header = "Take a published level back.",
    description = {
      "",
      "Publishes an index that says so. No file is removed, as devices may still read an older index;"
          + " the letter is not used again.",
      ""
    },
    optionListHeading = "Options:%n")
@SuppressWarnings("NullAway.Init") // picocli sets what it injects.
final class WithdrawCommand extends PublisherCommand {
  @Mixin private LevelOptions target;

  WithdrawCommand(Console console) {
    super(console);
  }

  @Override
  void run() throws PublisherException {
    PublisherKeys keys = new KeyFolder(target.keys).load();
    Repository repository = Repository.at(target.repository);
    if (repository.index(keys.trustRoot()).isEmpty()) {
      throw new PublisherException(
          Problem.REPOSITORY_EMPTY,
          new Details(
              "withdraw " + target.baseline.with(target.level),
              "a repository with that level",
              "one without an index",
              target.repository.toString(),
              "correct --repository"));
    }
    ReleaseIndex index;
    try (Publication publication =
        Publication.begin(repository, keys, Clock.systemUTC(), Publication.WAIT_MAX)) {
      index = publication.withdraw(target.baseline, target.model, target.level);
    }
    String title = target.baseline.with(target.level);
    console()
        .result(
            json(),
            title + " for " + target.model + ": withdrawn, index version " + index.version() + "\n",
            document -> {
              document.name("release").value(title);
              document.name("baseline").value(target.baseline.version());
              document.name("level").value(target.level.letters());
              document.name("model").value(target.model);
              document.name("index_version").value(index.version());
            });
  }
}
