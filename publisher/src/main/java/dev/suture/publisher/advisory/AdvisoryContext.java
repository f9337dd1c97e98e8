package dev.suture.publisher.advisory;

import dev.suture.protocol.manifest.AgentVersion;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.Optional;

/**
 * What the documents say beside what the manifest says.
 *
 * @param publisherName who speaks
 * @param namespace the publisher's address, {@code https://HOST[/PATH]}; contained in all ids
 * @param contact how to reach the publisher about security, if that is to be said
 * @param trackingId names the advisory, the same in every revision of it
 * @param date of this revision, whole seconds
 * @param canonical folder under which the documents can be fetched, if there is one
 */
public record AdvisoryContext(
    String publisherName,
    URI namespace,
    Optional<String> contact,
    String trackingId,
    Instant date,
    Optional<URI> canonical) {
  /** A first revision; published documents are not rewritten. */
  static final int REVISION = 1;

  static final String TOOL = "suture-publish";
  static final String TOOL_VERSION = AgentVersion.CURRENT.toString();

  private static final int TEXT_CHARS_MAX = 200;

  /** Checks the texts and cuts fractions of a second. */
  public AdvisoryContext {
    requireText("publisher name", publisherName);
    requireText("tracking id", trackingId);
    contact.ifPresent(text -> requireText("contact", text));
    if (!trackingId.matches("\\S(.*\\S)?")) {
      throw new IllegalArgumentException("tracking id: expected no space at its ends");
    }
    date = date.truncatedTo(ChronoUnit.SECONDS);
  }

  /**
   * Reads an address.
   *
   * @throws IllegalArgumentException unless it is {@code https://HOST[/PATH]}; a slash at its end
   *     is removed
   */
  public static URI address(String text) {
    try {
      URI address = new URI(text.replaceFirst("/+$", ""));
      boolean plain =
          "https".equals(address.getScheme())
              && address.getHost() != null
              && address.getRawQuery() == null
              && address.getRawFragment() == null
              && address.getRawUserInfo() == null
              && address.toASCIIString().equals(address.toString())
              && text.length() <= TEXT_CHARS_MAX;
      if (plain) {
        return address;
      }
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException(
          "expected https://HOST or https://HOST/PATH: " + e.getMessage(), e);
    }
    throw new IllegalArgumentException(
        "expected https://HOST or https://HOST/PATH, got \"" + text + "\"");
  }

  private static void requireText(String what, String text) {
    boolean control = text.chars().anyMatch(Character::isISOControl);
    if (text.isBlank() || text.length() > TEXT_CHARS_MAX || control) {
      throw new IllegalArgumentException(
          what
              + ": expected 1 to "
              + TEXT_CHARS_MAX
              + " characters on one line, got \""
              + text
              + "\"");
    }
  }

  /** RFC 3339 in UTC. */
  String dateText() {
    return date.toString();
  }

  /** The namespace's host, for package URLs. */
  String host() {
    return String.valueOf(namespace.getHost()).toLowerCase(Locale.ROOT);
  }

  /** The file name without its end: CSAF 2.0, section 5.1, from the tracking id. */
  private String stem() {
    return trackingId.toLowerCase(Locale.ROOT).replaceAll("[^+\\-a-z0-9]+", "_");
  }

  /** Name of the CSAF file. */
  public String csafName() {
    return stem() + ".json";
  }

  /** Name of the OpenVEX file. */
  public String openVexName() {
    return stem() + ".openvex.json";
  }
}
