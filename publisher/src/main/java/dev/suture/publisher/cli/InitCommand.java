package dev.suture.publisher.cli;

import dev.suture.publisher.PublisherException;
import dev.suture.publisher.keys.KeyFolder;
import dev.suture.publisher.keys.PublisherKeys;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "init",
    header = "Make a publisher's key and the trust root for devices.",
    description = {
      "",
      "Makes a Tink keyset with one Ed25519 key in DIR/publisher-keyset.json, readable by its owner"
          + " alone, and the public half in DIR/trust-root.json, which goes into the device image."
          + " Nothing is ever overwritten: devices trust the key that they were flashed with.",
      "",
      "Keep DIR off the mirror, and keep a copy of the keyset where no machine can reach it. Who has"
          + " it can patch every device; without it no device can be patched.",
      ""
    },
    optionListHeading = "Options:%n")
@SuppressWarnings("NullAway.Init") // picocli sets required options.
final class InitCommand extends PublisherCommand {
  @Option(
      names = "--keys",
      paramLabel = "DIR",
      required = true,
      description = "Folder for the keyset and the trust root; made if it is missing.")
  private Path keys;

  InitCommand(Console console) {
    super(console);
  }

  @Override
  void run() throws PublisherException {
    KeyFolder folder = new KeyFolder(keys);
    PublisherKeys made = folder.init();
    console()
        .result(
            json(),
            "key "
                + made.keyId().hex()
                + "\nkeyset     "
                + folder.keysetFile()
                + " (private)\ntrust root "
                + folder.trustRootFile()
                + " (goes into the device image)\n",
            document -> {
              document.name("keyid").value(made.keyId().hex());
              document.name("keyset").value(folder.keysetFile().toString());
              document.name("trust_root").value(folder.trustRootFile().toString());
            });
  }
}
