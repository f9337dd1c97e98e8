package dev.suture.delta;

import dev.suture.protocol.Sha256;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.RejectedException;
import dev.suture.protocol.failure.RetryableException;
import dev.suture.protocol.manifest.ImageIdentity;
import dev.suture.protocol.verity.BlockSink;
import dev.suture.protocol.verity.VerityTreeBuilder;

/**
 * Passes an image on to where it is written, and decides whether it is the signed one. It does so
 * by the root of the dm-verity tree, which the slot needs anyway and which is as strong as a digest
 * of the whole: both are SHA-256 over every byte. The digest of the whole image is compared when
 * the slot is read back; hashing twice here would only cost time.
 *
 * <p>Bytes beyond the signed length are counted, never passed on.
 */
public final class VerifyingSink implements ImageSink {
  private final ImageSink target;
  private final ImageIdentity image;
  private final VerityTreeBuilder tree;
  private long got;

  /**
   * Begins an image.
   *
   * @param target gets the image's bytes
   * @param image what is signed about the image
   * @param treeBlocks gets the tree's blocks, in part only in {@link #finish}
   */
  public VerifyingSink(ImageSink target, ImageIdentity image, BlockSink treeBlocks) {
    this.target = target;
    this.image = image;
    this.tree = new VerityTreeBuilder(image.bytes(), image.veritySalt(), treeBlocks);
  }

  @Override
  public void write(byte[] source, int offset, int length)
      throws DeviceException, RetryableException {
    int wanted = (int) Math.max(0, Math.min(length, image.bytes() - got));
    if (wanted > 0) {
      target.write(source, offset, wanted);
      tree.update(source, offset, wanted);
    }
    got += length;
  }

  /**
   * Writes the rest of the tree and decides. Nothing is durable on return: the caller syncs what it
   * wrote.
   *
   * @throws RejectedException {@code IMAGE_DIGEST_MISMATCH} unless exactly the signed bytes came
   */
  public void finish() throws RejectedException, DeviceException, RetryableException {
    if (got != image.bytes()) {
      throw new RejectedException(
          FailureCode.IMAGE_DIGEST_MISMATCH,
          "image length: expected " + image.bytes() + " bytes, got " + got);
    }
    Sha256 root = tree.finish();
    if (!root.equals(image.verityRoot())) {
      throw new RejectedException(
          FailureCode.IMAGE_DIGEST_MISMATCH,
          "image digest: expected verity root "
              + image.verityRoot()
              + ", got "
              + root
              + " ("
              + got
              + " bytes)");
    }
  }
}
