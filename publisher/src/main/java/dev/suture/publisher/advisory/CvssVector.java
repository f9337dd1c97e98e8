package dev.suture.publisher.advisory;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import us.springett.cvss.Cvss;
import us.springett.cvss.MalformedVectorException;

/**
 * A CVSS vector of version 3.0, 3.1 or 4.0, with the score and severity of its base metrics.
 *
 * @param text as it was given
 * @param version {@code 3.0}, {@code 3.1} or {@code 4.0}
 * @param baseScore 0.0 to 10.0, one digit after the point; metrics of threat and environment do not
 *     count
 */
record CvssVector(String text, String version, double baseScore) {
  private static final List<String> VERSIONS = List.of("3.0", "3.1", "4.0");

  /** Checked here, as the library's parser is not made for anything else. */
  private static final Pattern METRIC = Pattern.compile("[A-Z]{1,3}:[A-Z][A-Za-z]{0,7}");

  /** First metrics of a version 4.0 vector, which gives their order. */
  private static final int BASE_METRICS_V4 = 11;

  /** The qualitative rating scale, the same in all these versions. */
  enum Severity {
    NONE,
    LOW,
    MEDIUM,
    HIGH,
    CRITICAL
  }

  /**
   * Reads a vector and computes its score.
   *
   * @throws IllegalArgumentException if a metric is unknown, missing, there twice, has a value that
   *     it cannot have, or (version 4.0) is out of order
   */
  static CvssVector parse(String text) {
    String[] parts = text.split("/", -1);
    String version = parts[0].startsWith("CVSS:") ? parts[0].substring("CVSS:".length()) : "";
    if (!VERSIONS.contains(version)) {
      throw new IllegalArgumentException("expected CVSS:3.0/…, CVSS:3.1/… or CVSS:4.0/…");
    }
    List<String> metrics = List.of(parts).subList(1, parts.length);
    Set<String> names = new HashSet<>();
    for (String metric : metrics) {
      if (!METRIC.matcher(metric).matches()) {
        throw new IllegalArgumentException("expected NAME:VALUE between slashes");
      }
      if (!names.add(metric.replaceFirst(":.*", ""))) {
        throw new IllegalArgumentException("expected each metric once, got two of " + metric);
      }
    }
    requireTheSame(text, metrics, version);
    boolean four = version.equals("4.0");
    String base =
        four ? String.join("/", Arrays.asList(parts).subList(0, BASE_METRICS_V4 + 1)) : text;
    return new CvssVector(text, version, read(base).calculateScore().getBaseScore());
  }

  /** The library passes over what it does not know; what it understood has to be all there is. */
  private static void requireTheSame(String text, List<String> metrics, String version) {
    List<String> given = new ArrayList<>(metrics);
    given.removeIf(metric -> metric.endsWith(":X"));
    String understood = read(text).getVector();
    List<String> read = Arrays.asList(understood.substring(understood.indexOf('/') + 1).split("/"));
    boolean same =
        version.equals("4.0")
            ? given.equals(read)
            : given.size() == read.size() && Set.copyOf(given).equals(Set.copyOf(read));
    if (!same) {
      throw new IllegalArgumentException("expected the metrics " + String.join("/", read));
    }
  }

  private static Cvss read(String text) {
    try {
      return Cvss.fromVector(text);
    } catch (MalformedVectorException e) {
      throw new IllegalArgumentException(String.valueOf(e.getMessage()), e);
    }
  }

  /** Whether CSAF 2.0, which is older than CVSS 4.0, has no field for it. */
  boolean isVersion4() {
    return version.equals("4.0");
  }

  /** What the score means. */
  Severity severity() {
    if (baseScore <= 0) {
      return Severity.NONE;
    } else if (baseScore < 4) {
      return Severity.LOW;
    } else if (baseScore < 7) {
      return Severity.MEDIUM;
    }
    return baseScore < 9 ? Severity.HIGH : Severity.CRITICAL;
  }
}
