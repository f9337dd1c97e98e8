package dev.suture.publisher.image;

/**
 * A part of a file that lies in one piece in an image.
 *
 * @param path name of the file: with slashes, and whatever characters its maker chose
 * @param start where in the image it begins
 * @param bytes its length: 1 or more
 * @param offset where in the file it begins
 */
public record FileRange(String path, long start, long bytes, long offset) {
  /** Where in the image it ends. */
  public long end() {
    return start + bytes;
  }
}
