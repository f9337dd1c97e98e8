package dev.suture.publisher.cli;

import dev.suture.protocol.tuf.RoleKeys;
import dev.suture.protocol.tuf.RoleType;
import dev.suture.publisher.PublisherException;
import dev.suture.publisher.keys.role.Passphrase;
import dev.suture.publisher.repository.Publication;
import dev.suture.publisher.repository.Published;
import dev.suture.publisher.workspace.Workspace;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
    name = "rotate",
    header = "Give a role new keys.",
    description = {
      "",
      "Makes new keys, or takes the --next-key files of keys that were made elsewhere, and publishes"
          + " the next root, signed by the old root's keys and, if it is root's turn, the new ones."
          + " Devices follow it from the root that they were flashed with, however old. After it the"
          + " old keys of the role sign nothing any more; when they are stolen, that is what takes"
          + " them from the thief, and devices forget the versions that the thief may have raised.",
      "",
      "The role's old keys and its new ones must sign: until the new root is there, what is published"
          + " is signed by both. Where those of root or targets are elsewhere, --requests asks for"
          + " their signatures; those of snapshot and timestamp must be in --keys.",
      ""
    },
    optionListHeading = "Options:%n")
@SuppressWarnings("NullAway.Init") // picocli sets what it injects.
final class RotateCommand extends PublisherCommand {
  @Spec private CommandSpec spec;

  @Mixin private RepositoryOptions options;

  @Option(
      names = "--role",
      paramLabel = "ROLE",
      required = true,
      description = "root, targets, snapshot or timestamp.")
  private RoleType role;

  @Option(
      names = "--next-key",
      paramLabel = "FILE.pub",
      arity = "1..*",
      description =
          "Public halves of the new keys, as \"key generate\" writes them elsewhere. Without it keys"
              + " are made in --keys.")
  private List<Path> nextKeys = new ArrayList<>();

  @Option(
      names = "--threshold",
      paramLabel = "N",
      description = "With --next-key: how many of them must sign (default: all).")
  private @Nullable Integer threshold;

  @Option(
      names = "--unencrypted",
      description =
          "No passphrase for the new keys: file permissions alone protect them. Not with"
              + " --next-key.")
  private boolean unencrypted;

  RotateCommand(Console console) {
    super(console);
  }

  @Override
  void run() throws PublisherException {
    Workspace workspace = options.workspace();
    Optional<RoleKeys> elsewhere = elsewhere();
    Published published;
    try (Publication publication = options.begin()) {
      options.keepRoot(publication.published()); // One before this may have lost its power.
      RoleKeys current = publication.published().root().keysOf(role);
      RoleKeys next =
          elsewhere.isPresent()
              ? elsewhere.get()
              : options.dryRun() ? current : newKeys(workspace, publication.published());
      published = publication.rotate(role, next);
      options.keepRoot(published);
    }
    long version = published.root().signed().version();
    console()
        .result(
            json(),
            options.prefix()
                + "root version "
                + version
                + ", timestamp version "
                + published.version()
                + "; "
                + workspace.rootFile()
                + " is for new device images\n",
            document -> {
              document.name("dry_run").value(options.dryRun());
              document.name("role").value(role.word());
              document.name("root_version").value(version);
              document.name("timestamp_version").value(published.version());
              document.name("root").value(workspace.rootFile().toString());
            });
  }

  /** The keys that were made elsewhere, if any were. */
  private Optional<RoleKeys> elsewhere() throws PublisherException {
    if (nextKeys.isEmpty()) {
      if (threshold != null) {
        throw new CommandLine.ParameterException(
            spec.commandLine(), "--threshold: expected --next-key with it");
      }
      return Optional.empty();
    }
    if (unencrypted) {
      throw new CommandLine.ParameterException(
          spec.commandLine(), "--unencrypted: expected no --next-key with it, as no key is made");
    }
    return Optional.of(PublicKeyFiles.read(spec, nextKeys, threshold));
  }

  private RoleKeys newKeys(Workspace workspace, Published published) throws PublisherException {
    Optional<Passphrase> passphrase = options.passphrase().forNew("the new keys", unencrypted);
    try {
      return workspace.nextKeys(role, published.root(), passphrase);
    } finally {
      passphrase.ifPresent(Passphrase::close);
    }
  }
}
