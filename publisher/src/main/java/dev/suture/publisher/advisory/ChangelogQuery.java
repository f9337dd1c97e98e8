package dev.suture.publisher.advisory;

import java.nio.file.Path;

/**
 * Which entries of a Debian changelog count.
 *
 * @param binaryPackage for messages: the package in the component, for example {@code libssl3}
 * @param from the version in the base image; its fixes are there already
 * @param to the version in the new image
 * @param file the package's {@code changelog.Debian.gz}, compressed or not
 */
public record ChangelogQuery(
    String binaryPackage, DebianVersion from, DebianVersion to, Path file) {
  /** How the option is written. */
  public static final String FORM = "PKG=VERSION_OLD..VERSION_NEW,FILE";

  /** Checks the order of the versions. */
  public ChangelogQuery {
    if (from.compareTo(to) >= 0) {
      throw new IllegalArgumentException(
          "expected a newer version after .., got " + from + ".." + to);
    }
  }

  /**
   * Reads the option's value.
   *
   * @throws IllegalArgumentException if it has another form
   */
  public static ChangelogQuery parse(String text) {
    int equals = text.indexOf('=');
    int dots = text.indexOf("..", equals + 1);
    int comma = text.indexOf(',', dots + 2);
    if (equals < 1 || dots < 0 || comma < 0 || comma == text.length() - 1) {
      throw new IllegalArgumentException("expected " + FORM + ", got \"" + text + "\"");
    }
    return new ChangelogQuery(
        text.substring(0, equals),
        new DebianVersion(text.substring(equals + 1, dots)),
        new DebianVersion(text.substring(dots + 2, comma)),
        Path.of(text.substring(comma + 1)));
  }
}
