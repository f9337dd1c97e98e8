package dev.suture.publisher.keys.role;

import dev.suture.protocol.json.Fields;
import dev.suture.protocol.tuf.DelegatedRole;
import dev.suture.protocol.tuf.DraftMetadata;
import dev.suture.protocol.tuf.MetaFile;
import dev.suture.protocol.tuf.PathPattern;
import dev.suture.protocol.tuf.RoleKeys;
import dev.suture.protocol.tuf.RoleType;
import dev.suture.protocol.tuf.RootMetadata;
import dev.suture.protocol.tuf.SignedMetadata;
import dev.suture.protocol.tuf.SnapshotMetadata;
import dev.suture.protocol.tuf.TargetsMetadata;
import dev.suture.protocol.tuf.TimestampMetadata;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Says for people what metadata says. */
final class DraftSummary {
  /** Most lines; the last one says how many are not shown. */
  static final int LINES_MAX = 500;

  private static final int TARGETS_MAX = 50_000;
  private static final int LINE_CHARS_MAX = 400;

  private final List<String> lines = new ArrayList<>();
  private int hidden;

  private DraftSummary() {}

  static List<String> of(String role, DraftMetadata draft) {
    DraftSummary summary = new DraftSummary();
    SignedMetadata read = draft.read();
    summary.add(role + " version " + read.version() + ", expires " + read.expires());
    switch (read.type()) {
      case ROOT -> summary.root(new RootMetadata(read));
      case TIMESTAMP -> summary.file("snapshot", new TimestampMetadata(read).snapshot());
      case SNAPSHOT -> new TreeMap<>(new SnapshotMetadata(read).roles()).forEach(summary::file);
      case TARGETS -> summary.targets(new TargetsMetadata(read));
    }
    if (summary.hidden > 0) {
      summary.lines.add("and " + summary.hidden + " more lines");
    }
    return List.copyOf(summary.lines);
  }

  private void root(RootMetadata root) {
    add("consistent snapshot: " + root.consistentSnapshot());
    for (RoleType type : RoleType.values()) {
      keys(type.word(), root.keysOf(type));
    }
  }

  private void keys(String who, RoleKeys keys) {
    add(who + ": " + keys.threshold() + " of " + keys.keys().size() + " keys");
    keys.keys().forEach((id, key) -> add("  " + id + " " + key.scheme()));
  }

  private void file(String name, MetaFile file) {
    add(name + " version " + file.version());
  }

  private void targets(TargetsMetadata targets) {
    Map<String, Fields> files =
        new TreeMap<>(targets.signed().signed().objectsByName("targets", TARGETS_MAX));
    add("targets: " + files.size());
    files.forEach(
        (path, fields) -> {
          StringBuilder line = new StringBuilder("  ").append(path);
          targets
              .target(path)
              .ifPresent(
                  file -> {
                    line.append(", ").append(file.length()).append(" bytes");
                    file.hashes()
                        .hex()
                        .forEach(
                            (name, hex) -> line.append(", ").append(name).append(' ').append(hex));
                  });
          add(line + (fields.has("custom") ? ", with custom members" : ""));
        });
    for (DelegatedRole role : targets.delegations()) {
      List<String> patterns = role.paths().stream().map(PathPattern::text).toList();
      add(
          "delegates to "
              + role.name()
              + (role.terminating() ? " (terminating)" : "")
              + ": "
              + String.join(" ", role.paths().isEmpty() ? role.pathHashPrefixes() : patterns));
      keys("  " + role.name(), role.keys());
    }
  }

  private void add(String line) {
    if (lines.size() >= LINES_MAX - 1) {
      hidden++;
      return;
    }
    lines.add(harmless(line));
  }

  /** Nothing in it moves the cursor, turns the direction of writing, or is invisible. */
  private static String harmless(String line) {
    StringBuilder text = new StringBuilder();
    line.codePoints()
        .limit(LINE_CHARS_MAX)
        .forEach(
            c -> {
              if (c >= ' ' && c <= '~') {
                text.append((char) c);
              } else {
                text.append(String.format("\\u{%x}", c));
              }
            });
    return text + (line.codePointCount(0, line.length()) > LINE_CHARS_MAX ? "..." : "");
  }
}
