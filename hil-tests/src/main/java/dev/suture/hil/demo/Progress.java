package dev.suture.hil.demo;

import java.io.PrintStream;
import java.util.Locale;

/** Tells a person what happens, with the seconds since the start. */
final class Progress {
  private final PrintStream out;
  private final long startNanos = System.nanoTime();

  Progress(PrintStream out) {
    this.out = out;
  }

  /** Seconds since the start. */
  double seconds() {
    return (System.nanoTime() - startNanos) / 1e9;
  }

  /** A chapter of the story begins. */
  void chapter(String title) {
    out.println();
    say("== " + title);
  }

  /** Something was done or seen. */
  void say(String text) {
    out.printf(Locale.ROOT, "[%6.1f s] %s%n", seconds(), text);
  }

  /** A command line, as a user would type it. */
  void command(String line) {
    say("$ " + line);
  }

  /** What a command printed, or more lines of what was said. */
  void detail(String text) {
    text.stripTrailing().lines().forEach(line -> out.println("           | " + line));
  }

  /** A line of its own. */
  void plain(String text) {
    out.println(text);
  }
}
