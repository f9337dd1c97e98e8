package dev.suture.publisher.cli;

import dev.suture.publisher.InputFiles;
import dev.suture.publisher.PublisherException;
import dev.suture.publisher.repository.Published;
import dev.suture.publisher.repository.Repository;
import dev.suture.trust.TrustAnchor;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Option;

/** Which repository is read, and whom it must be of. */
@SuppressWarnings("NullAway.Init") // picocli sets required options.
final class ReadOptions {
  @Option(
      names = "--repository",
      paramLabel = "DIR",
      required = true,
      description = "Folder that mirrors serve.")
  private Path repository;

  @Option(
      names = "--trust-root",
      paramLabel = "FILE.json",
      description = "The root.json that devices were flashed with.")
  private @Nullable Path trustRoot;

  Repository repository() {
    return Repository.at(repository);
  }

  /**
   * Emptiness first: without metadata there is no first root either.
   *
   * @param attempted what needs something published
   * @return what is published, verified from the repository's own first root on
   * @throws PublisherException {@code REPOSITORY_EMPTY}, or as {@link Repository#published()}
   */
  Published requirePublished(String attempted) throws PublisherException {
    return repository().published().orElseThrow(() -> repository().empty(attempted));
  }

  /** The root that was given, or else the repository's own. */
  byte[] trustedRoot() throws PublisherException {
    return trustRoot == null
        ? repository().firstRoot()
        : InputFiles.read("the root", trustRoot, TrustAnchor.BYTES_MAX);
  }

  /** The root that was given; for what is said to others, the repository's own is not enough. */
  byte[] givenRoot(CommandLine command) throws PublisherException {
    if (trustRoot == null) {
      throw new MissingParameterException(
          command,
          command.getCommandSpec().findOption("--trust-root"),
          "Missing required option: '--trust-root=FILE.json'");
    }
    return trustedRoot();
  }

  /** What the signatures show. */
  String signatures() {
    return trustRoot == null ? "from its own first root" : "valid";
  }
}
