package dev.suture.publisher.repository;

import dev.suture.protocol.Baseline;
import dev.suture.protocol.Level;
import dev.suture.protocol.release.LevelEntry;
import dev.suture.protocol.release.SpreadFile;
import dev.suture.protocol.tuf.RootMetadata;
import dev.suture.protocol.tuf.SnapshotMetadata;
import dev.suture.protocol.tuf.TargetFile;
import dev.suture.protocol.tuf.TargetsMetadata;
import dev.suture.protocol.tuf.TimestampMetadata;
import dev.suture.publisher.device.DeviceView;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a repository says now, verified from a root on; expired or not.
 *
 * @param root the newest one
 * @param timestamp its version is the publication's
 * @param snapshot which versions belong together
 * @param targets what the publisher itself publishes
 * @param levels every published level, in the order of the metadata
 * @param sealed files that are spread ahead of their keys
 */
public record Published(
    RootMetadata root,
    TimestampMetadata timestamp,
    SnapshotMetadata snapshot,
    TargetsMetadata targets,
    List<LevelEntry> levels,
    List<SpreadFile> sealed) {
  /**
   * Reads it.
   *
   * @throws IllegalArgumentException if a target is a level or a sealed file, but malformed, or so
   *     is the root a bridge
   */
  public static Published of(DeviceView view) {
    return of(view.root(), view.timestamp(), view.snapshot(), view.targets());
  }

  /**
   * What it would say with other targets.
   *
   * @throws IllegalArgumentException as {@link #of}
   */
  public Published with(TargetsMetadata others) {
    return of(root, timestamp, snapshot, others);
  }

  private static Published of(
      RootMetadata root,
      TimestampMetadata timestamp,
      SnapshotMetadata snapshot,
      TargetsMetadata targets) {
    var unused = LostKeys.of(root); // A bridge that cannot be read is refused here.
    List<LevelEntry> levels = new ArrayList<>();
    List<SpreadFile> sealed = new ArrayList<>();
    for (Map.Entry<String, TargetFile> target : targets.targets().entrySet()) {
      LevelEntry.read(target.getKey(), target.getValue(), root.consistentSnapshot())
          .ifPresent(levels::add);
      SpreadFile.read(target.getKey(), target.getValue(), root.consistentSnapshot())
          .ifPresent(sealed::add);
    }
    levels.sort(
        Comparator.comparing((LevelEntry level) -> level.model())
            .thenComparing(level -> level.baseline().version())
            .thenComparing(LevelEntry::level));
    return new Published(
        root, timestamp, snapshot, targets, List.copyOf(levels), List.copyOf(sealed));
  }

  /** Whether lost keys of a role are being replaced, and the last root for that is not there. */
  public boolean isOnBridge() {
    return LostKeys.of(root).isPresent();
  }

  /** What devices are told: it grows with every publication. */
  public long version() {
    return timestamp.signed().version();
  }

  /** A level, withdrawn or not. */
  public Optional<LevelEntry> level(String model, Baseline baseline, Level level) {
    return levels.stream()
        .filter(entry -> entry.model().equals(model))
        .filter(entry -> entry.baseline().equals(baseline) && entry.level().equals(level))
        .findFirst();
  }

  /** The highest level of a baseline and model that is not withdrawn. */
  public Optional<LevelEntry> newest(String model, Baseline baseline) {
    return levels.stream()
        .filter(entry -> entry.model().equals(model) && entry.baseline().equals(baseline))
        .filter(entry -> entry.withdrawal().isEmpty())
        .max(Comparator.comparing(LevelEntry::level));
  }
}
