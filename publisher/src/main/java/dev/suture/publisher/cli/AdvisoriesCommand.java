package dev.suture.publisher.cli;

import dev.suture.protocol.manifest.Advisory;
import dev.suture.publisher.PublisherException;
import dev.suture.publisher.advisory.AdvisoryFile;
import dev.suture.publisher.advisory.Changelog;
import dev.suture.publisher.advisory.ChangelogQuery;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "advisories",
    header = "Find out of Debian changelogs what an update fixes.",
    description = {
      "",
      "Prints, as a file for \"release --advisories\", every CVE that the changelogs name in entries"
          + " above the old version and up to the new one. Read it: a changelog that says \"not"
          + " affected by\" names a CVE as well.",
      ""
    },
    optionListHeading = "Options:%n",
    footer = {
      "",
      "The changelog is in the newer package:",
      "  dpkg-deb --fsys-tarfile libssl3_*.deb \\",
      "    | tar xO ./usr/share/doc/libssl3/changelog.Debian.gz >changelog.Debian.gz"
    })
@SuppressWarnings("NullAway.Init") // picocli sets required options.
final class AdvisoriesCommand extends PublisherCommand {
  @Option(
      names = "--changelog",
      paramLabel = ChangelogQuery.FORM,
      required = true,
      arity = "1..*",
      description = "A package, its versions in the old and the new image, and its changelog.")
  private List<ChangelogQuery> changelogs;

  AdvisoriesCommand(Console console) {
    super(console);
  }

  @Override
  void run() throws PublisherException {
    List<Advisory> all = new ArrayList<>();
    for (ChangelogQuery query : changelogs) {
      all.addAll(Changelog.advisories(query));
    }
    console().print(AdvisoryFile.encode(all));
  }
}
