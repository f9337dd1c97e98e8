package dev.suture.protocol.manifest;

import dev.suture.protocol.Sha256;

/**
 * Which bytes an image has, said twice: by the digest of the whole, and by the root of its
 * dm-verity tree.
 *
 * @param bytes length of the EROFS image without its hash tree: a positive multiple of {@link
 *     #BLOCK_BYTES}
 * @param sha256 digest of those bytes
 * @param verityRoot root of the dm-verity tree (version 1, SHA-256, 4-KiB blocks) over those bytes
 * @param veritySalt salt of that tree, 32 bytes
 */
public record ImageIdentity(long bytes, Sha256 sha256, Sha256 verityRoot, Sha256 veritySalt) {
  /** Block size of images and of their hash trees. */
  public static final int BLOCK_BYTES = 4096;

  /** Largest image. */
  public static final long BYTES_MAX = 2L << 30;

  /** Checks the length. */
  public ImageIdentity {
    if (bytes <= 0 || bytes > BYTES_MAX || bytes % BLOCK_BYTES != 0) {
      throw new IllegalArgumentException(
          "image bytes: expected a multiple of "
              + BLOCK_BYTES
              + " up to "
              + BYTES_MAX
              + ", got "
              + bytes);
    }
  }
}
