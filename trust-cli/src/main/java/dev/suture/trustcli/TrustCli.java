package dev.suture.trustcli;

import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.RejectedException;
import dev.suture.protocol.failure.SutureException;
import dev.suture.protocol.tuf.TargetFile;
import dev.suture.trust.tuf.LocalMetadata;
import dev.suture.trust.tuf.TufClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * {@code trust-cli}: exit code 0 if all went well, 1 if anything did not, said on standard error.
 */
@Command(
    name = "trust-cli",
    description = "A client of The Update Framework: the class that the device's agent uses.",
    mixinStandardHelpOptions = true,
    sortOptions = false)
public final class TrustCli {
  @Option(names = "--metadata-dir", required = true, description = "folder of believed metadata")
  private @Nullable Path metadataFolder;

  @Option(names = "--metadata-url", description = "where the repository's metadata is")
  private @Nullable String metadataAddress;

  @Option(names = "--target-name", description = "a target to download; may be repeated")
  private final List<String> targetNames = new ArrayList<>();

  @Option(names = "--target-base-url", description = "where the repository's targets are")
  private @Nullable String targetAddress;

  @Option(names = "--target-dir", description = "folder for downloaded targets")
  private @Nullable Path targetFolder;

  /** Runs one command. */
  public static void main(String[] arguments) {
    System.exit(run(arguments));
  }

  static int run(String... arguments) {
    return new CommandLine(new TrustCli())
        .setExecutionExceptionHandler(
            (e, command, parsed) -> {
              if (!(e instanceof SutureException)
                  && !(e instanceof IOException)
                  && !(e instanceof UsageException)) {
                throw e;
              }
              command.getErr().println("trust-cli: " + e.getMessage());
              return 1;
            })
        .setParameterExceptionHandler(
            (e, words) -> {
              e.getCommandLine().getErr().println("trust-cli: " + e.getMessage());
              return 1;
            })
        .execute(arguments);
  }

  /** An option is missing that the command needs. */
  private static final class UsageException extends Exception {
    private static final long serialVersionUID = 1L;

    UsageException(String option) {
      super("expected " + option + ", got nothing");
    }
  }

  @Command(name = "init", description = "Begin to trust a root that was delivered out of band.")
  int init(@Parameters(paramLabel = "TRUSTED_ROOT", description = "a root.json") Path trustedRoot)
      throws SutureException, IOException, UsageException {
    TufClient.initialize(local(), Files.readAllBytes(trustedRoot));
    return 0;
  }

  @Command(name = "refresh", description = "Bring the metadata up to date.")
  int refresh() throws SutureException, IOException, UsageException {
    refreshed();
    return 0;
  }

  @Command(name = "download", description = "Bring the metadata up to date, then fetch targets.")
  int download() throws SutureException, IOException, UsageException {
    HttpMirror mirror = new HttpMirror(required(targetAddress, "--target-base-url"));
    TargetFolder folder = new TargetFolder(existing(required(targetFolder, "--target-dir")));
    if (targetNames.isEmpty()) {
      throw new UsageException("--target-name");
    }
    TufClient client = refreshed();
    for (String name : targetNames) {
      TargetFile file =
          client
              .target(name)
              .orElseThrow(
                  () ->
                      new RejectedException(
                          FailureCode.TARGET_UNKNOWN,
                          name + ": expected a target that a role in charge names, got none"));
      folder.deliver(name, file, mirror, client.consistentSnapshot());
    }
    return 0;
  }

  private TufClient refreshed() throws SutureException, IOException, UsageException {
    return TufClient.refreshed(
        local(), new HttpMirror(required(metadataAddress, "--metadata-url")), Instant.now());
  }

  private LocalMetadata local() throws IOException, UsageException {
    return new MetadataFolder(existing(required(metadataFolder, "--metadata-dir")));
  }

  private static Path existing(Path folder) throws IOException {
    return Files.createDirectories(folder);
  }

  private static <T> T required(@Nullable T value, String option) throws UsageException {
    if (value == null) {
      throw new UsageException(option);
    }
    return value;
  }
}
