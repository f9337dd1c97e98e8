package dev.suture.publisher.release;

import dev.suture.protocol.ComponentName;
import dev.suture.protocol.Sha256;
import dev.suture.protocol.failure.SutureException;
import dev.suture.protocol.manifest.ImageIdentity;
import dev.suture.protocol.manifest.OsParts;
import dev.suture.protocol.verity.VerityTreeBuilder;
import dev.suture.publisher.InputFiles;
import dev.suture.publisher.Problem;
import dev.suture.publisher.PublisherException;
import dev.suture.publisher.PublisherException.Details;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;

/** Says which bytes an image has, in one pass over its file. */
public final class ImageInspector {
  private static final int BUFFER_BYTES = 1 << 20;
  private static final int SUPERBLOCK_OFFSET = 1024;
  private static final int EROFS_MAGIC = 0xE0F5E1E2;

  /** Big-endian, at the very start, as of every flattened device tree. */
  private static final int FIT_MAGIC = 0xD00DFEED;

  private ImageInspector() {}

  /** The salt of a component's dm-verity trees: the same for all its images. */
  public static Sha256 veritySalt(ComponentName name) {
    return Sha256.of(("suture verity salt v1 " + name.word()).getBytes(StandardCharsets.UTF_8));
  }

  /**
   * Reads a component image.
   *
   * @throws PublisherException {@code INPUT_UNREADABLE}, {@code IMAGE_UNSUITABLE}
   */
  public static ImageIdentity inspect(ComponentName name, Path file) throws PublisherException {
    String attempted = "read an image of " + name;
    try (InputStream in = Files.newInputStream(file)) {
      long bytes = Files.size(file);
      if (bytes <= 0 || bytes > ImageIdentity.BYTES_MAX || bytes % ImageIdentity.BLOCK_BYTES != 0) {
        throw unsuitable(
            attempted,
            "a length that is a multiple of "
                + ImageIdentity.BLOCK_BYTES
                + " bytes, up to "
                + ImageIdentity.BYTES_MAX,
            bytes + " bytes",
            file);
      }
      return read(name, file, in, bytes);
    } catch (IOException e) {
      throw new PublisherException(
          Problem.INPUT_UNREADABLE,
          new Details(
              attempted,
              "a readable file",
              InputFiles.describe(e),
              file.toString(),
              "check the path in --component " + ComponentSource.FORM),
          e);
    }
  }

  private static ImageIdentity read(ComponentName name, Path file, InputStream in, long bytes)
      throws IOException, PublisherException {
    String attempted = "read an image of " + name;
    Sha256 salt = veritySalt(name);
    MessageDigest sha256 = Sha256.newDigest();
    // The device computes the tree itself; here only its root counts.
    VerityTreeBuilder tree = new VerityTreeBuilder(bytes, salt, (position, block) -> {});
    byte[] buffer = new byte[BUFFER_BYTES];
    long done = 0;
    try {
      while (done < bytes) {
        int got = in.readNBytes(buffer, 0, (int) Math.min(buffer.length, bytes - done));
        if (got == 0) {
          throw unsuitable(attempted, bytes + " bytes", "a file that became shorter", file);
        }
        if (done == 0) {
          requireMagic(name, buffer, attempted, file);
        }
        sha256.update(buffer, 0, got);
        tree.update(buffer, 0, got);
        done += got;
      }
      return new ImageIdentity(bytes, Sha256.ofBytes(sha256.digest()), tree.finish(), salt);
    } catch (SutureException e) {
      throw new IllegalStateException("a sink that does nothing does not fail", e);
    }
  }

  private static void requireMagic(ComponentName name, byte[] start, String attempted, Path file)
      throws PublisherException {
    boolean isFit = name.equals(OsParts.BOOT);
    int magic =
        isFit
            ? ByteBuffer.wrap(start).getInt(0)
            : ByteBuffer.wrap(start).order(ByteOrder.LITTLE_ENDIAN).getInt(SUPERBLOCK_OFFSET);
    if (magic != (isFit ? FIT_MAGIC : EROFS_MAGIC)) {
      throw unsuitable(
          attempted,
          isFit ? "a FIT (flattened image tree)" : "an EROFS file system",
          "a file without its magic number",
          file);
    }
  }

  private static PublisherException unsuitable(
      String attempted, String expected, String got, Path file) {
    return new PublisherException(
        Problem.IMAGE_UNSUITABLE,
        new Details(
            attempted,
            expected,
            got,
            file.toString(),
            "give a component image as flashed: EROFS, uncompressed, 4096-byte blocks, without its"
                + " hash tree; as \"boot\" the signed FIT, filled up to whole blocks"));
  }
}
