package dev.suture.live;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * A process that still uses what is not mounted any more.
 *
 * @param pid its number
 * @param ancestors its parent, the parent of that one, and so on
 * @param name what it is called, for people
 * @param how it uses it, for people: what it maps, has open, or stands in
 */
public record OldCode(int pid, List<Integer> ancestors, String name, String how) {
  /** Keeps a copy. */
  public OldCode {
    ancestors = Collections.unmodifiableList(new ArrayList<>(ancestors));
  }

  @Override
  public String toString() {
    return pid + " (" + name + "), which " + how;
  }
}
