package dev.suture.arm64.daemon;

import dev.suture.arm64.linux.LinuxException;
import dev.suture.arm64.linux.LinuxFile;
import dev.suture.arm64.linux.Uapi;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;

/**
 * Files and folders that decide what the agent does. They must belong to root or to the agent's own
 * user, and nobody else may write them, or put another file in their place.
 */
final class OwnFiles {
  private static final int ROOT = 0;
  private static final int OTHERS_WRITE = 0022;
  private static final int PERMISSIONS = 07777;
  private static final String ATTRIBUTES = "unix:uid,mode";

  private OwnFiles() {}

  /**
   * Reads a file. What was judged is the file that was opened, so what is read is what was judged.
   *
   * @throws DeviceException {@code CONFIG_INVALID} if it cannot be read, is longer than {@code
   *     bytesMax}, or if others can write it or its folder
   */
  static byte[] read(Path path, int bytesMax) throws DeviceException {
    Path absolute = path.toAbsolutePath();
    try (LinuxFile file =
        LinuxFile.open(absolute.toString(), Uapi.O_RDONLY | Uapi.O_NONBLOCK | Uapi.O_CLOEXEC)) {
      Path opened = Path.of("/proc/self/fd", Integer.toString(file.number()));
      if (!Files.isRegularFile(opened)) {
        throw invalid(path, "a regular file", "something else");
      }
      require(path, opened);
      Path folder = absolute.getParent();
      if (folder != null) {
        require(folder, folder);
      }
      return read(path, file, bytesMax);
    } catch (LinuxException | IOException e) {
      throw new DeviceException(
          FailureCode.CONFIG_INVALID, path + ": expected a readable file, got " + e, e);
    }
  }

  /**
   * Checks a folder that is there.
   *
   * @throws DeviceException {@code CONFIG_INVALID} if others can write it, or it cannot be judged
   */
  static void requireFolder(Path path) throws DeviceException {
    try {
      require(path, path);
    } catch (IOException e) {
      throw new DeviceException(
          FailureCode.CONFIG_INVALID, path + ": expected a folder, got " + e, e);
    }
  }

  private static byte[] read(Path path, LinuxFile file, int bytesMax)
      throws LinuxException, DeviceException {
    ByteBuffer content = ByteBuffer.allocateDirect(bytesMax + 1);
    int done = 0;
    while (done <= bytesMax) {
      int got = file.read(content.position(done).slice(), bytesMax + 1 - done, done);
      if (got == 0) {
        break;
      }
      done += got;
    }
    if (done > bytesMax) {
      throw invalid(path, "at most " + bytesMax + " bytes", "more");
    }
    byte[] bytes = new byte[done];
    content.get(0, bytes);
    return bytes;
  }

  private static void require(Path name, Path judged) throws IOException, DeviceException {
    Map<String, Object> attributes = Files.readAttributes(judged, ATTRIBUTES);
    requireOwner(name, number(attributes, "uid"), ownUser());
    int mode = number(attributes, "mode") & PERMISSIONS;
    if ((mode & OTHERS_WRITE) != 0) {
      throw invalid(
          name,
          "a mode in which only the owner may write, such as " + octal(mode & ~OTHERS_WRITE),
          octal(mode));
    }
  }

  /** Split off so that it can be tested without being root. */
  static void requireOwner(Path name, int owner, int ownUser) throws DeviceException {
    if (owner != ROOT && owner != ownUser) {
      throw invalid(
          name,
          "an owner of user " + ROOT + (ownUser == ROOT ? "" : " or " + ownUser),
          "user " + owner);
    }
  }

  private static int ownUser() throws IOException {
    return number(Files.readAttributes(Path.of("/proc/self"), ATTRIBUTES), "uid");
  }

  private static int number(Map<String, Object> attributes, String name) throws IOException {
    if (attributes.get(name) instanceof Integer number) {
      return number;
    }
    throw new IOException("no " + name + " of a file on this system");
  }

  private static String octal(int mode) {
    return String.format(Locale.ROOT, "%04o", mode);
  }

  private static DeviceException invalid(Path path, String expected, String got) {
    return new DeviceException(
        FailureCode.CONFIG_INVALID, path + ": expected " + expected + ", got " + got);
  }
}
