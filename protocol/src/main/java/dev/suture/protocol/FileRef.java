package dev.suture.protocol;

import dev.suture.protocol.json.Fields;

/**
 * A file on the mirror, named by signed data: where it is, how long it is and what it contains.
 * Nothing else about it is believed.
 *
 * @param path relative to the metadata URL: segments of {@code A-Z a-z 0-9 . + - _} that begin with
 *     a letter or digit, joined by {@code /}; at most 200 characters, so it can neither leave the
 *     mirror's folder nor carry a query
 * @param bytes exact length, 0 to {@link #BYTES_MAX}
 * @param sha256 digest of the whole file
 */
public record FileRef(String path, long bytes, Sha256 sha256) {
  /** Longest file that any signed data may name. */
  public static final long BYTES_MAX = 4L << 30;

  private static final int PATH_CHARS_MAX = 200;

  /** Checks path and length. */
  public FileRef {
    if (path.length() > PATH_CHARS_MAX) {
      throw new IllegalArgumentException(
          "path: expected at most " + PATH_CHARS_MAX + " characters, got " + path.length());
    }
    for (String segment : path.split("/", -1)) {
      Words.check("path segment", segment, PATH_CHARS_MAX);
    }
    if (bytes < 0 || bytes > BYTES_MAX) {
      throw new IllegalArgumentException("bytes: expected 0 to " + BYTES_MAX + ", got " + bytes);
    }
  }

  /** Reads the members {@code path}, {@code bytes} and {@code sha256}. */
  public static FileRef read(Fields fields) {
    try {
      return new FileRef(
          fields.text("path"),
          fields.integer("bytes", 0, BYTES_MAX),
          fields.parsed("sha256", Sha256::ofHex));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(fields.path() + ": " + e.getMessage(), e);
    }
  }
}
