package dev.suture.publisher;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.UUID;

/** Files that appear whole or not at all, and never in the place of another. */
public final class NewFile {
  /** Nobody but the owner may read it. */
  public static final Set<PosixFilePermission> OWNER_ONLY =
      PosixFilePermissions.fromString("rw-------");

  /** Everybody may read it. */
  public static final Set<PosixFilePermission> PUBLIC =
      PosixFilePermissions.fromString("rw-r--r--");

  private NewFile() {}

  /**
   * What writes the content.
   *
   * @param <E> what it throws besides
   */
  @FunctionalInterface
  public interface Content<E extends Exception> {
    /** Writes all of it; the stream need not be closed. */
    void writeTo(OutputStream out) throws IOException, E;
  }

  /** As below, of bytes. */
  public static void write(Path file, byte[] content, Set<PosixFilePermission> permissions)
      throws IOException {
    NewFile.<IOException>write(file, permissions, out -> out.write(content));
  }

  /**
   * Writes a file that must not exist yet: aside, with its final permissions from the first moment
   * on, synced, then linked to its name, which fails if somebody else was faster. Durable on
   * return; if power fails inside, the name does not exist, or the whole file has it.
   *
   * @throws FileAlreadyExistsException if there is a file of that name; it is untouched
   */
  public static <E extends Exception> void write(
      Path file, Set<PosixFilePermission> permissions, Content<E> content) throws IOException, E {
    Path absolute = file.toAbsolutePath();
    Path folder = absolute.getParent();
    if (folder == null) {
      throw new IOException("expected a file, got " + file);
    }
    Path aside = folder.resolve("." + absolute.getFileName() + "." + UUID.randomUUID());
    try {
      try (FileChannel channel =
          FileChannel.open(
              aside,
              Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
              PosixFilePermissions.asFileAttribute(permissions))) {
        OutputStream out = Channels.newOutputStream(channel);
        content.writeTo(out);
        out.flush();
        channel.force(true);
      }
      Files.createLink(absolute, aside);
    } finally {
      Files.deleteIfExists(aside);
    }
    try (FileChannel directory = FileChannel.open(folder, StandardOpenOption.READ)) {
      directory.force(true);
    }
  }
}
