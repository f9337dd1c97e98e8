package dev.suture.publisher.cli;

import dev.suture.publisher.PublisherException;
import dev.suture.publisher.repository.Publication;
import dev.suture.publisher.repository.Published;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "refresh",
    header = "Sign timestamp and snapshot again: run it every day.",
    description = {
      "",
      "Tells devices what time it is, and that nothing was kept back from them. Needs only the keys of"
          + " timestamp and snapshot in --keys, and root.json.",
      ""
    },
    optionListHeading = "Options:%n")
@SuppressWarnings("NullAway.Init") // picocli sets what it injects.
final class RefreshCommand extends PublisherCommand {
  @Mixin private RepositoryOptions options;

  @Option(
      names = "--targets",
      description = "Sign the targets again, too, before they expire; needs their keys.")
  private boolean targets;

  @Option(
      names = "--root",
      description =
          "Sign root and targets again, before they expire: the next root, with the same keys. With"
              + " --requests where those keys are elsewhere.")
  private boolean root;

  RefreshCommand(Console console) {
    super(console);
  }

  @Override
  void run() throws PublisherException {
    Published published;
    try (Publication publication = options.begin()) {
      if (root) {
        options.keepRoot(publication.published()); // This one may have to await signatures.
      }
      published = root ? publication.renew() : publication.refresh(targets);
      // After it: a folder of keys that cannot be written to does not keep the fleet from its time.
      options.keepRoot(published);
    }
    console()
        .result(
            json(),
            options.prefix()
                + "timestamp version "
                + published.version()
                + ", holds until "
                + published.timestamp().signed().expires()
                + "\n",
            document -> {
              document.name("dry_run").value(options.dryRun());
              document.name("timestamp_version").value(published.version());
              document.name("expires").value(published.timestamp().signed().expires().toString());
            });
  }
}
