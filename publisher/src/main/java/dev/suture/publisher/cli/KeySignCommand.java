package dev.suture.publisher.cli;

import dev.suture.publisher.PublisherException;
import dev.suture.publisher.keys.role.RoleSigner;
import dev.suture.publisher.keys.role.SafeFiles;
import dev.suture.publisher.keys.role.SignatureFile;
import dev.suture.publisher.keys.role.SigningRequest;
import dev.suture.publisher.workspace.RequestFolder;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "sign",
    header = "Sign a request that somebody sent.",
    description = {
      "",
      "Says on standard error what is signed, made from the metadata itself and not from what the"
          + " request says about it, and writes a file with the signature to send back. Look at it"
          + " with --dry-run first.",
      ""
    },
    optionListHeading = "Options:%n")
@SuppressWarnings("NullAway.Init") // picocli sets required options.
final class KeySignCommand extends PublisherCommand {
  @Mixin private SignerOptions options;

  @Option(
      names = "--request",
      paramLabel = "FILE",
      required = true,
      description = "The signing request.")
  private Path requestFile;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      required = true,
      description = "File for the signature; never overwritten.")
  private Path out;

  @Option(
      names = "--dry-run",
      description = "Say what would be signed, and check that the key is asked for. Sign nothing.")
  private boolean dryRun;

  KeySignCommand(Console console) {
    super(console);
  }

  @Override
  void run() throws PublisherException {
    SigningRequest request = RequestFolder.readRequest(requestFile);
    request.summary().forEach(console()::progress);
    SafeFiles.requireAbsent(out);
    String keyId;
    if (dryRun) {
      keyId = SignatureFile.requireAsked(request, options.publicKey());
    } else {
      RoleSigner signer = options.signer();
      keyId = SignatureFile.requireAsked(request, signer.key());
      SafeFiles.writePublic(out, SignatureFile.sign(request, signer).encode());
    }
    console()
        .result(
            json(),
            (dryRun ? "dry run: nothing was signed\n" : "signature " + out + "\n")
                + "key "
                + keyId
                + "\nsha256 "
                + request.digest().hex()
                + "\n",
            document -> {
              document.name("dry_run").value(dryRun);
              document.name("role").value(request.role());
              document.name("version").value(request.draft().read().version());
              document.name("sha256").value(request.digest().hex());
              document.name("keyid").value(keyId);
              document.name("signature").value(out.toString());
              document.name("summary").beginArray();
              for (String line : request.summary()) {
                document.value(line);
              }
              document.endArray();
            });
  }
}
