package dev.suture.publisher.cli;

import dev.suture.protocol.tuf.TufKey;
import dev.suture.publisher.PublisherException;
import dev.suture.publisher.keys.role.KeyFile;
import dev.suture.publisher.keys.role.SafeFiles;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "show",
    header = "Show the public half of a key.",
    description = {
      "",
      "With --json it prints what FILE.pub has: the form in which a public key is handed over.",
      ""
    },
    optionListHeading = "Options:%n")
@SuppressWarnings("NullAway.Init") // picocli sets what it injects.
final class KeyShowCommand extends PublisherCommand {
  @Mixin private SignerOptions options;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description = "Write the public half there as well; never overwritten.")
  private @Nullable Path out;

  @Option(names = "--dry-run", description = "Check everything, write nothing.")
  private boolean dryRun;

  KeyShowCommand(Console console) {
    super(console);
  }

  @Override
  void run() throws PublisherException {
    TufKey key = options.publicKey();
    byte[] document = KeyFile.encodePublic(key);
    Path file = out;
    if (file != null) {
      SafeFiles.requireAbsent(file);
      if (!dryRun) {
        SafeFiles.writePublic(file, document);
      }
    }
    if (json()) {
      console().print(document);
    } else {
      console()
          .result(
              false,
              "key " + key.id() + "\ntype " + key.type() + "\nscheme " + key.scheme() + "\n",
              ignored -> {});
    }
  }
}
