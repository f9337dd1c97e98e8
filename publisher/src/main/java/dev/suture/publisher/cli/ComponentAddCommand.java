package dev.suture.publisher.cli;

import dev.suture.protocol.ComponentName;
import dev.suture.protocol.tuf.DelegatedRole;
import dev.suture.protocol.tuf.PathPattern;
import dev.suture.protocol.tuf.RoleKeys;
import dev.suture.publisher.PublisherException;
import dev.suture.publisher.repository.Publication;
import dev.suture.publisher.repository.Published;
import dev.suture.publisher.repository.VendorFolder;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
    name = "add",
    header = "Let a vendor sign for a component of its own.",
    description = {
      "",
      "From then on a release that patches the component needs a statement by its vendor that says"
          + " the same. The vendor's keys sign for nothing else. The same command again changes keys"
          + " or threshold.",
      ""
    },
    optionListHeading = "Options:%n")
@SuppressWarnings("NullAway.Init") // picocli sets what it injects, and required options.
final class ComponentAddCommand extends PublisherCommand {
  @Spec private CommandSpec spec;

  @Mixin private RepositoryOptions options;

  @Option(names = "--name", paramLabel = "NAME", required = true, description = "The component.")
  private ComponentName name;

  @Option(
      names = "--key",
      paramLabel = "FILE.pub",
      required = true,
      arity = "1..*",
      description = "The vendor's public keys, as \"key generate\" writes them.")
  private List<Path> keys;

  @Option(
      names = "--threshold",
      paramLabel = "N",
      description = "How many of them must sign (default: all).")
  private @Nullable Integer threshold;

  ComponentAddCommand(Console console) {
    super(console);
  }

  @Override
  void run() throws PublisherException {
    RoleKeys vendor = PublicKeyFiles.read(spec, keys, threshold);
    DelegatedRole role =
        new DelegatedRole(
            VendorFolder.role(name),
            vendor,
            true,
            List.of(new PathPattern("components/" + name.word() + "/*")),
            List.of());
    Published published;
    try (Publication publication = options.begin()) {
      published = publication.delegate(role);
    }
    console()
        .result(
            json(),
            options.prefix()
                + name
                + ": delegated to "
                + role.name()
                + ", "
                + vendor.threshold()
                + " of "
                + vendor.keys().size()
                + " keys, timestamp version "
                + published.version()
                + "\n",
            document -> {
              document.name("dry_run").value(options.dryRun());
              document.name("component").value(name.word());
              document.name("role").value(role.name());
              document.name("threshold").value(vendor.threshold());
              document.name("timestamp_version").value(published.version());
            });
  }
}
