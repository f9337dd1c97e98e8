package dev.suture.publisher.cli;

import dev.suture.protocol.ComponentName;
import dev.suture.protocol.tuf.DelegatedRole;
import dev.suture.publisher.Problem;
import dev.suture.publisher.PublisherException;
import dev.suture.publisher.PublisherException.Details;
import dev.suture.publisher.repository.Publication;
import dev.suture.publisher.repository.Published;
import dev.suture.publisher.repository.VendorFolder;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "import",
    header = "Take over what a vendor signed about its component.",
    description = {
      "",
      "Copies payloads, statements and the role's metadata, and publishes them if a device accepts"
          + " them. Needs only the online keys. No device installs anything by it: \"release\" does"
          + " that.",
      ""
    },
    optionListHeading = "Options:%n")
@SuppressWarnings("NullAway.Init") // picocli sets what it injects, and required options.
final class ComponentImportCommand extends PublisherCommand {
  @Mixin private RepositoryOptions options;

  @Option(names = "--name", paramLabel = "NAME", required = true, description = "The component.")
  private ComponentName name;

  @Option(
      names = "--from",
      paramLabel = "DIR",
      required = true,
      description = "The vendor's folder, as \"patch build\" and \"patch sign\" made it.")
  private Path from;

  ComponentImportCommand(Console console) {
    super(console);
  }

  @Override
  void run() throws PublisherException {
    Published published;
    try (Publication publication = options.begin()) {
      DelegatedRole role =
          publication.published().targets().delegations().stream()
              .filter(one -> one.name().equals(VendorFolder.role(name)))
              .findFirst()
              .orElseThrow(this::notDelegated);
      published = new VendorFolder(from).importInto(publication, role, name);
    }
    long version = published.snapshot().role(VendorFolder.role(name)).orElseThrow().version();
    console()
        .result(
            json(),
            options.prefix()
                + name
                + ": metadata version "
                + version
                + " taken over, timestamp version "
                + published.version()
                + "\n",
            document -> {
              document.name("dry_run").value(options.dryRun());
              document.name("component").value(name.word());
              document.name("role_version").value(version);
              document.name("timestamp_version").value(published.version());
            });
  }

  private PublisherException notDelegated() {
    return new PublisherException(
        Problem.VENDOR_DISAGREES,
        new Details(
            "take over what a vendor signed about " + name,
            "a component that is delegated",
            "one that is not",
            VendorFolder.role(name),
            "delegate it first: \"suture-publish component add\""));
  }
}
