package dev.suture.publisher.cli;

import dev.suture.protocol.tuf.RoleType;
import dev.suture.publisher.PublisherException;
import dev.suture.publisher.keys.role.Passphrase;
import dev.suture.publisher.repository.Expiry;
import dev.suture.publisher.repository.Publication;
import dev.suture.publisher.repository.Published;
import dev.suture.publisher.repository.Repository;
import dev.suture.publisher.repository.RoleSigning;
import dev.suture.publisher.workspace.KeyRing;
import dev.suture.publisher.workspace.RequestFolder;
import dev.suture.publisher.workspace.RequestingSigning;
import dev.suture.publisher.workspace.Settings;
import dev.suture.publisher.workspace.Workspace;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
    name = "init",
    header = "Make the roles' keys, the root for devices, and an empty repository.",
    description = {
      "",
      "Makes in DIR the private keys of The Update Framework's four roles, readable by their owner"
          + " alone and encrypted with a passphrase, and DIR/root.json, which goes into the device image. Root and targets need two"
          + " signatures, one by Ed25519 and one by ML-DSA-65, so that whoever forges must break"
          + " both; snapshot and timestamp have one Ed25519 key each. Then makes the repository:"
          + " root, targets, snapshot and timestamp of version 1.",
      "",
      "With keys that are there, only the repository is made. No key is ever overwritten, nor a"
          + " repository: devices trust the root that they were flashed with. What lost its power is"
          + " finished by the same command.",
      "",
      "Keep DIR off the mirror, and keep the keys of root and targets where no machine can reach"
          + " them: who has them can patch every device. \"refresh\" needs only those of snapshot and"
          + " timestamp.",
      ""
    },
    optionListHeading = "Options:%n")
@SuppressWarnings("NullAway.Init") // picocli sets required options.
final class InitCommand extends PublisherCommand {
  @Spec private CommandSpec spec;

  @Option(
      names = "--keys",
      paramLabel = "DIR",
      required = true,
      description = "Folder for keys and root; made if it is missing.")
  private Path keys;

  @Option(
      names = "--repository",
      paramLabel = "DIR",
      description = "Folder that mirrors serve; made if it is missing. Without it only keys are.")
  private @Nullable Path repository;

  @Option(
      names = "--expiry",
      paramLabel = "ROLE=DAYS",
      split = ",",
      description =
          "How long what is signed holds, for new keys (default root=365,targets=365,snapshot=30,"
              + "timestamp=7).")
  private Map<RoleType, Integer> expiry = new TreeMap<>();

  @Mixin private PassphraseOptions passphrases;

  @Option(
      names = "--requests",
      paramLabel = "DIR",
      description =
          "With --repository: where signatures of the first targets are asked for, if the keys of"
              + " targets are not in --keys; \"suture-publish import\" then makes the repository.")
  private @Nullable Path requests;

  @Option(
      names = "--unencrypted",
      description =
          "No passphrase: file permissions alone protect the keys. Without it, new keys need a"
              + " passphrase.")
  private boolean unencrypted;

  @Option(names = "--dry-run", description = "Say what would be made, and make nothing.")
  private boolean dryRun;

  InitCommand(Console console) {
    super(console);
  }

  @Override
  void run() throws PublisherException {
    if (requests != null && repository == null) {
      throw new CommandLine.ParameterException(
          spec.commandLine(), "--requests: expected --repository with it");
    }
    Settings settings = settings();
    Workspace workspace = new Workspace(keys);
    boolean newKeys = !workspace.isThere();
    if (dryRun) {
      report(workspace, newKeys, Optional.empty());
      return;
    }
    if (newKeys || repository == null) {
      makeKeys(workspace, settings);
    }
    Optional<Published> made = Optional.empty();
    if (repository != null) {
      try (Publication publication =
          Publication.create(
              Repository.at(repository),
              workspace.signedBy(signing(workspace), Clock.systemUTC()),
              Publication.WAIT_MAX)) {
        made = Optional.of(publication.published());
      }
    }
    report(workspace, newKeys, made);
  }

  private RoleSigning signing(Workspace workspace) {
    KeyRing ring = workspace.keys(passphrases);
    return requests == null
        ? ring
        : new RequestingSigning(ring, new RequestFolder(requests), dryRun);
  }

  private void makeKeys(Workspace workspace, Settings settings) throws PublisherException {
    Optional<Passphrase> passphrase =
        workspace.isThere() ? Optional.empty() : passphrases.forNew("the new keys", unencrypted);
    try {
      workspace.init(settings, passphrase, passphrases, Clock.systemUTC());
    } finally {
      passphrase.ifPresent(Passphrase::close);
    }
  }

  private Settings settings() {
    try {
      Expiry days = Expiry.DEFAULT;
      for (Map.Entry<RoleType, Integer> role : expiry.entrySet()) {
        days = days.with(role.getKey(), role.getValue());
      }
      return Settings.DEFAULT.with(days);
    } catch (IllegalArgumentException e) {
      throw new CommandLine.ParameterException(spec.commandLine(), String.valueOf(e.getMessage()));
    }
  }

  private void report(Workspace workspace, boolean newKeys, Optional<Published> made) {
    StringBuilder text = new StringBuilder();
    text.append(dryRun ? "dry run, nothing was made\n" : "");
    text.append("keys       ").append(keys).append(newKeys ? " (private)\n" : " (were there)\n");
    text.append("root       ")
        .append(workspace.rootFile())
        .append(" (goes into the device image)\n");
    if (repository != null) {
      text.append("repository ").append(repository).append('\n');
    }
    console()
        .result(
            json(),
            text.toString(),
            document -> {
              document.name("dry_run").value(dryRun);
              document.name("keys").value(keys.toString());
              document.name("new_keys").value(newKeys);
              document.name("root").value(workspace.rootFile().toString());
              if (repository != null) {
                document.name("repository").value(repository.toString());
              }
              if (made.isPresent()) {
                document.name("timestamp_version").value(made.get().version());
              }
            });
  }

  /** Reads a role's name. */
  static RoleType parseRole(String word) {
    for (RoleType role : RoleType.values()) {
      if (role.word().equals(word)) {
        return role;
      }
    }
    throw new IllegalArgumentException(
        "expected root, targets, snapshot or timestamp, got \"" + word + "\"");
  }
}
