package dev.suture.protocol.manifest;

import dev.suture.protocol.FileRef;

/**
 * One way to get an image.
 *
 * @param kind how the file becomes the image
 * @param file where it is, its exact length and digest
 */
public record Payload(Kind kind, FileRef file) {
  /** How a payload becomes an image. */
  public enum Kind {
    /** A difference to the base image, in the format of docs/patch-format.md. */
    DELTA("delta"),
    /** The image itself, one zstd frame. */
    FULL("full");

    private final String word;

    Kind(String word) {
      this.word = word;
    }

    /** The word in the manifest. */
    public String word() {
      return word;
    }

    static Kind ofWord(String word) {
      for (Kind kind : values()) {
        if (kind.word.equals(word)) {
          return kind;
        }
      }
      throw new IllegalArgumentException("expected delta or full, got \"" + word + "\"");
    }
  }
}
