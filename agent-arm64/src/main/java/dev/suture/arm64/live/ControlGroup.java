package dev.suture.arm64.live;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The service of systemd that a process belongs to, by its control group: {@code /proc/PID/cgroup},
 * see cgroups(7). The kernel keeps it, and a process is where it was put by whoever may write
 * there: systemd. Only whom systemd leaves a part of the tree to can make groups with names of his
 * choice, and only below his own unit. So the unit is the first group from the root that is no
 * slice, and what is called like a service below it counts for nothing.
 */
final class ControlGroup {
  private static final String SLICE = ".slice";
  private static final String SERVICE = ".service";

  /** Where systemd keeps track of units: on version 1 in a hierarchy of its own. */
  private static final String UNIFIED = "";

  private static final String NAMED = "name=systemd";
  private static final String ROOT = "/";
  private static final int WORDS = 3;

  /** Systemd puts it before a name that the kernel would take for a file of its own. */
  private static final char ESCAPE = '_';

  private ControlGroup() {}

  /**
   * The name of the service's unit.
   *
   * @param lines of the file: {@code number:controllers:path}
   * @return nothing for what belongs to no service: the kernel's threads, sessions and scopes, what
   *     another program than systemd put somewhere, and what two hierarchies do not agree upon
   */
  static Optional<String> service(String lines) {
    Set<String> paths = new HashSet<>();
    for (String line : lines.split("\n", -1)) {
      String[] words = line.split(":", WORDS);
      if (words.length == WORDS && (words[1].equals(UNIFIED) || words[1].equals(NAMED))) {
        paths.add(words[2]);
      }
    }
    // Who uses one hierarchy for units leaves everybody at the root of the other.
    paths.remove(ROOT);
    return paths.size() == 1 ? serviceOf(paths.iterator().next()) : Optional.empty();
  }

  private static Optional<String> serviceOf(String path) {
    if (!path.startsWith(ROOT)) {
      return Optional.empty();
    }
    List<String> groups = Arrays.asList(path.substring(1).split("/", -1));
    String slice = "";
    for (String group : groups) {
      String name = unescaped(group);
      if (!name.endsWith(SLICE)) {
        return Optional.of(name).filter(ControlGroup::isService);
      }
      String stem = name.substring(0, name.length() - SLICE.length());
      if (!isBelow(stem, slice)) {
        return Optional.empty();
      }
      slice = stem;
    }
    return Optional.empty();
  }

  /** The name of a slice begins with that of the slice that it is in. */
  private static boolean isBelow(String slice, String parent) {
    String own =
        parent.isEmpty()
            ? slice
            : slice.startsWith(parent + "-") ? slice.substring(parent.length() + 1) : "";
    return !own.isEmpty() && own.indexOf('-') < 0;
  }

  private static boolean isService(String name) {
    return name.endsWith(SERVICE) && name.length() > SERVICE.length();
  }

  private static String unescaped(String group) {
    return !group.isEmpty() && group.charAt(0) == ESCAPE ? group.substring(1) : group;
  }
}
