package dev.suture.live;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * A process that still uses what is not mounted any more, or would if something else were mounted.
 *
 * @param pid its number
 * @param ancestors its parent, the parent of that one, and so on
 * @param name what it is called, for people
 * @param how it uses it, for people: what it maps, has open, or stands in
 */
public record OldCode(int pid, List<Integer> ancestors, String name, String how) {
  private static final int CHARS_MAX = 120;

  /**
   * Keeps a copy. What a process calls itself and its files goes to the log and the status: control
   * characters become question marks, and long words are cut off.
   */
  public OldCode {
    name = printable(name);
    how = printable(how);
    ancestors = Collections.unmodifiableList(new ArrayList<>(ancestors));
  }

  private static String printable(String text) {
    return text.substring(0, Math.min(CHARS_MAX, text.length())).replaceAll("[^ -~]", "?");
  }

  @Override
  public String toString() {
    return pid + " (" + name + "), which " + how;
  }
}
