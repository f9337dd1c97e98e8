package dev.suture.publisher.advisory;

import dev.suture.protocol.manifest.Advisory;
import dev.suture.publisher.InputFiles;
import dev.suture.publisher.Problem;
import dev.suture.publisher.PublisherException;
import dev.suture.publisher.PublisherException.Details;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;

/**
 * Finds the vulnerabilities that a Debian changelog says were fixed between two versions. It knows
 * what maintainers wrote and nothing more: an entry that says "not affected by CVE-X" would be
 * found as well, so a person reads the list before it is signed.
 */
public final class Changelog {
  private static final int FILE_BYTES_MAX = 16 << 20;
  private static final int TEXT_BYTES_MAX = 64 << 20;

  /** {@code openssl (3.0.22-1~deb12u2) bookworm-security; urgency=high}. */
  private static final Pattern HEAD =
      Pattern.compile("([a-z0-9][a-z0-9+.-]*) \\(([^)]+)\\) ([^;]*);.*");

  private static final Pattern BULLET = Pattern.compile("\\s+[*+-]\\s+(.*)");
  private static final Pattern CVE = Pattern.compile("CVE-[0-9]{4}-[0-9]{4,}");

  private static final Pattern LEADING_WORD = Pattern.compile("Fix(?:es)?:?\\s+");

  /** An identifier, and what joins it to the next. */
  private static final Pattern LEADING_ID =
      Pattern.compile("CVE-[0-9]{4}-[0-9]{4,}(?:\\s*[,/&]\\s*|\\s+)?");

  private Changelog() {}

  /** One version's entry. */
  private record Entry(
      String source, DebianVersion version, String distro, List<StringBuilder> bullets) {}

  /**
   * The vulnerabilities, newest version first, each with the sentence that names it.
   *
   * @throws PublisherException {@code INPUT_UNREADABLE}, or {@code INPUT_MALFORMED} if it is not
   *     the changelog of the query's newer version
   */
  public static List<Advisory> advisories(ChangelogQuery query) throws PublisherException {
    return advisories(
        query,
        InputFiles.read("the changelog of " + query.binaryPackage(), query.file(), FILE_BYTES_MAX));
  }

  /** The same, of a file that was read. */
  static List<Advisory> advisories(ChangelogQuery query, byte[] content) throws PublisherException {
    List<Entry> entries;
    try {
      entries = entries(text(query, content));
    } catch (IllegalArgumentException e) {
      throw malformed(query, "a Debian changelog", String.valueOf(e.getMessage()));
    }
    DebianVersion to = query.to().source();
    DebianVersion from = query.from().source();
    if (entries.stream().noneMatch(entry -> entry.version().equals(to))) {
      String got =
          entries.isEmpty() ? "no entry at all" : "one that begins at " + entries.get(0).version();
      throw malformed(query, "a changelog with an entry for " + to, got);
    }
    Map<String, Advisory> found = new LinkedHashMap<>();
    for (Entry entry : entries) {
      if (entry.version().compareTo(from) > 0 && entry.version().compareTo(to) <= 0) {
        collect(entry, to, found);
      }
    }
    return List.copyOf(found.values());
  }

  private static void collect(Entry entry, DebianVersion to, Map<String, Advisory> found) {
    for (StringBuilder bullet : entry.bullets()) {
      Matcher ids = CVE.matcher(bullet);
      String summary = summary(bullet.toString(), entry);
      while (ids.find()) {
        String id = ids.group();
        found.putIfAbsent(
            id,
            new Advisory(
                id, packageUrl(entry, to), entry.version().text(), Optional.empty(), summary));
      }
    }
  }

  /** Source packages; of the reserved characters in a version only the plus is encoded. */
  private static String packageUrl(Entry entry, DebianVersion to) {
    return "pkg:deb/debian/"
        + entry.source().replace("+", "%2B")
        + "@"
        + to.text().replace("+", "%2B")
        + "?arch=arm64&distro="
        + entry.distro();
  }

  /** Several in a row are skipped one by one: a list of thousands is not one match. */
  private static String withoutLeadingIds(String bullet) {
    Matcher word = LEADING_WORD.matcher(bullet);
    int begin = word.lookingAt() ? word.end() : 0;
    int end = begin;
    Matcher id = LEADING_ID.matcher(bullet);
    while (id.region(end, bullet.length()).lookingAt()) {
      end = id.end();
    }
    return end == begin ? bullet : bullet.substring(end);
  }

  private static String summary(String bullet, Entry entry) {
    String text = withoutLeadingIds(bullet);
    text = text.replaceFirst("^[:,;.–-]\\s*", "");
    text = text.replaceFirst("^\\((.*)\\)\\.?$", "$1").replaceFirst("^\"(.*)\"$", "$1").trim();
    if (text.isEmpty()) {
      text = "fixed in " + entry.source() + " " + entry.version();
    }
    return AdvisoryRules.shortened(text);
  }

  private static List<Entry> entries(String text) {
    List<Entry> entries = new ArrayList<>();
    List<StringBuilder> bullets = new ArrayList<>();
    for (String line : text.lines().toList()) {
      Matcher head = HEAD.matcher(line);
      Matcher bullet = BULLET.matcher(line);
      if (head.matches()) {
        bullets = new ArrayList<>();
        entries.add(
            new Entry(
                head.group(1), new DebianVersion(head.group(2)), distro(head.group(3)), bullets));
      } else if (bullet.matches()) {
        bullets.add(new StringBuilder(bullet.group(1).trim()));
      } else if (line.startsWith("  ") && !bullets.isEmpty() && !line.isBlank()) {
        bullets.get(bullets.size() - 1).append(' ').append(line.trim());
      }
    }
    return entries;
  }

  /** {@code bookworm} of {@code bookworm-security}. */
  private static String distro(String distributions) {
    return distributions.trim().replaceFirst("[\\s-].*", "");
  }

  private static String text(ChangelogQuery query, byte[] content) throws PublisherException {
    if (content.length < 2 || (content[0] & 0xff) != 0x1f || (content[1] & 0xff) != 0x8b) {
      return new String(content, StandardCharsets.UTF_8);
    }
    try (InputStream in = new GZIPInputStream(new ByteArrayInputStream(content))) {
      byte[] text = in.readNBytes(TEXT_BYTES_MAX + 1);
      if (text.length > TEXT_BYTES_MAX) {
        throw malformed(query, "at most " + TEXT_BYTES_MAX + " bytes of text", "more");
      }
      return new String(text, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw malformed(query, "a whole gzip file", InputFiles.describe(e));
    }
  }

  private static PublisherException malformed(ChangelogQuery query, String expected, String got) {
    return new PublisherException(
        Problem.INPUT_MALFORMED,
        new Details(
            "find the fixes of " + query.binaryPackage() + " " + query.to(),
            expected,
            got,
            query.file().toString(),
            "take usr/share/doc/"
                + query.binaryPackage()
                + "/changelog.Debian.gz out of the newer package"));
  }
}
