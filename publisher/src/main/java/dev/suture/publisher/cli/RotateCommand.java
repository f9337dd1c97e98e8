package dev.suture.publisher.cli;

import dev.suture.protocol.tuf.RoleKeys;
import dev.suture.protocol.tuf.RoleType;
import dev.suture.publisher.Problem;
import dev.suture.publisher.PublisherException;
import dev.suture.publisher.PublisherException.Details;
import dev.suture.publisher.keys.role.Passphrase;
import dev.suture.publisher.repository.Publication;
import dev.suture.publisher.repository.Published;
import dev.suture.publisher.workspace.KeyRing;
import dev.suture.publisher.workspace.Workspace;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
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
      "With --role the role's old keys and its new ones must sign: until the new root is there, what is published"
          + " is signed by both. Where those of root or targets are elsewhere, --requests asks for"
          + " their signatures; those of snapshot and timestamp must be in --keys.",
      "",
      "With --lost the role's old keys sign nothing: they are destroyed, or nobody finds them. Two"
          + " roots are made, and targets, snapshot and timestamp between them: the first believes"
          + " the old keys and the new ones, the second the new ones alone. So devices believe the"
          + " repository at every moment; if power fails, the same command finishes it. Needs root's"
          + " keys; where root's own are lost, nothing can replace them.",
      ""
    },
    optionListHeading = "Options:%n")
@SuppressWarnings("NullAway.Init") // picocli sets what it injects.
final class RotateCommand extends PublisherCommand {
  @Spec private CommandSpec spec;

  @Mixin private RepositoryOptions options;

  @ArgGroup(multiplicity = "1")
  private Choice choice;

  /** One of both. */
  static final class Choice {
    @Option(
        names = "--role",
        paramLabel = "ROLE",
        required = true,
        description = "root, targets, snapshot or timestamp.")
    private @Nullable RoleType role;

    @Option(
        names = "--lost",
        paramLabel = "ROLE",
        required = true,
        description = "targets, snapshot or timestamp, whose old keys cannot sign any more.")
    private @Nullable RoleType lost;

    RoleType role() {
      RoleType one = role == null ? lost : role;
      if (one == null) {
        throw new IllegalStateException("one of both is given");
      }
      return one;
    }
  }

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
    RoleType role = choice.role();
    boolean lost = choice.lost != null;
    if (lost && role == RoleType.ROOT) {
      throw rootLost(workspace);
    }
    Optional<RoleKeys> elsewhere = elsewhere();
    KeyRing ring = workspace.keys(options.passphrase());
    Published published;
    try (Publication publication = options.begin(ring)) {
      options.keepRoot(publication.published()); // One before this may have lost its power.
      if (lost) {
        published = publication.replaceLost(role, replacement(publication, ring, elsewhere));
      } else {
        RoleKeys current = publication.published().root().keysOf(role);
        RoleKeys next =
            elsewhere.isPresent()
                ? elsewhere.get()
                : options.dryRun() ? current : newKeys(workspace, publication.published());
        published = publication.rotate(role, next);
      }
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
              document.name("lost").value(lost);
              document.name("root_version").value(version);
              document.name("timestamp_version").value(published.version());
              document.name("root").value(workspace.rootFile().toString());
            });
  }

  /** Keys in the place of lost ones; those that it was begun with, if it was begun. */
  private RoleKeys replacement(Publication publication, KeyRing ring, Optional<RoleKeys> elsewhere)
      throws PublisherException {
    RoleType role = choice.role();
    Optional<Map.Entry<RoleType, RoleKeys>> begun = publication.unfinished();
    if (begun.isPresent()) {
      return elsewhere.orElse(begun.get().getValue());
    }
    RoleKeys old = publication.published().root().keysOf(role);
    if (elsewhere.isPresent() && elsewhere.get().equals(old)) {
      throw new CommandLine.ParameterException(
          spec.commandLine(), "--next-key: expected other keys than those that are lost");
    }
    if (ring.hasFiles(old)) {
      throw new PublisherException(
          Problem.KEYS_NOT_LOST,
          new Details(
              "replace the lost keys of " + role.word(),
              "fewer than " + old.threshold() + " of them in --keys",
              old.threshold() + " or more",
              options.keys().toString(),
              "use them: \"suture-publish rotate --role "
                  + role.word()
                  + "\"; if they cannot be opened any more, move their files away"));
    }
    if (elsewhere.isPresent()) {
      return elsewhere.get();
    }
    return options.dryRun()
        ? Workspace.passingKeys(role, ring)
        : newKeys(options.workspace(), publication.published());
  }

  private static PublisherException rootLost(Workspace workspace) {
    return new PublisherException(
        Problem.KEYS_MISSING,
        new Details(
            "replace the lost keys of root",
            "targets, snapshot or timestamp",
            "root: devices follow no root that its old keys have not signed",
            workspace.rootFile().toString(),
            "what is published holds until root or timestamp expire; then only an OS image with the"
                + " root of new keys helps: \"suture-publish init\" with other folders makes them"));
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
      return workspace.nextKeys(choice.role(), published.root(), passphrase);
    } finally {
      passphrase.ifPresent(Passphrase::close);
    }
  }
}
