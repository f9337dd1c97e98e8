package dev.suture.publisher.release;

import dev.suture.protocol.Baseline;
import dev.suture.protocol.FileRef;
import dev.suture.protocol.Level;
import dev.suture.protocol.ReleaseIndex;
import dev.suture.protocol.Sha256;
import dev.suture.protocol.manifest.Advisory;
import dev.suture.protocol.manifest.HealthPlan;
import dev.suture.protocol.manifest.Manifest;
import dev.suture.protocol.manifest.RestartScope;
import java.util.List;

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
 */
public record ReleaseRequest(
    Baseline baseline,
    String model,
    Level level,
    List<ComponentSource> components,
    List<Advisory> advisories,
    HealthPlan health,
    RestartScope restart) {
  private static final FileRef ANY_FILE =
      new FileRef("manifests/any.json", 0, Sha256.of(new byte[0]));

  /** Copies the lists and checks their lengths. */
  public ReleaseRequest {
    components = List.copyOf(components);
    advisories = List.copyOf(advisories);
    // What the index will not take is refused here, before minutes of work.
    var unused = new ReleaseIndex.Entry(baseline, model, level, ANY_FILE, false);
    if (components.isEmpty() || components.size() > Manifest.COMPONENTS_MAX) {
      throw new IllegalArgumentException(
          "components: expected 1 to " + Manifest.COMPONENTS_MAX + ", got " + components.size());
    }
    if (components.stream().map(ComponentSource::name).distinct().count() != components.size()) {
      throw new IllegalArgumentException("components: expected each name once");
    }
    if (advisories.size() > Manifest.ADVISORIES_MAX) {
      throw new IllegalArgumentException(
          "advisories: expected at most " + Manifest.ADVISORIES_MAX + ", got " + advisories.size());
    }
    if (advisories.stream().map(a -> a.id() + " " + a.packageUrl()).distinct().count()
        != advisories.size()) {
      throw new IllegalArgumentException("advisories: expected each id once for a package");
    }
  }

  /** For people: {@code 26.1 (a)}. */
  public String title() {
    return baseline.with(level);
  }
}
