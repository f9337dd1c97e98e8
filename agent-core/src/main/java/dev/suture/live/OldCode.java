package dev.suture.live;

import dev.suture.protocol.PrintableText;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * A process that still uses what is not mounted any more, or would if something else were mounted.
 *
 * @param pid its number
 * @param ancestors its parent, the parent of that one, and so on
 * @param name what it is called, for people
 * @param how it uses it, for people: what it maps, has open, or stands in
 * @param unit the service manager's unit that the kernel says it was started in, if there is one
 * @param start when it was started, in units of whoever tells of it: with its number, it is this
 *     process and no later one of the same number
 */
public record OldCode(
    int pid, List<Integer> ancestors, String name, String how, Optional<String> unit, long start) {
  private static final int CHARS_MAX = 120;

  /**
   * Keeps a copy. What a process calls itself and its files goes to the log and the status: control
   * characters become question marks, and long words are cut off.
   */
  public OldCode {
    name = PrintableText.of(name, CHARS_MAX);
    how = PrintableText.of(how, CHARS_MAX);
    ancestors = Collections.unmodifiableList(new ArrayList<>(ancestors));
  }

  /** A process whose start is not known. */
  public OldCode(int pid, List<Integer> ancestors, String name, String how, Optional<String> unit) {
    this(pid, ancestors, name, how, unit, 0);
  }

  /** Likewise, of no unit. */
  public OldCode(int pid, List<Integer> ancestors, String name, String how) {
    this(pid, ancestors, name, how, Optional.empty());
  }

  /** Whether the other one tells of the same process. */
  boolean isSameProcess(OldCode other) {
    return pid == other.pid && start == other.start;
  }

  @Override
  public String toString() {
    return pid + " (" + name + "), which " + how;
  }
}
