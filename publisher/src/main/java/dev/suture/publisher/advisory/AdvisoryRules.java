package dev.suture.publisher.advisory;

import dev.suture.protocol.manifest.Advisory;
import dev.suture.publisher.Problem;
import dev.suture.publisher.PublisherException;
import dev.suture.publisher.PublisherException.Details;
import java.util.List;
import java.util.function.Consumer;

/** What an advisory has to look like before it is signed, and before it is written down. */
public final class AdvisoryRules {
  static final int SUMMARY_CHARS_MAX = 300;
  private static final int TEXT_CHARS_MAX = 300;
  private static final int QUOTED_CHARS_MAX = 40;

  private AdvisoryRules() {}

  /**
   * Checks a list.
   *
   * @param where names the list in messages
   * @throws PublisherException {@code INPUT_MALFORMED}, which says which advisory and which field
   */
  public static void require(List<Advisory> advisories, String where) throws PublisherException {
    for (int i = 0; i < advisories.size(); i++) {
      Advisory advisory = advisories.get(i);
      try {
        check(advisory);
      } catch (IllegalArgumentException e) {
        throw new PublisherException(
            Problem.INPUT_MALFORMED,
            new Details(
                "check the advisory of " + quoted(advisory.id()),
                "a vulnerability's id, a package URL, a version, a CVSS vector or none, a sentence",
                String.valueOf(e.getMessage()),
                where + "[" + i + "]",
                "correct the list that \"release --advisories\" takes; what is published is"
                    + " corrected by the next level"),
            e);
      }
    }
  }

  /**
   * Checks one.
   *
   * @throws IllegalArgumentException {@code FIELD: expected …, got …}
   */
  static void check(Advisory advisory) {
    field("id", advisory.id(), VulnerabilityId::new);
    field("purl", advisory.packageUrl(), FixedPackage::parse);
    field("fixed_version", advisory.fixedVersion(), version -> {});
    advisory.cvss().ifPresent(vector -> field("cvss", vector, CvssVector::parse));
    if (advisory.summary().length() > SUMMARY_CHARS_MAX || advisory.summary().isBlank()) {
      throw new IllegalArgumentException(
          "summary: expected one sentence of at most "
              + SUMMARY_CHARS_MAX
              + " characters, got "
              + advisory.summary().length());
    }
  }

  private static void field(String name, String value, Consumer<String> parse) {
    if (value.isBlank() || value.length() > TEXT_CHARS_MAX) {
      throw new IllegalArgumentException(
          name
              + ": expected 1 to "
              + TEXT_CHARS_MAX
              + " characters, got "
              + (value.isBlank() ? "none" : value.length()));
    }
    try {
      parse.accept(value);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          name + ": " + e.getMessage() + ", got " + quoted(value), e);
    }
  }

  private static String quoted(String value) {
    return "\"" + value.substring(0, Math.min(QUOTED_CHARS_MAX, value.length())) + "\"";
  }

  /** The sentence, cut where it is too long. */
  static String shortened(String sentence) {
    return sentence.length() <= SUMMARY_CHARS_MAX
        ? sentence
        : sentence.substring(0, SUMMARY_CHARS_MAX - 1) + "…";
  }
}
