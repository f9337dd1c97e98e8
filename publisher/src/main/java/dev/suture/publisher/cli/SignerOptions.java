package dev.suture.publisher.cli;

import dev.suture.protocol.tuf.TufKey;
import dev.suture.publisher.PublisherException;
import dev.suture.publisher.keys.role.KeyFile;
import dev.suture.publisher.keys.role.RoleSigner;
import dev.suture.publisher.keys.role.TokenSigner;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Which key: a file, or one on a token. */
@SuppressWarnings("NullAway.Init") // picocli sets what it injects.
final class SignerOptions {
  @ArgGroup(multiplicity = "1")
  private Choice choice;

  @Mixin private PassphraseOptions passphrase;

  /** One of both. */
  static final class Choice {
    @Option(names = "--key", paramLabel = "FILE", required = true, description = "The key's file.")
    private @Nullable Path file;

    @ArgGroup(exclusive = false)
    private @Nullable Token token;
  }

  /** A key on a token. */
  static final class Token {
    @Option(
        names = "--pkcs11",
        paramLabel = "CONFIG",
        required = true,
        description =
            "Configuration of Java's PKCS#11 provider: lines with name, library and slot of the"
                + " token.")
    private Path config;

    @Option(
        names = "--alias",
        paramLabel = "LABEL",
        required = true,
        description = "Label of an EC key on the curve P-256 and of its certificate.")
    private String alias;
  }

  /** The key, ready to sign. */
  RoleSigner signer() throws PublisherException {
    Path file = choice.file;
    return file == null ? onToken() : new KeyFile(file).load(passphrase);
  }

  /** The public half; a token wants its PIN even for that, a file no passphrase. */
  TufKey publicKey() throws PublisherException {
    Path file = choice.file;
    return file == null ? onToken().key() : new KeyFile(file).publicKey();
  }

  private RoleSigner onToken() throws PublisherException {
    Token token = choice.token;
    if (token == null) {
      throw new IllegalStateException("picocli wants one of both");
    }
    return TokenSigner.open(token.config, token.alias, passphrase);
  }
}
