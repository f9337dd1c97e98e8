package dev.suture.publisher.advisory;

import com.github.packageurl.MalformedPackageURLException;
import com.github.packageurl.PackageURL;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * A package as its package URL names it.
 *
 * @param url as it was given
 * @param vendor the URL's namespace, or its type where it has none
 * @param name the package's name, decoded
 * @param version decoded, if the URL has one
 * @param anyVersion the URL without version and qualifiers: what is the same in every release
 */
record FixedPackage(
    String url, String vendor, String name, Optional<String> version, String anyVersion) {
  /**
   * Reads a package URL.
   *
   * @throws IllegalArgumentException if it is not one, or not in the form that tools compare
   */
  static FixedPackage parse(String url) {
    if (!StandardCharsets.US_ASCII.newEncoder().canEncode(url)) {
      throw new IllegalArgumentException("expected ASCII, and other characters percent-encoded");
    }
    try {
      PackageURL read = new PackageURL(url);
      if (!url.startsWith("pkg:" + read.getType() + "/")) {
        throw new IllegalArgumentException(
            "expected pkg:" + read.getType() + "/…, lower case, no other slash before it");
      }
      Optional<String> version = Optional.ofNullable(read.getVersion());
      if (version.isPresent() && version.get().isBlank()) {
        throw new IllegalArgumentException("expected a version after @");
      }
      Optional<String> namespace = Optional.ofNullable(read.getNamespace());
      if (read.getType().equals("deb") && namespace.isEmpty()) {
        throw new IllegalArgumentException("expected pkg:deb/VENDOR/NAME");
      }
      PackageURL any =
          new PackageURL(read.getType(), read.getNamespace(), read.getName(), null, null, null);
      return new FixedPackage(
          url, namespace.orElse(read.getType()), read.getName(), version, any.canonicalize());
    } catch (MalformedPackageURLException e) {
      throw new IllegalArgumentException(
          "expected a package URL such as pkg:deb/debian/openssl@3.0.22: " + e.getMessage(), e);
    }
  }
}
