package dev.suture.publisher.release;

import dev.suture.protocol.Baseline;
import dev.suture.protocol.ComponentName;
import dev.suture.protocol.Level;
import dev.suture.protocol.Sha256;
import dev.suture.protocol.manifest.Advisory;
import dev.suture.protocol.manifest.Compatibility;
import dev.suture.protocol.manifest.HealthPlan;
import dev.suture.protocol.manifest.Manifest;
import dev.suture.protocol.manifest.OsParts;
import dev.suture.protocol.manifest.RestartScope;
import dev.suture.protocol.release.LevelEntry;
import dev.suture.protocol.release.Rollout;
import dev.suture.publisher.repository.Publication;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What is to be published.
 *
 * @param baseline the OS release that is patched
 * @param model the device model
 * @param level the letter
 * @param components at least one, names distinct
 * @param advisories what it fixes
 * @param health how a device tells that it works
 * @param restart the smallest sufficient restart
 * @param compatibility what else it asks of the device
 * @param rollout who may install it; everybody if it is not said
 * @param bases digest of every base image of the baseline; empty if it was not recorded
 */
public record ReleaseRequest(
    Baseline baseline,
    String model,
    Level level,
    List<ComponentSource> components,
    List<Advisory> advisories,
    HealthPlan health,
    RestartScope restart,
    Compatibility compatibility,
    Optional<Rollout> rollout,
    Map<ComponentName, Sha256> bases) {

  /** Copies the lists and checks their lengths. */
  public ReleaseRequest {
    components = List.copyOf(components);
    advisories = List.copyOf(advisories);
    bases = Map.copyOf(bases);
    // What the metadata will not take is refused here, before minutes of work.
    var unused =
        LevelEntry.read(
            LevelEntry.path(model, baseline, level), Publication.targetFile(new byte[0]), true);
    if (components.isEmpty() || components.size() > Manifest.COMPONENTS_MAX) {
      throw new IllegalArgumentException(
          "components: expected 1 to " + Manifest.COMPONENTS_MAX + ", got " + components.size());
    }
    Set<ComponentName> names =
        components.stream().map(ComponentSource::name).collect(Collectors.toSet());
    if (names.size() != components.size()) {
      throw new IllegalArgumentException("components: expected each name once");
    }
    OsParts.check(names, restart);
    if (advisories.size() > Manifest.ADVISORIES_MAX) {
      throw new IllegalArgumentException(
          "advisories: expected at most " + Manifest.ADVISORIES_MAX + ", got " + advisories.size());
    }
    if (advisories.stream().map(a -> a.id() + " " + a.packageUrl()).distinct().count()
        != advisories.size()) {
      throw new IllegalArgumentException("advisories: expected each id once for a package");
    }
  }

  /** For everybody, asking nothing else of the device, of a baseline that was not recorded. */
  public ReleaseRequest(
      Baseline baseline,
      String model,
      Level level,
      List<ComponentSource> components,
      List<Advisory> advisories,
      HealthPlan health,
      RestartScope restart) {
    this(
        baseline,
        model,
        level,
        components,
        advisories,
        health,
        restart,
        Compatibility.NONE,
        Optional.empty(),
        Map.of());
  }

  /** For people: {@code 26.1 (a)}. */
  public String title() {
    return baseline.with(level);
  }
}
