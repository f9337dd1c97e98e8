package dev.suture.arm64.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What was asked for.
 *
 * @param command the command
 * @param dryRun whether it is only to be said what it would do; with install and remove
 * @param json whether the document for programs is wanted
 * @param socket where the agent listens
 * @param file the bundle that it is about; absolute
 */
record CommandLine(
    Command command, boolean dryRun, boolean json, Path socket, Optional<Path> file) {
  static final Path DEFAULT_SOCKET = Path.of("/run/suture/control.sock");

  /** What is sent to the agent. */
  String word() {
    return dryRun ? "rehearse-" + command.word : command.word;
  }

  /** The commands. */
  enum Command {
    STATUS("status", true),
    CHECK("check", false),
    INSTALL("install", false),
    VERIFY("verify", false),
    REMOVE("remove", false),
    HISTORY("history", true),
    VERSION("version", false),
    HELP("help", false);

    private final String word;
    private final boolean hasDocument;

    Command(String word, boolean hasDocument) {
      this.word = word;
      this.hasDocument = hasDocument;
    }

    /** What is typed. */
    String word() {
      return word;
    }
  }

  /**
   * Reads the arguments; options may stand before and after the command.
   *
   * @throws UsageException if a word is unknown, missing or too much; says what was expected
   */
  static CommandLine parse(List<String> arguments) throws UsageException {
    Command command = null;
    boolean json = false;
    boolean help = false;
    boolean dryRun = false;
    Path socket = DEFAULT_SOCKET;
    Optional<Path> file = Optional.empty();
    for (int i = 0; i < arguments.size(); i++) {
      String word = arguments.get(i);
      if (word.equals("--help") || word.equals("-h")) {
        help = true;
      } else if (word.equals("--json")) {
        json = true;
      } else if (word.equals("--dry-run")) {
        dryRun = true;
      } else if (word.equals("--socket")) {
        i++;
        if (i == arguments.size() || arguments.get(i).isEmpty()) {
          throw new UsageException("--socket: expected a path after it, got nothing");
        }
        socket = Path.of(arguments.get(i));
      } else if (word.startsWith("-")) {
        throw new UsageException(
            "expected --json, --dry-run, --socket PATH or --help, got " + quote(word));
      } else if ((command == Command.INSTALL || command == Command.VERIFY)
          && file.isEmpty()
          && !word.isEmpty()) {
        file = Optional.of(Path.of(word).toAbsolutePath());
      } else if (command != null) {
        throw new UsageException(
            "expected nothing more after " + command.word + ", got " + quote(word));
      } else {
        command = commandOf(word);
      }
    }
    if (help) {
      return new CommandLine(Command.HELP, false, false, socket, Optional.empty());
    }
    if (command == null) {
      throw new UsageException("expected a command: " + words() + "; got none");
    }
    if (dryRun) {
      requireRehearsable(command);
    }
    if (json && !command.hasDocument && !dryRun) {
      throw new UsageException(
          "--json: expected it with status, history or --dry-run only, got it with "
              + command.word);
    }
    if (command == Command.VERIFY && file.isEmpty()) {
      throw new UsageException("verify: expected the bundle's file after it, got nothing");
    }
    return new CommandLine(command, dryRun, json, socket, file);
  }

  private static void requireRehearsable(Command command) throws UsageException {
    if (command != Command.INSTALL && command != Command.REMOVE) {
      throw new UsageException(
          "--dry-run: expected it with install or remove only, got it with " + command.word);
    }
  }

  private static Command commandOf(String word) throws UsageException {
    for (Command command : Command.values()) {
      if (command.word.equals(word)) {
        return command;
      }
    }
    throw new UsageException("expected a command: " + words() + "; got " + quote(word));
  }

  private static String words() {
    StringBuilder words = new StringBuilder();
    for (Command command : Command.values()) {
      words.append(words.length() == 0 ? "" : ", ").append(command.word);
    }
    return words.toString();
  }

  private static String quote(String word) {
    return "\"" + word + "\"";
  }

  /** The command line cannot be understood. */
  static final class UsageException extends Exception {
    private static final long serialVersionUID = 1L;

    UsageException(String message) {
      super(message);
    }
  }
}
