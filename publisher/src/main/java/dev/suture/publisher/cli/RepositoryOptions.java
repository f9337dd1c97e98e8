package dev.suture.publisher.cli;

import dev.suture.publisher.PublisherException;
import dev.suture.publisher.repository.Authority;
import dev.suture.publisher.repository.Publication;
import dev.suture.publisher.repository.Published;
import dev.suture.publisher.repository.Repository;
import dev.suture.publisher.repository.RoleSigning;
import dev.suture.publisher.workspace.KeyRing;
import dev.suture.publisher.workspace.RequestFolder;
import dev.suture.publisher.workspace.RequestingSigning;
import dev.suture.publisher.workspace.Workspace;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Which repository changes, and who signs. */
@SuppressWarnings("NullAway.Init") // picocli sets required options.
final class RepositoryOptions {
  @Option(
      names = "--keys",
      paramLabel = "DIR",
      required = true,
      description = "Folder that \"init\" made.")
  private Path keys;

  @Option(
      names = "--repository",
      paramLabel = "DIR",
      required = true,
      description = "Folder that mirrors serve.")
  private Path repository;

  @Mixin private PassphraseOptions passphrase;

  @Option(
      names = "--dry-run",
      description = "Do everything, signing and a device's checks as well; write nothing.")
  private boolean dryRun;

  @Option(
      names = "--requests",
      paramLabel = "DIR",
      description =
          "Where signatures are asked for, if keys of root or targets are not in --keys: everything"
              + " is made and checked, requests are written to this folder, and nothing is published"
              + " until \"suture-publish import\" has the signatures.")
  private @Nullable Path requests;

  Path keys() {
    return keys;
  }

  Workspace workspace() {
    return new Workspace(keys);
  }

  Repository repository() {
    return dryRun ? Repository.dry(repository) : Repository.at(repository);
  }

  PassphraseOptions passphrase() {
    return passphrase;
  }

  boolean dryRun() {
    return dryRun;
  }

  Authority authority() throws PublisherException {
    return asking(workspace().keys(passphrase));
  }

  /** With these keys, and those elsewhere if --requests asks for them. */
  private Authority asking(KeyRing ring) throws PublisherException {
    return authority(
        requests == null ? ring : new RequestingSigning(ring, new RequestFolder(requests), dryRun));
  }

  /** With other signatures than those of the keys in --keys. */
  Authority authority(RoleSigning signing) throws PublisherException {
    return workspace().signedBy(signing, Clock.systemUTC());
  }

  Optional<RequestFolder> requests() {
    return Optional.ofNullable(requests).map(RequestFolder::new);
  }

  /** Locks the repository. */
  Publication begin() throws PublisherException {
    return begin(workspace().keys(passphrase));
  }

  /** As above, with these keys. */
  Publication begin(KeyRing ring) throws PublisherException {
    return Publication.begin(repository(), asking(ring), Publication.WAIT_MAX);
  }

  /**
   * Keeps the newest root for new device images, see {@link Workspace#keepRoot}.
   *
   * @return whether it was not there yet
   */
  boolean keepRoot(Published published) throws PublisherException {
    return !dryRun && workspace().keepRoot(repository(), published);
  }

  /** What a result begins with. */
  String prefix() {
    return dryRun ? "dry run, nothing was written: " : "";
  }
}
