package dev.suture.publisher.cli;

import dev.suture.protocol.ComponentName;
import dev.suture.protocol.tuf.DraftMetadata;
import dev.suture.protocol.tuf.SignedMetadata;
import dev.suture.protocol.tuf.SignedMetadata.Signature;
import dev.suture.publisher.PublisherException;
import dev.suture.publisher.keys.role.KeyFile;
import dev.suture.publisher.keys.role.RoleSigner;
import dev.suture.publisher.repository.VendorFolder;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
    name = "sign",
    header = "Sign all statements about a component, as its vendor.",
    description = {
      "",
      "Writes DIR/metadata/N.component-NAME.json. Hand DIR to the publisher, who takes it over with"
          + " \"component import\".",
      ""
    },
    optionListHeading = "Options:%n")
@SuppressWarnings("NullAway.Init") // picocli sets what it injects, and required options.
final class PatchSignCommand extends PublisherCommand {
  private static final int DAYS_MAX = 3_650;

  @Spec private CommandSpec spec;

  @Option(names = "--name", paramLabel = "NAME", required = true, description = "The component.")
  private ComponentName name;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      required = true,
      description = "The vendor's folder, as \"patch build\" made it.")
  private Path out;

  @Option(
      names = "--key",
      paramLabel = "FILE",
      required = true,
      arity = "1..*",
      description = "The vendor's private keys.")
  private List<Path> keys;

  @Option(
      names = "--days",
      paramLabel = "DAYS",
      defaultValue = "365",
      description = "How long the signature holds (default 365).")
  private int days;

  @Option(
      names = "--at-least",
      paramLabel = "VERSION",
      defaultValue = "1",
      description =
          "Number the metadata so, if it would get a lower one: the publisher has that many.")
  private long atLeast;

  @Option(names = "--dry-run", description = "Read everything and sign; write nothing.")
  private boolean dryRun;

  @Mixin private PassphraseOptions passphrase;

  PatchSignCommand(Console console) {
    super(console);
  }

  @Override
  void run() throws PublisherException {
    if (days < 1 || days > DAYS_MAX) {
      throw new CommandLine.ParameterException(
          spec.commandLine(), "--days: expected 1 to " + DAYS_MAX + ", got " + days);
    }
    if (atLeast < 1 || atLeast > SignedMetadata.VERSION_MAX) {
      throw new CommandLine.ParameterException(
          spec.commandLine(),
          "--at-least: expected 1 to " + SignedMetadata.VERSION_MAX + ", got " + atLeast);
    }
    VendorFolder folder = new VendorFolder(out);
    DraftMetadata draft =
        folder.draft(
            name,
            atLeast,
            Instant.now().truncatedTo(ChronoUnit.SECONDS).plus(days, ChronoUnit.DAYS));
    List<Signature> signatures = new ArrayList<>();
    for (Path file : keys) {
      RoleSigner signer = new KeyFile(file).load(passphrase);
      signatures.add(signer.sign(draft));
    }
    long version = draft.read().version();
    if (!dryRun) {
      folder.put(name, version, draft.file(signatures));
    }
    console()
        .result(
            json(),
            (dryRun ? "dry run, nothing was written: " : "")
                + VendorFolder.role(name)
                + " version "
                + version
                + ": signed by "
                + signatures.size()
                + " keys\n",
            document -> {
              document.name("dry_run").value(dryRun);
              document.name("role").value(VendorFolder.role(name));
              document.name("version").value(version);
              document.name("signatures").value(signatures.size());
            });
  }
}
