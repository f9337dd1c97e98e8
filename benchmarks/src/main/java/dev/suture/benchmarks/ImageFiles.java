package dev.suture.benchmarks;

import dev.suture.protocol.Sha256;
import dev.suture.protocol.manifest.ImageIdentity;
import dev.suture.protocol.verity.VerityTreeBuilder;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;

/** What is known of image files. */
final class ImageFiles {
  private static final Sha256 SALT =
      Sha256.of("suture verity salt v1 benchmark".getBytes(StandardCharsets.US_ASCII));
  private static final int PIECE_BYTES = 1 << 20;

  private ImageFiles() {}

  static ImageIdentity identity(Path file) throws Exception {
    long bytes = Files.size(file);
    VerityTreeBuilder tree = new VerityTreeBuilder(bytes, SALT, (position, block) -> {});
    byte[] piece = new byte[PIECE_BYTES];
    try (InputStream in = Files.newInputStream(file)) {
      for (int got = in.read(piece); got >= 0; got = in.read(piece)) {
        tree.update(piece, 0, got);
      }
    }
    return new ImageIdentity(bytes, sha256(file), tree.finish(), SALT);
  }

  static Sha256 sha256(Path file) throws IOException {
    MessageDigest digest = Sha256.newDigest();
    byte[] piece = new byte[PIECE_BYTES];
    try (InputStream in = Files.newInputStream(file)) {
      for (int got = in.read(piece); got >= 0; got = in.read(piece)) {
        digest.update(piece, 0, got);
      }
    }
    return Sha256.ofBytes(digest.digest());
  }

  /** Compares byte for byte; the hash tree behind the image in a slot is not looked at. */
  static void requireSlot(Path image, Path slot) throws IOException {
    long difference = Files.mismatch(image, slot);
    if (difference >= 0 && difference < Files.size(image)) {
      throw new IOException("slot: expected the image, got another byte at " + difference);
    }
  }

  /** Compares byte for byte. */
  static void requireSame(String tool, Path image, Path rebuilt) throws IOException {
    long difference = Files.mismatch(image, rebuilt);
    if (difference >= 0) {
      throw new IOException(
          tool + ": expected the image " + image + ", got a difference at byte " + difference);
    }
  }
}
