package dev.suture.publisher.cli;

import dev.suture.publisher.PublisherException;
import dev.suture.publisher.keys.role.KeyFile;
import dev.suture.publisher.keys.role.KeyType;
import dev.suture.publisher.keys.role.Passphrase;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "generate",
    header = "Make a key for a role.",
    description = {
      "",
      "Writes FILE, readable by its owner alone and encrypted with a passphrase, and its public half"
          + " FILE.pub. Nothing is ever overwritten. Keys on a token are made with the token's own"
          + " tools.",
      ""
    },
    optionListHeading = "Options:%n")
@SuppressWarnings("NullAway.Init") // picocli sets required options.
final class KeyGenerateCommand extends PublisherCommand {
  @Option(
      names = "--type",
      paramLabel = "TYPE",
      required = true,
      description = "ed25519, or ml-dsa-65 (withstands quantum computers).")
  private KeyType type;

  @Option(
      names = "--key",
      paramLabel = "FILE",
      required = true,
      description = "The key's file; its folder is made if it is missing.")
  private Path file;

  @Mixin private PassphraseOptions passphraseOptions;

  @Option(
      names = "--unencrypted",
      description = "No passphrase: file permissions alone protect the key.")
  private boolean unencrypted;

  @Option(names = "--dry-run", description = "Check everything, write nothing.")
  private boolean dryRun;

  KeyGenerateCommand(Console console) {
    super(console);
  }

  @Override
  void run() throws PublisherException {
    KeyFile key = new KeyFile(file);
    key.requireAbsent();
    Optional<Passphrase> passphrase = passphraseOptions.forNew("the new key", unencrypted);
    try {
      Optional<String> keyId =
          dryRun ? Optional.empty() : Optional.of(key.generate(type, passphrase).keyId());
      report(key, keyId);
    } finally {
      passphrase.ifPresent(Passphrase::close);
    }
  }

  private void report(KeyFile key, Optional<String> keyId) {
    String text =
        keyId.map(id -> "key " + id + "\n").orElse("dry run: nothing was written\n")
            + "private "
            + key.file()
            + (unencrypted ? " (not encrypted)" : " (encrypted)")
            + "\npublic  "
            + key.publicFile()
            + "\n";
    console()
        .result(
            json(),
            text,
            document -> {
              document.name("dry_run").value(dryRun);
              if (keyId.isPresent()) {
                document.name("keyid").value(keyId.get());
              }
              document.name("type").value(type.word());
              document.name("encrypted").value(!unencrypted);
              document.name("private").value(key.file().toString());
              document.name("public").value(key.publicFile().toString());
            });
  }
}
