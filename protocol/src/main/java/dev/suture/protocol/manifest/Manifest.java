package dev.suture.protocol.manifest;

import dev.suture.protocol.Baseline;
import dev.suture.protocol.ComponentName;
import dev.suture.protocol.Level;
import dev.suture.protocol.Sha256;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * One patch: a set of component images for one baseline, published as one level. Cumulative: every
 * delta is from a base image, never from another level.
 *
 * @param baseline the OS release
 * @param level the letter
 * @param model the device model
 * @param minimumAgent oldest agent version that can install it, for example {@code 0.1.0}
 * @param restart the smallest sufficient restart
 * @param components at least one, at most {@link #COMPONENTS_MAX}, names distinct; of the {@link
 *     OsParts} both or none, and then {@code restart} is {@code REBOOT}
 * @param advisories what it fixes, at most {@link #ADVISORIES_MAX}
 * @param health how to tell that it works
 * @param compatibility what else it asks of the device, and leaves behind
 */
public record Manifest(
    Baseline baseline,
    Level level,
    String model,
    AgentVersion minimumAgent,
    RestartScope restart,
    List<PatchComponent> components,
    List<Advisory> advisories,
    HealthPlan health,
    Compatibility compatibility) {
  /** Longest manifest that is read. */
  public static final int BYTES_MAX = 1 << 20;

  /** Most components of one patch. */
  public static final int COMPONENTS_MAX = 32;

  /** Most advisories of one patch. */
  public static final int ADVISORIES_MAX = 1_000;

  /** Copies the lists and checks the components. */
  public Manifest {
    components = Collections.unmodifiableList(new ArrayList<>(components));
    advisories = Collections.unmodifiableList(new ArrayList<>(advisories));
    if (components.isEmpty() || components.size() > COMPONENTS_MAX) {
      throw new IllegalArgumentException(
          "components: expected 1 to " + COMPONENTS_MAX + ", got " + components.size());
    }
    Set<ComponentName> names =
        components.stream().map(PatchComponent::name).collect(Collectors.toSet());
    if (names.size() != components.size()) {
      throw new IllegalArgumentException("components: expected distinct names");
    }
    OsParts.check(names, restart);
  }

  /** A patch that asks nothing else of the device. */
  public Manifest(
      Baseline baseline,
      Level level,
      String model,
      AgentVersion minimumAgent,
      RestartScope restart,
      List<PatchComponent> components,
      List<Advisory> advisories,
      HealthPlan health) {
    this(
        baseline,
        level,
        model,
        minimumAgent,
        restart,
        components,
        advisories,
        health,
        Compatibility.NONE);
  }

  /** The same patch with other demands. */
  public Manifest with(Compatibility other) {
    return new Manifest(
        baseline, level, model, minimumAgent, restart, components, advisories, health, other);
  }

  /** For people: {@code 26.1 (a)}. */
  public String title() {
    return baseline.with(level);
  }

  /** Whether it brings an OS of its own. */
  public boolean hasOs() {
    return component(OsParts.BOOT).isPresent();
  }

  /** What this patch makes of a component, if it touches it. */
  public Optional<PatchComponent> component(ComponentName name) {
    return components.stream().filter(component -> component.name().equals(name)).findFirst();
  }

  /** Digest of the encoded manifest: the identity of the patch. */
  public Sha256 digest() {
    return Sha256.of(ManifestCodec.encode(this));
  }
}
