package dev.suture.arm64.device;

import dev.suture.arm64.linux.Errno;
import dev.suture.arm64.linux.LinuxException;
import dev.suture.arm64.linux.LinuxFile;
import dev.suture.arm64.linux.Uapi;
import dev.suture.protocol.Sha256;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.manifest.ImageIdentity;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.MessageDigest;

/**
 * The raw partition from which the bootloader starts a slot's own OS: a FIT from its first byte on.
 * Every access is direct: what is read is what the disk has. Nothing is started from it while the
 * activation record has the slot unusable, so a write may be cut anywhere.
 *
 * <p>A plain file on a file system with direct I/O will do as well. Uses 256 KiB.
 */
public final class FitPartition {
  private static final int CHUNK_BYTES = 128 * 1024;

  private final Path device;
  private final Runnable progress;

  /**
   * On this device or file, which must exist.
   *
   * @param progress called after every chunk
   */
  public FitPartition(Path device, Runnable progress) {
    this.device = device;
    this.progress = progress;
  }

  /**
   * Copies a slot's image here; what is here already is not written. Durable on return, and read
   * back from the disk.
   *
   * @param image a file whose first bytes are the image
   * @param identity what the signed manifest says the image is
   * @throws DeviceException {@code READ_BACK_MISMATCH} if the disk has other bytes, else {@code
   *     STORAGE_READ_ONLY} or {@code STORAGE_IO}; what the partition holds is unknown then
   */
  public void write(Path image, ImageIdentity identity) throws DeviceException {
    try (LinuxFile from = LinuxFile.open(image.toString(), Uapi.O_RDONLY | LinuxFile.O_DIRECT);
        LinuxFile to = open(Uapi.O_RDWR)) {
      copy(from, to, identity.bytes());
      to.fdatasync();
      Sha256 got = digest(to, identity.bytes());
      if (!got.equals(identity.sha256())) {
        throw new DeviceException(
            FailureCode.READ_BACK_MISMATCH,
            device + ": expected " + identity.sha256() + " of " + image + ", got " + got);
      }
    } catch (LinuxException e) {
      throw failed("write " + image + " to " + device, e);
    }
  }

  /**
   * Takes away what could be started from here. Written whatever is here, which may not be
   * readable. Durable on return, and read back from the disk.
   *
   * @throws DeviceException as {@link #write}
   */
  public void clear() throws DeviceException {
    ByteBuffer zeros = LinuxFile.directMemory(ImageIdentity.BLOCK_BYTES);
    ByteBuffer held = LinuxFile.directMemory(ImageIdentity.BLOCK_BYTES);
    try (LinuxFile file = open(Uapi.O_RDWR)) {
      write(file, zeros, ImageIdentity.BLOCK_BYTES, 0);
      file.fdatasync();
      read(file, held, ImageIdentity.BLOCK_BYTES, 0);
      if (!held.equals(zeros)) {
        throw new DeviceException(
            FailureCode.READ_BACK_MISMATCH, device + ": expected zeros, got other bytes");
      }
    } catch (LinuxException e) {
      throw failed("clear " + device, e);
    }
  }

  private void copy(LinuxFile from, LinuxFile to, long bytes)
      throws LinuxException, DeviceException {
    ByteBuffer wanted = LinuxFile.directMemory(CHUNK_BYTES);
    ByteBuffer held = LinuxFile.directMemory(CHUNK_BYTES);
    for (long at = 0; at < bytes; at += CHUNK_BYTES) {
      int length = (int) Math.min(CHUNK_BYTES, bytes - at);
      read(from, wanted, length, at);
      if (!isHeld(to, wanted, held, length, at)) {
        write(to, wanted, length, at);
      }
      progress.run();
    }
  }

  /** What cannot be read is written: a disk may replace a bad sector then. */
  private boolean isHeld(
      LinuxFile file, ByteBuffer wanted, ByteBuffer held, int length, long position)
      throws LinuxException, DeviceException {
    try {
      read(file, held, length, position);
    } catch (LinuxException e) {
      if (e.errno() != Errno.EIO) {
        throw e;
      }
      return false;
    }
    return wanted.slice(0, length).equals(held.slice(0, length));
  }

  private Sha256 digest(LinuxFile file, long bytes) throws LinuxException, DeviceException {
    MessageDigest digest = Sha256.newDigest();
    ByteBuffer chunk = LinuxFile.directMemory(CHUNK_BYTES);
    for (long at = 0; at < bytes; at += CHUNK_BYTES) {
      int length = (int) Math.min(CHUNK_BYTES, bytes - at);
      read(file, chunk, length, at);
      digest.update(chunk.slice(0, length));
      progress.run();
    }
    return Sha256.ofBytes(digest.digest());
  }

  private void read(LinuxFile file, ByteBuffer target, int length, long position)
      throws LinuxException, DeviceException {
    int got = file.read(target, length, position);
    if (got != length) {
      throw new DeviceException(
          FailureCode.STORAGE_IO,
          device + ": expected " + length + " bytes at " + position + ", got " + got);
    }
  }

  private void write(LinuxFile file, ByteBuffer source, int length, long position)
      throws LinuxException, DeviceException {
    int written = file.write(source, length, position);
    if (written != length) {
      throw new DeviceException(
          FailureCode.STORAGE_IO,
          "write " + device + " at " + position + ": expected " + length + ", got " + written);
    }
  }

  private LinuxFile open(int access) throws LinuxException {
    return LinuxFile.open(device.toString(), access | LinuxFile.O_DIRECT);
  }

  private static DeviceException failed(String attempt, LinuxException e) {
    boolean isReadOnly =
        e.errno() == Errno.EROFS || e.errno() == Errno.EACCES || e.errno() == Errno.EPERM;
    return new DeviceException(
        isReadOnly ? FailureCode.STORAGE_READ_ONLY : FailureCode.STORAGE_IO,
        attempt + ": " + e.getMessage(),
        e);
  }
}
