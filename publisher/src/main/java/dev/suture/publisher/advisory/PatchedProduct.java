package dev.suture.publisher.advisory;

import dev.suture.protocol.manifest.Manifest;

/**
 * What a device can run of one baseline: the OS release as flashed, or one level of it.
 *
 * @param id in CSAF documents, unique among the products of one baseline and model
 * @param version for people: {@code 26.1} or {@code 26.1 (a)}
 * @param name model and version
 * @param packageUrl {@code pkg:generic/HOST/MODEL@BASELINE?level=LETTER}; {@code level=base}
 *     without a patch, as a URL that names no level would speak of all of them
 */
record PatchedProduct(String id, String version, String name, String packageUrl) {
  /** As flashed. */
  static PatchedProduct base(Manifest manifest, AdvisoryContext context) {
    return of(manifest, context, manifest.baseline().version(), "base");
  }

  /** With the manifest's level. */
  static PatchedProduct patched(Manifest manifest, AdvisoryContext context) {
    return of(manifest, context, manifest.title(), manifest.level().letters());
  }

  private static PatchedProduct of(
      Manifest manifest, AdvisoryContext context, String version, String level) {
    String baseline = manifest.baseline().version();
    return new PatchedProduct(
        manifest.model() + "-" + baseline + "-" + level,
        version,
        manifest.model() + " " + version,
        "pkg:generic/"
            + context.host()
            + "/"
            + encoded(manifest.model())
            + "@"
            + encoded(baseline)
            + "?level="
            + level);
  }

  /** Of the characters that both can have, only the plus is encoded. */
  private static String encoded(String word) {
    return word.replace("+", "%2B");
  }

  /** Id of a package as a part of this product. */
  String part(FixedPackage part) {
    return id + ":" + part.url();
  }
}
