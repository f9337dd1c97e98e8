package dev.suture.arm64.device;

import dev.suture.arm64.linux.LinuxException;
import dev.suture.arm64.linux.LinuxFile;
import dev.suture.arm64.linux.Uapi;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.slot.RecordLock;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The lock of fw_setenv and fw_printenv: flock(2) of a file, which is made if it is not there. */
public final class LockFile implements RecordLock {
  /** Ten seconds: whoever changes an environment holds it for much less. */
  private static final long WAIT_MILLIS_MAX = 10_000;

  private static final long WAIT_MILLIS = 50;
  private static final long NANOS_PER_MILLI = 1_000_000;

  private final Path path;

  /** The lock with this path. */
  public LockFile(Path path) {
    this.path = path;
  }

  @Override
  public Held acquire() throws DeviceException {
    LinuxFile file = open();
    boolean isHeld = false;
    try {
      long start = System.nanoTime();
      while (!file.tryLock()) {
        if (System.nanoTime() - start > WAIT_MILLIS_MAX * NANOS_PER_MILLI) {
          throw failed("expected it within " + WAIT_MILLIS_MAX + " ms, somebody else holds it");
        }
        Thread.sleep(WAIT_MILLIS);
      }
      isHeld = true;
      return file::close;
    } catch (LinuxException e) {
      throw failed(e.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw failed("interrupted");
    } finally {
      if (!isHeld) {
        file.close();
      }
    }
  }

  private LinuxFile open() throws DeviceException {
    try {
      Files.createFile(path);
    } catch (FileAlreadyExistsException e) {
      // Somebody locked it before.
    } catch (IOException e) {
      throw failed(e.toString());
    }
    try {
      return LinuxFile.open(path.toString(), Uapi.O_WRONLY | Uapi.O_NONBLOCK);
    } catch (LinuxException e) {
      throw failed(e.toString());
    }
  }

  private DeviceException failed(String why) {
    return new DeviceException(FailureCode.STORAGE_IO, "lock " + path + ": " + why);
  }
}
