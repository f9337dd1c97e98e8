package dev.suture.protocol.verity;

import dev.suture.protocol.Sha256;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.RetryableException;
import dev.suture.protocol.manifest.ImageIdentity;
import java.security.DigestException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Builds the dm-verity hash tree of an image while the image passes by: format version 1 (the salt
 * is hashed before the block), SHA-256, data and hash blocks of 4 KiB, no superblock. What {@code
 * veritysetup format --no-superblock} writes, and what the kernel's {@code verity} target reads.
 *
 * <p>The tree is an array of levels, the highest first. A block of the lowest level holds the
 * digests of 128 data blocks, a block of any other level those of 128 blocks of the level below;
 * the rest of a level's last block is zero. The highest level is one block, whose digest is the
 * root. The tree of an image of one block is empty; that block's digest is the root.
 *
 * <p>Memory: one block per level, whatever the image's length. Not for use by several threads.
 */
public final class VerityTreeBuilder {
  /** Length of data and hash blocks. */
  public static final int BLOCK_BYTES = ImageIdentity.BLOCK_BYTES;

  private static final int DIGESTS_PER_BLOCK = BLOCK_BYTES / Sha256.BYTES;

  /** One level of the tree: the block that is being filled, and where it belongs. */
  private static final class Level {
    final byte[] block = new byte[BLOCK_BYTES];
    int used;
    long position;

    Level(long position) {
      this.position = position;
    }
  }

  private final long imageBytes;
  private final byte[] salt;
  private final BlockSink sink;
  private final MessageDigest sha256 = Sha256.newDigest();

  /** Lowest level first. */
  private final List<Level> levels = new ArrayList<>();

  private final byte[] digest = new byte[Sha256.BYTES];
  private long taken;
  private int takenOfBlock;
  private boolean finished;

  /**
   * Begins a tree.
   *
   * @param imageBytes length of the image: a positive multiple of {@link #BLOCK_BYTES}, at most
   *     {@link ImageIdentity#BYTES_MAX}
   * @param salt 32 bytes that are hashed before every block
   * @param sink gets the tree's blocks during {@link #update} and {@link #finish}
   */
  public VerityTreeBuilder(long imageBytes, Sha256 salt, BlockSink sink) {
    this.imageBytes = imageBytes;
    this.salt = salt.toBytes();
    this.sink = sink;
    long[] blocks = levelBlocks(imageBytes);
    long position = treeBytes(imageBytes);
    for (long levelBlocks : blocks) {
      position -= levelBlocks * BLOCK_BYTES;
      levels.add(new Level(position));
    }
    sha256.update(this.salt);
  }

  /** Length of the tree of an image of this length, in bytes; 0 for an image of one block. */
  public static long treeBytes(long imageBytes) {
    long blocks = 0;
    for (long levelBlocks : levelBlocks(imageBytes)) {
      blocks += levelBlocks;
    }
    return blocks * BLOCK_BYTES;
  }

  /** How many blocks each level has, the lowest first. */
  private static long[] levelBlocks(long imageBytes) {
    if (imageBytes <= 0 || imageBytes > ImageIdentity.BYTES_MAX || imageBytes % BLOCK_BYTES != 0) {
      throw new IllegalArgumentException(
          "image bytes: expected a multiple of "
              + BLOCK_BYTES
              + " up to "
              + ImageIdentity.BYTES_MAX
              + ", got "
              + imageBytes);
    }
    long[] blocks = new long[Long.SIZE];
    int count = 0;
    for (long below = imageBytes / BLOCK_BYTES; below > 1; below = blocks[count++]) {
      blocks[count] = (below + DIGESTS_PER_BLOCK - 1) / DIGESTS_PER_BLOCK;
    }
    return Arrays.copyOf(blocks, count);
  }

  /**
   * Takes the next bytes of the image, in pieces of any length.
   *
   * @throws IllegalStateException if there are more than the image has, or after {@link #finish}
   */
  public void update(byte[] source, int offset, int length)
      throws DeviceException, RetryableException {
    if (finished || length > imageBytes - taken) {
      throw new IllegalStateException(
          "verity tree: expected " + imageBytes + " image bytes, got " + length + " at " + taken);
    }
    int done = 0;
    while (done < length) {
      int now = Math.min(length - done, BLOCK_BYTES - takenOfBlock);
      sha256.update(source, offset + done, now);
      done += now;
      taken += now;
      takenOfBlock += now;
      if (takenOfBlock == BLOCK_BYTES) {
        takenOfBlock = 0;
        endBlock();
        addDigest(0);
      }
    }
  }

  /**
   * Ends the tree: its last blocks go to the sink.
   *
   * @return the root
   * @throws IllegalStateException if bytes of the image are missing, or at a second call
   */
  public Sha256 finish() throws DeviceException, RetryableException {
    if (finished || taken != imageBytes) {
      throw new IllegalStateException(
          "verity tree: expected " + imageBytes + " image bytes, got " + taken + " at its end");
    }
    finished = true;
    for (int i = 0; i < levels.size(); i++) {
      if (levels.get(i).used > 0) {
        emit(i);
      }
    }
    return Sha256.ofBytes(digest);
  }

  /** Enters {@link #digest} into a level; above the highest, it is the root and stays. */
  private void addDigest(int index) throws DeviceException, RetryableException {
    if (index == levels.size()) {
      return;
    }
    Level level = levels.get(index);
    System.arraycopy(digest, 0, level.block, level.used, Sha256.BYTES);
    level.used += Sha256.BYTES;
    if (level.used == BLOCK_BYTES) {
      emit(index);
    }
  }

  /** Hands over a level's block, zeros behind what is used, and enters its digest above. */
  private void emit(int index) throws DeviceException, RetryableException {
    Level level = levels.get(index);
    Arrays.fill(level.block, level.used, BLOCK_BYTES, (byte) 0);
    sha256.update(level.block);
    endBlock();
    sink.write(level.position, level.block);
    level.position += BLOCK_BYTES;
    level.used = 0;
    addDigest(index + 1);
  }

  /** Leaves the digest of the block that was hashed in {@link #digest} and begins the next. */
  private void endBlock() {
    try {
      sha256.digest(digest, 0, digest.length);
    } catch (DigestException e) {
      throw new IllegalStateException("a SHA-256 digest has " + Sha256.BYTES + " bytes", e);
    }
    sha256.update(salt);
  }
}
