package dev.suture.arm64.cli;

import dev.suture.arm64.AgentBuild;
import dev.suture.arm64.cli.CommandLine.Command;
import dev.suture.arm64.cli.CommandLine.UsageException;
import dev.suture.arm64.control.ControlClient;
import dev.suture.arm64.control.ControlExit;
import dev.suture.arm64.control.ControlReply;
import dev.suture.protocol.json.StrictJson;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** {@code suture}: asks the agent on this device. */
public final class SutureCli {
  private static final int DOCUMENT_BYTES_MAX = 256 * 1024;

  private static final String HELP =
      """
      suture - security patches on this device

      usage: suture [--socket PATH] COMMAND [--json]

      commands
        status [--json]   what the device runs, whether it is protected, what is under way
        check             look for a patch now instead of at the next notice
        install [FILE]    go on with a patch that waits for permission or for its restart; with a
                          bundle file: install the patch in it, without network, by the same rules
        install --dry-run [FILE]
                          say what would restart for it: services and their processes, or the
                          device and why; nothing is begun
        verify FILE       say step by step what this device thinks of a bundle file
        remove            go back to the base images of the OS release; needs no network.
                          If what runs now is a patch, its services restart for that, or the
                          device: as the patch says (remove --dry-run says what)
        history [--json]  the attempts so far and how each one ended, the newest first
        version           the version of this tool and of the agent it came with
        help, --help, -h  this text

      options
        --dry-run         with install and remove: only say what would restart
        --json            print the agent's document, one line of JSON, instead of a table
        --socket PATH     where the agent listens (default /run/suture/control.sock)

      Only root is answered. check, install and remove start something and return: how it goes on
      is shown by status.

      exit codes
        0  done; or begun, where it takes longer
        2  the command line is wrong: what was expected is on standard error
        3  the agent does not answer. The device keeps running what it runs
        4  refused: the code and the reason are on standard error
        5  failed: the code and the reason are on standard error

      codes look like SUT-602. 1xx: the bytes of a patch were not acceptable; 2xx: it is not for
      this device; 3xx: the network, may pass; 4xx: this device, a person has to look; 5xx: a patch
      was tried and was not good; 6xx: this command.
      """;

  private final PrintStream out;
  private final PrintStream err;
  private final Agent agent;

  /** Asks an agent. */
  @FunctionalInterface
  interface Agent {
    ControlReply send(Path socket, String command, Optional<Path> file) throws IOException;
  }

  SutureCli(PrintStream out, PrintStream err, Agent agent) {
    this.out = out;
    this.err = err;
    this.agent = agent;
  }

  /** Runs one command and exits with its code. */
  public static void main(String[] arguments) {
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    PrintStream err = new PrintStream(System.err, true, StandardCharsets.UTF_8);
    SutureCli cli =
        new SutureCli(
            out, err, (socket, command, file) -> new ControlClient(socket).send(command, file));
    System.exit(cli.run(List.of(arguments)).number());
  }

  ControlExit run(List<String> arguments) {
    CommandLine line;
    try {
      line = CommandLine.parse(arguments);
    } catch (UsageException | InvalidPathException e) {
      err.println("suture: " + e.getMessage());
      err.println("suture --help explains.");
      return ControlExit.USAGE;
    }
    return switch (line.command()) {
      case HELP -> {
        out.print(HELP);
        yield ControlExit.DONE;
      }
      case VERSION -> {
        out.println("suture " + AgentBuild.version());
        yield ControlExit.DONE;
      }
      case STATUS, CHECK, INSTALL, VERIFY, REMOVE, HISTORY -> ask(line);
    };
  }

  private ControlExit ask(CommandLine line) {
    ControlReply reply;
    try {
      reply = agent.send(line.socket(), line.word(), line.file());
    } catch (IOException e) {
      err.println("suture: the agent does not answer at " + line.socket() + ": " + e.getMessage());
      return ControlExit.UNREACHABLE;
    }
    if (reply.exit() != ControlExit.DONE) {
      err.println("suture: " + reply.text());
      return reply.exit();
    }
    String document = reply.document();
    if (line.json()) {
      if (document == null) {
        err.println("suture: expected a document from the agent, got text only: " + reply.text());
        return ControlExit.FAILED;
      }
      out.println(document);
    } else if (line.command() == Command.STATUS && document != null) {
      out.print(table(document, reply.text()));
    } else {
      out.println(reply.text());
    }
    return ControlExit.DONE;
  }

  /** The agent's own text is good enough where its document is newer or older than this table. */
  private static String table(String document, String text) {
    try {
      return StatusTable.render(
          StrictJson.parse(
              "status", document.getBytes(StandardCharsets.UTF_8), DOCUMENT_BYTES_MAX));
    } catch (IllegalArgumentException e) {
      return text + System.lineSeparator();
    }
  }
}
