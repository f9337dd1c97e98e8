package dev.suture.publisher.cli;

import dev.suture.publisher.InputFiles;
import dev.suture.publisher.Problem;
import dev.suture.publisher.PublisherException;
import dev.suture.publisher.PublisherException.Details;
import dev.suture.publisher.keys.role.Passphrase;
import dev.suture.publisher.keys.role.PassphraseSource;
import java.io.Console;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where a passphrase or PIN comes from: never from the command line itself. */
final class PassphraseOptions implements PassphraseSource {
  /** The environment variable that is looked at. */
  static final String VARIABLE = "SUTURE_PASSPHRASE";

  @Option(
      names = "--passphrase-file",
      paramLabel = "FILE",
      description =
          "File with the passphrase of the key, or the token's PIN; its last newline is ignored."
              + " Without this option: the environment variable "
              + VARIABLE
              + ", then a prompt on the terminal.")
  private @Nullable Path file;

  @Override
  public Passphrase get(String what) throws PublisherException {
    return ask(what, false)
        .orElseThrow(
            () ->
                new PublisherException(
                    Problem.PASSPHRASE_MISSING,
                    new Details(
                        "open " + what,
                        "a passphrase or PIN",
                        "none",
                        "options",
                        "give --passphrase-file, set " + VARIABLE + ", or use a terminal")));
  }

  /**
   * For new keys: on a terminal it is asked for twice.
   *
   * @param unencrypted whether the operator said that there is to be none
   * @return empty only if so; to be closed
   * @throws PublisherException {@code PASSPHRASE_MISSING} if there is no source, and what the
   *     source leads to
   */
  Optional<Passphrase> forNew(String what, boolean unencrypted) throws PublisherException {
    if (unencrypted) {
      return Optional.empty();
    }
    Optional<Passphrase> chosen = ask(what, true);
    if (chosen.isEmpty()) {
      throw new PublisherException(
          Problem.PASSPHRASE_MISSING,
          new Details(
              "make " + what,
              "a passphrase",
              "none",
              "options",
              "give --passphrase-file, set "
                  + VARIABLE
                  + ", use a terminal, or say --unencrypted"));
    }
    return chosen;
  }

  private Optional<Passphrase> ask(String what, boolean isNew) throws PublisherException {
    if (file != null) {
      byte[] bytes = InputFiles.read("the passphrase", file, Passphrase.BYTES_MAX + 2);
      try {
        return Optional.of(of(bytes, file.toString()));
      } finally {
        Arrays.fill(bytes, (byte) 0);
      }
    }
    String variable = System.getenv(VARIABLE);
    if (variable != null) {
      return Optional.of(of(variable.getBytes(StandardCharsets.UTF_8), VARIABLE));
    }
    // From Java 22 on it is there without a terminal as well: then nothing is typed, and refused.
    @SuppressWarnings("SystemConsoleNull")
    Console terminal = System.console();
    if (terminal == null) {
      return Optional.empty();
    }
    char[] first = typed(terminal, "Passphrase or PIN of " + what + ": ");
    char[] second = isNew ? typed(terminal, "Once more: ") : first.clone();
    try {
      if (!Arrays.equals(first, second)) {
        throw new PublisherException(
            Problem.PASSPHRASE_WRONG,
            new Details(
                "take a new passphrase",
                "the same one twice",
                "two different ones",
                "terminal",
                "run the command again"));
      }
      return Optional.of(typedPassphrase(first));
    } finally {
      Arrays.fill(first, '\0');
      Arrays.fill(second, '\0');
    }
  }

  private static char[] typed(Console terminal, String prompt) {
    char[] typed = terminal.readPassword("%s", prompt);
    return typed == null ? new char[0] : typed;
  }

  private static Passphrase of(byte[] bytes, String where) throws PublisherException {
    try {
      return Passphrase.of(bytes);
    } catch (IllegalArgumentException e) {
      throw unusable(where, e);
    }
  }

  private static Passphrase typedPassphrase(char[] typed) throws PublisherException {
    try {
      return Passphrase.of(typed);
    } catch (IllegalArgumentException e) {
      throw unusable("terminal", e);
    }
  }

  private static PublisherException unusable(String where, IllegalArgumentException e) {
    return new PublisherException(
        Problem.INPUT_MALFORMED,
        new Details(
            "read the passphrase",
            "a passphrase or PIN",
            String.valueOf(e.getMessage()),
            where,
            "give one that is not empty"),
        e);
  }
}
