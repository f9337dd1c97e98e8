package dev.suture.arm64.device;

import dev.suture.arm64.device.LoopDevices.LoopDevice;
import dev.suture.arm64.device.VerityDevices.VerityDevice;
import dev.suture.arm64.linux.Errno;
import dev.suture.arm64.linux.LinuxException;
import dev.suture.arm64.linux.LinuxFile;
import dev.suture.arm64.linux.Uapi;
import dev.suture.background.Pacer;
import dev.suture.protocol.ComponentName;
import dev.suture.protocol.Sha256;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.RetryableException;
import dev.suture.protocol.manifest.ImageIdentity;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.MessageDigest;

/**
 * Proves that the disk holds what the manifest says: reads a slot's image from the disk itself,
 * past the page cache, through dm-verity, without mounting it. Uses 256 KiB whatever the image's
 * size.
 */
public final class ReadBack {
  private static final int CHUNK_BYTES = 128 * 1024;

  private final LoopDevices loops;
  private final VerityDevices verities;
  private final Runnable progress;

  /**
   * Works with the kernel by way of these.
   *
   * @param progress called after every chunk that was read
   */
  public ReadBack(LoopDevices loops, VerityDevices verities, Runnable progress) {
    this.loops = loops;
    this.verities = verities;
    this.progress = progress;
  }

  /**
   * Reads the image once, from its first block to its last. The file must have been synced.
   *
   * @param component names the image in messages and in the device's name
   * @param image the slot's file: the image's bytes, then its hash tree
   * @param identity what the signed manifest says the image is
   * @param pacer is told each byte that was read
   * @throws DeviceException {@code READ_BACK_MISMATCH} if a block does not fit the tree or cannot
   *     be read, or if the digest of the whole is another; {@code KERNEL_CALL_FAILED} if it could
   *     not be tried. Nothing is left attached.
   * @throws RetryableException what the pacer throws; nothing is left attached then, either
   */
  public void verify(ComponentName component, Path image, ImageIdentity identity, Pacer pacer)
      throws DeviceException, RetryableException {
    try (LoopDevice loop = loops.attach(image, identity);
        VerityDevice verity = verities.open("suture-check-" + component, loop.number(), identity)) {
      Sha256 got = digest(component, image, verity, identity, pacer);
      if (!got.equals(identity.sha256())) {
        throw new DeviceException(
            FailureCode.READ_BACK_MISMATCH,
            "image digest: expected "
                + identity.sha256()
                + ", got "
                + got
                + where(component, image));
      }
    }
  }

  private Sha256 digest(
      ComponentName component, Path image, VerityDevice verity, ImageIdentity identity, Pacer pacer)
      throws DeviceException, RetryableException {
    MessageDigest digest = Sha256.newDigest();
    ByteBuffer chunk = LinuxFile.directMemory(CHUNK_BYTES);
    byte[] bytes = new byte[CHUNK_BYTES];
    long position = 0;
    try (LinuxFile device = LinuxFile.open(verity.path(), Uapi.O_RDONLY | LinuxFile.O_DIRECT)) {
      while (position < identity.bytes()) {
        int wanted = (int) Math.min(CHUNK_BYTES, identity.bytes() - position);
        int got = device.read(chunk, wanted, position);
        if (got <= 0) {
          throw KernelFailures.unexpected(
              "read " + verity.path(), identity.bytes() + " bytes", "its end at " + position);
        }
        chunk.get(0, bytes, 0, got);
        digest.update(bytes, 0, got);
        position += got;
        pacer.passed(got);
        progress.run();
      }
    } catch (LinuxException e) {
      if (e.errno() == Errno.EIO) {
        throw new DeviceException(
            FailureCode.READ_BACK_MISMATCH,
            (verity.isClean()
                    ? "read: expected readable blocks"
                    : "verity: expected fitting blocks")
                + ", got an I/O error within "
                + CHUNK_BYTES
                + " bytes from "
                + position
                + where(component, image),
            e);
      }
      throw KernelFailures.of("read back " + image, e);
    }
    return Sha256.ofBytes(digest.digest());
  }

  private static String where(ComponentName component, Path image) {
    return " (" + component + ", " + image + ")";
  }
}
