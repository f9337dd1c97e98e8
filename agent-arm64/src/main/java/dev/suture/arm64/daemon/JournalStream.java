package dev.suture.arm64.daemon;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * Standard error where systemd's journal reads it: every line of the log begins with its level as
 * sd-daemon(3) has it ({@code <4>WARN ...}), which the journal takes off, and without the date,
 * which it has itself.
 */
final class JournalStream extends PrintStream {
  private static final Path STANDARD_ERROR = Path.of("/proc/self/fd/2");

  /** Device and inode of the journal's socket; inherited by whom the output is not the journal. */
  private static final String VARIABLE = "JOURNAL_STREAM";

  private static final String SHOW_DATE = "org.slf4j.simpleLogger.showDateTime";

  JournalStream(OutputStream target) {
    super(target, true, StandardCharsets.UTF_8);
  }

  /** Makes it standard error, if the journal reads that. To be called before the first logger. */
  static void useIfRead(Map<String, String> environment) {
    if (isJournal(environment, STANDARD_ERROR)) {
      System.setProperty(SHOW_DATE, "false");
      System.setErr(new JournalStream(System.err));
    }
  }

  static boolean isJournal(Map<String, String> environment, Path descriptor) {
    String stream = environment.getOrDefault(VARIABLE, "");
    try {
      String inode = stream.substring(stream.indexOf(':') + 1);
      return !inode.isEmpty()
          && Files.readSymbolicLink(descriptor).toString().equals("socket:[" + inode + "]");
    } catch (IOException e) {
      return false;
    }
  }

  /** One message of the log, which may have several lines. */
  @Override
  public void println(String message) {
    String level = level(message);
    super.println(level + message.replace("\n", "\n" + level));
  }

  private static String level(String message) {
    if (message.startsWith("ERROR ")) {
      return "<3>";
    }
    return message.startsWith("WARN ") ? "<4>" : "<6>";
  }
}
