package dev.suture.publisher.cli;

import dev.suture.protocol.json.JsonText;
import dev.suture.publisher.Printable;
import dev.suture.publisher.PublisherException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/**
 * Where the tool talks: results on standard output, as text or as one JSON document; progress,
 * warnings and errors for people on standard error.
 */
final class Console {
  /** Everything was done. */
  static final int DONE = 0;

  /** The command line is wrong; nothing was begun. */
  static final int USAGE = 2;

  /** Others were asked to sign; nothing was published yet. */
  static final int AWAITED = 3;

  /** A rule or an input forbids it; nothing was published. */
  static final int REFUSED = 4;

  /** Something broke on the way. */
  static final int FAILED = 5;

  private final PrintStream out;
  private final PrintStream err;

  Console(PrintStream out, PrintStream err) {
    this.out = out;
    this.err = err;
  }

  PrintStream out() {
    return out;
  }

  /** Prints a result in one of its two forms. */
  void result(boolean json, String text, JsonText.Body document) {
    if (json) {
      print(JsonText.indented(document));
    } else {
      out.print(Printable.text(text));
      out.flush();
    }
  }

  /** Prints text that is a result already. */
  void print(byte[] text) {
    out.print(new String(text, StandardCharsets.UTF_8));
    out.flush();
  }

  /** One line of progress. */
  void progress(String line) {
    err.println(Printable.text(line));
    err.flush();
  }

  /** Prints an error and returns the exit code. */
  int error(boolean json, PublisherException e) {
    return switch (e.problem().outcome()) {
      case REFUSED -> error(json, "refused", e.problem().word(), e.details(), REFUSED);
      case AWAITED -> error(json, "waiting", e.problem().word(), e.details(), AWAITED);
      case FAILED -> error(json, "failed", e.problem().word(), e.details(), FAILED);
    };
  }

  /** Prints an error and returns the exit code. */
  int error(
      boolean json, String outcome, String problem, PublisherException.Details details, int exit) {
    err.println("suture-publish: " + outcome + " (" + problem + ")");
    err.println("  attempted: " + Printable.line(details.attempted()));
    err.println("  expected:  " + Printable.line(details.expected()));
    err.println("  got:       " + Printable.line(details.got()));
    err.println("  where:     " + Printable.line(details.where()));
    err.println("  to do:     " + Printable.line(details.todo()));
    err.flush();
    if (json) {
      print(
          JsonText.indented(
              document -> {
                document.name("error").beginObject();
                document.name("exit").value(exit);
                document.name("outcome").value(outcome);
                document.name("problem").value(problem);
                document.name("attempted").value(details.attempted());
                document.name("expected").value(details.expected());
                document.name("got").value(details.got());
                document.name("where").value(details.where());
                document.name("todo").value(details.todo());
                document.endObject();
              }));
    }
    return exit;
  }
}
