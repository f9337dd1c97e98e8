package dev.suture.publisher.advisory;

import dev.suture.protocol.manifest.Advisory;
import dev.suture.protocol.manifest.Manifest;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * One vulnerability that a level closes, and what that means for everything a device can run.
 *
 * @param id its name
 * @param summaries sentences for people, each once
 * @param packages what was fixed, each once
 * @param vectors CVSS vectors, the highest score of 3.x and of 4.0
 * @param affected base, and the earlier levels that do not close it
 * @param fixedEarlier earlier levels that close it as well
 */
record Finding(
    VulnerabilityId id,
    List<String> summaries,
    List<FixedPackage> packages,
    List<CvssVector> vectors,
    List<PatchedProduct> affected,
    List<PatchedProduct> fixedEarlier) {

  /** All of a manifest, in the order in which it names them first; its advisories were checked. */
  static List<Finding> of(Manifest manifest, List<Manifest> earlier, AdvisoryContext context) {
    Map<String, List<Advisory>> byId = new LinkedHashMap<>();
    for (Advisory advisory : manifest.advisories()) {
      byId.computeIfAbsent(advisory.id(), id -> new ArrayList<>()).add(advisory);
    }
    Map<PatchedProduct, Set<String>> closedBy = new LinkedHashMap<>();
    for (Manifest level : earlier) {
      closedBy.put(PatchedProduct.patched(level, context), closed(level));
    }
    List<Finding> findings = new ArrayList<>();
    for (List<Advisory> advisories : byId.values()) {
      List<PatchedProduct> affected = new ArrayList<>();
      List<PatchedProduct> fixed = new ArrayList<>();
      affected.add(PatchedProduct.base(manifest, context));
      closedBy.forEach(
          (product, closed) ->
              (advisories.stream().allMatch(advisory -> closed.contains(key(advisory)))
                      ? fixed
                      : affected)
                  .add(product));
      findings.add(of(advisories, affected, fixed));
    }
    return findings;
  }

  private static Finding of(
      List<Advisory> advisories, List<PatchedProduct> affected, List<PatchedProduct> fixed) {
    Set<String> summaries = new LinkedHashSet<>();
    Map<String, FixedPackage> packages = new LinkedHashMap<>();
    List<CvssVector> vectors = new ArrayList<>();
    for (Advisory advisory : advisories) {
      summaries.add(advisory.summary());
      packages.putIfAbsent(advisory.packageUrl(), FixedPackage.parse(advisory.packageUrl()));
      advisory.cvss().map(CvssVector::parse).ifPresent(vectors::add);
    }
    List<CvssVector> highest = new ArrayList<>();
    highest(vectors, false).ifPresent(highest::add);
    highest(vectors, true).ifPresent(highest::add);
    return new Finding(
        new VulnerabilityId(advisories.get(0).id()),
        List.copyOf(summaries),
        List.copyOf(packages.values()),
        List.copyOf(highest),
        List.copyOf(affected),
        List.copyOf(fixed));
  }

  /** Of equal scores the first. */
  private static Optional<CvssVector> highest(List<CvssVector> vectors, boolean four) {
    return vectors.stream()
        .filter(vector -> vector.isVersion4() == four)
        .reduce((best, next) -> next.baseScore() > best.baseScore() ? next : best);
  }

  private static Set<String> closed(Manifest level) {
    Set<String> keys = new LinkedHashSet<>();
    level.advisories().forEach(advisory -> keys.add(key(advisory)));
    return keys;
  }

  /** A level closes it only if it fixes the same packages, in whatever version. */
  private static String key(Advisory advisory) {
    String url = advisory.packageUrl();
    try {
      url = FixedPackage.parse(url).anyVersion();
    } catch (IllegalArgumentException e) {
      // An earlier level, published before the rules were: then only the same text is the same.
    }
    return advisory.id() + " " + url;
  }

  /** The worst severity of any, if any has a vector. */
  static Optional<CvssVector.Severity> worst(List<Finding> findings) {
    return findings.stream()
        .flatMap(finding -> finding.vectors().stream())
        .map(CvssVector::severity)
        .max(Comparator.naturalOrder());
  }
}
