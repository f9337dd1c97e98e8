package dev.suture.publisher;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** Folders that are still there when power has failed. */
public final class Folders {
  /** Nobody but the owner may look into it. */
  public static final Set<PosixFilePermission> OWNER_ONLY =
      PosixFilePermissions.fromString("rwx------");

  /** Everybody may look into it, and only the owner may change it. */
  public static final Set<PosixFilePermission> PUBLIC =
      PosixFilePermissions.fromString("rwxr-xr-x");

  private Folders() {}

  /** Makes it and its parents where they are missing, for whom the process's mask says. */
  public static void make(Path folder) throws IOException {
    make(folder, new FileAttribute<?>[0]);
  }

  /**
   * Makes it and its parents where they are missing; durable on return.
   *
   * @param permissions of all that are made, less the process's mask; what is there keeps its own
   */
  public static void make(Path folder, Set<PosixFilePermission> permissions) throws IOException {
    make(folder, new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(permissions)});
  }

  private static void make(Path folder, FileAttribute<?>[] attributes) throws IOException {
    if (Files.isDirectory(folder)) {
      return;
    }
    Path absolute = folder.toAbsolutePath().normalize();
    Path parent = absolute.getParent();
    if (parent == null) {
      throw new NoSuchFileException(folder.toString());
    }
    make(parent, attributes);
    Files.createDirectories(absolute, attributes); // Another publisher may have made it meanwhile.
    sync(parent);
  }

  /** Makes the names in it durable. */
  public static void sync(Path folder) throws IOException {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }
}
