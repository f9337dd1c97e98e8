package dev.suture.live;

import dev.suture.protocol.PrintableText;
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
    name = PrintableText.of(name, CHARS_MAX);
    how = PrintableText.of(how, CHARS_MAX);
    ancestors = Collections.unmodifiableList(new ArrayList<>(ancestors));
  }

  @Override
  public String toString() {
    return pid + " (" + name + "), which " + how;
  }
}
