package dev.suture.publisher;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;

/** Files that pass for component images: random bytes with EROFS's magic number. */
public final class TestImages {
  private TestImages() {}

  /** The same seed gives the same bytes. */
  public static byte[] random(int blocks, long seed) {
    byte[] image = new byte[blocks * 4096];
    new Random(seed).nextBytes(image);
    ByteBuffer.wrap(image).order(ByteOrder.LITTLE_ENDIAN).putInt(1024, 0xE0F5E1E2);
    return image;
  }

  /** A copy with some bytes changed behind the superblock. */
  public static byte[] edited(byte[] image, long seed) {
    byte[] copy = image.clone();
    Random random = new Random(seed);
    for (int i = 0; i < 20; i++) {
      copy[4096 + random.nextInt(copy.length - 4096)] = (byte) random.nextInt();
    }
    return copy;
  }

  /** Writes an image. */
  public static Path write(Path file, byte[] image) throws IOException {
    return Files.write(file, image);
  }
}
