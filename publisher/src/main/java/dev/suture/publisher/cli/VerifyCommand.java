package dev.suture.publisher.cli;

import dev.suture.publisher.PublisherException;
import dev.suture.publisher.release.RepositoryCheck;
import dev.suture.publisher.repository.Authority;
import dev.suture.publisher.repository.Expiry;
import dev.suture.publisher.repository.Repository;
import java.time.Clock;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
    name = "verify",
    header = "Check a repository as a device would.",
    description = {
      "",
      "Runs the device's own client over the folder: signatures, thresholds, versions, expiry,"
          + " delegations; then compares the digest of every manifest, payload and statement. Needs"
          + " no private key. Without --trust-root it begins with the repository's own first root,"
          + " which shows that it is whole, and not whose it is.",
      ""
    },
    optionListHeading = "Options:%n")
@SuppressWarnings("NullAway.Init") // picocli sets what it injects.
final class VerifyCommand extends PublisherCommand {
  @Mixin private ReadOptions options;

  VerifyCommand(Console console) {
    super(console);
  }

  @Override
  void run() throws PublisherException {
    Repository repository = options.repository();
    var unused = options.requirePublished("check what is published");
    Authority reader =
        new Authority(
            options.trustedRoot(),
            requests -> {
              throw new IllegalStateException("nothing is signed: " + requests);
            },
            Expiry.DEFAULT,
            Clock.systemUTC());
    RepositoryCheck.Report report =
        new RepositoryCheck(repository, reader, console()::progress).check();
    console()
        .result(
            json(),
            "timestamp version "
                + report.published().version()
                + ": "
                + report.levels()
                + " levels, "
                + report.files()
                + " payloads and sealed files; devices accept all of it, signatures "
                + options.signatures()
                + "\n",
            document -> {
              document.name("timestamp_version").value(report.published().version());
              document.name("root_version").value(report.published().root().signed().version());
              document.name("signature").value(options.signatures());
              document.name("levels").value(report.levels());
              document.name("files").value(report.files());
            });
  }
}
