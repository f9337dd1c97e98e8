package dev.suture.arm64.device;

import dev.suture.arm64.linux.DeviceNumber;
import dev.suture.arm64.linux.Errno;
import dev.suture.arm64.linux.LinuxException;
import dev.suture.arm64.linux.LinuxFile;
import dev.suture.arm64.linux.LoopConfig;
import dev.suture.arm64.linux.LoopInfo64;
import dev.suture.arm64.linux.Uapi;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.manifest.ImageIdentity;
import dev.suture.protocol.verity.VerityTreeBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Makes block devices of files: read-only, with direct I/O where the file system has it. */
public final class LoopDevices {
  /** How often a device that somebody else was faster to take is given up for the next. */
  private static final int CLAIMS_MAX = 32;

  private static final String CONTROL = "/dev/loop-control";

  /** What is asked of the kernel; it may leave out direct I/O without a word. */
  private static final int FLAGS =
      Uapi.LO_FLAGS_READ_ONLY | Uapi.LO_FLAGS_AUTOCLEAR | Uapi.LO_FLAGS_DIRECT_IO;

  /**
   * A file as a block device. Closing lets go of it: the kernel detaches the file as soon as nobody
   * uses the device any more, also when this process dies.
   *
   * @param path {@code /dev/loopN}
   * @param number its device number
   * @param directIo whether reads bypass the page cache
   */
  public record LoopDevice(String path, DeviceNumber number, boolean directIo, LinuxFile file)
      implements AutoCloseable {
    @Override
    public void close() {
      file.close();
    }
  }

  /**
   * Attaches a file to a free loop device with blocks of 4 KiB.
   *
   * @throws DeviceException {@code KERNEL_CALL_FAILED}
   */
  public LoopDevice attach(Path image) throws DeviceException {
    String attempt = "attach " + image + " to a loop device";
    try (LinuxFile backing = LinuxFile.open(image.toString(), Uapi.O_RDONLY);
        LinuxFile control = LinuxFile.open(CONTROL, Uapi.O_RDWR)) {
      for (int claim = 1; claim <= CLAIMS_MAX; claim++) {
        int free = control.ioctl(Uapi.LOOP_CTL_GET_FREE, 0);
        Optional<LoopDevice> device = claim("/dev/loop" + free, backing);
        if (device.isPresent()) {
          return device.get();
        }
      }
    } catch (LinuxException e) {
      throw KernelFailures.of(attempt, e);
    }
    throw KernelFailures.unexpected(
        attempt, "a free device", CLAIMS_MAX + " devices that others took first");
  }

  /**
   * Attaches a slot's file, which must have room for an image and its hash tree.
   *
   * @throws DeviceException {@code READ_BACK_MISMATCH} if it is too short, {@code
   *     KERNEL_CALL_FAILED}
   */
  LoopDevice attach(Path image, ImageIdentity identity) throws DeviceException {
    LoopDevice loop = attach(image);
    long expected = identity.bytes() + VerityTreeBuilder.treeBytes(identity.bytes());
    boolean kept = false;
    try {
      long got = loop.file().ioctlGetLong(Uapi.BLKGETSIZE64);
      if (got < expected) {
        throw new DeviceException(
            FailureCode.READ_BACK_MISMATCH,
            image + ": expected at least " + expected + " bytes, got " + got);
      }
      kept = true;
      return loop;
    } catch (LinuxException e) {
      throw KernelFailures.of("ask for the length of " + image, e);
    } finally {
      if (!kept) {
        loop.close();
      }
    }
  }

  /**
   * The file behind a loop device, if the number is one and a file is attached; ends in {@code "
   * (deleted)"} if it has no name any more.
   */
  public Optional<Path> backingFile(DeviceNumber number) throws DeviceException {
    Path link = Path.of("/sys/dev/block/" + number + "/loop/backing_file");
    try {
      return Files.exists(link)
          ? Optional.of(Path.of(Files.readString(link).strip()))
          : Optional.empty();
    } catch (IOException e) {
      throw KernelFailures.unexpected("read " + link, "the path of a file", e.toString());
    }
  }

  /** Nothing if somebody else has taken the device in the meantime. */
  private static Optional<LoopDevice> claim(String path, LinuxFile backing) throws LinuxException {
    LinuxFile loop = LinuxFile.open(path, Uapi.O_RDONLY);
    boolean kept = false;
    try {
      LoopConfig.configure(loop, backing, ImageIdentity.BLOCK_BYTES, FLAGS);
      int flags = LoopInfo64.of(loop).flags();
      boolean direct = (flags & Uapi.LO_FLAGS_DIRECT_IO) != 0;
      if (!direct) {
        // Without direct I/O what was just written would be read from memory, not from the disk.
        backing.dropCache();
      }
      DeviceNumber number = numberOf(path);
      kept = true;
      return Optional.of(new LoopDevice(path, number, direct, loop));
    } catch (LinuxException e) {
      if (e.errno() == Errno.EBUSY) {
        return Optional.empty();
      }
      throw e;
    } finally {
      if (!kept) {
        loop.close();
      }
    }
  }

  private static DeviceNumber numberOf(String path) throws LinuxException {
    Path file =
        Path.of("/sys/class/block").resolve(path.substring("/dev/".length())).resolve("dev");
    try {
      return DeviceNumber.parse(Files.readString(file).strip());
    } catch (IOException e) {
      throw new LinuxException("read", file + " (" + e + ")", Errno.EIO);
    }
  }
}
