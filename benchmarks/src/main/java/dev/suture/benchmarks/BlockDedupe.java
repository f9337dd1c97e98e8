package dev.suture.benchmarks;

import dev.suture.protocol.Sha256;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** An image as blocks of 4 KiB, of which those in the base are not downloaded. */
final class BlockDedupe {
  private static final int BLOCK_BYTES = 4096;

  private final List<Sha256> image;
  private final Map<Sha256, byte[]> fresh;

  private BlockDedupe(List<Sha256> image, Map<Sha256, byte[]> fresh) {
    this.image = image;
    this.fresh = fresh;
  }

  static BlockDedupe of(Path base, Path image) throws IOException {
    Set<Sha256> known = new HashSet<>();
    eachBlock(base, (digest, block) -> known.add(digest));
    List<Sha256> order = new ArrayList<>();
    Map<Sha256, byte[]> fresh = new LinkedHashMap<>();
    eachBlock(
        image,
        (digest, block) -> {
          order.add(digest);
          if (!known.contains(digest)) {
            fresh.put(digest, block);
          }
        });
    return new BlockDedupe(order, fresh);
  }

  /** Writes each block that the base does not have, once. */
  void writeNew(Path file) throws IOException {
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
      for (byte[] block : fresh.values()) {
        out.write(block);
      }
    }
  }

  /** Puts the image together from the base and a file of {@link #writeNew}. */
  void rebuild(Path base, Path written, Path rebuilt) throws IOException {
    Map<Sha256, byte[]> blocks = new HashMap<>();
    eachBlock(base, blocks::put);
    eachBlock(written, blocks::put);
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(rebuilt))) {
      for (Sha256 digest : image) {
        byte[] block = blocks.get(digest);
        if (block == null) {
          throw new IOException("block4k: expected block " + digest.hex() + ", got none");
        }
        out.write(block);
      }
    }
  }

  private static void eachBlock(Path file, BlockUse use) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      for (byte[] block = in.readNBytes(BLOCK_BYTES);
          block.length > 0;
          block = in.readNBytes(BLOCK_BYTES)) {
        use.accept(Sha256.of(block), block);
      }
    }
  }

  private interface BlockUse {
    void accept(Sha256 digest, byte[] block);
  }
}
