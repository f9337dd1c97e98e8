package dev.suture.publisher;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Files that appear whole or not at all. */
public final class NewFile {
  /** Nobody but the owner may read it. */
  public static final Set<PosixFilePermission> OWNER_ONLY =
      PosixFilePermissions.fromString("rw-------");

  /** Everybody may read it. */
  public static final Set<PosixFilePermission> PUBLIC =
      PosixFilePermissions.fromString("rw-r--r--");

  private static final Pattern ASIDE =
      Pattern.compile("\\.(.+)\\.[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}");

  /** Much longer than it takes to read again what was written. */
  private static final Duration ASIDE_AGE_MIN = Duration.ofHours(1);

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

  /**
   * What makes a file.
   *
   * @param <T> what is known about it then
   * @param <E> what it throws besides
   */
  @FunctionalInterface
  public interface Making<T, E extends Exception> {
    /** Makes it, which must not be there ({@code CREATE_NEW}), and syncs its content. */
    T make(Path aside) throws IOException, E;
  }

  /** As below, of bytes. */
  public static void write(Path file, byte[] content, Set<PosixFilePermission> permissions)
      throws IOException {
    NewFile.<IOException>write(file, permissions, out -> out.write(content));
  }

  /**
   * Writes a file that must not exist yet: aside, with its final permissions from the first moment
   * on, synced, then linked to its name, which fails if somebody else was faster. Durable on
   * return; if power fails inside, the name does not exist, or the whole file has it. Then it can
   * have its name aside as well, {@link #removeLeftOvers}.
   *
   * @throws FileAlreadyExistsException if there is a file of that name; it is untouched
   */
  public static <E extends Exception> void write(
      Path file, Set<PosixFilePermission> permissions, Content<E> content) throws IOException, E {
    Path absolute = file.toAbsolutePath();
    Path folder = folderOf(absolute);
    removeLeftOvers(folder);
    Path aside = aside(absolute);
    try {
      create(aside, permissions, content);
      Files.createLink(absolute, aside);
    } finally {
      Files.deleteIfExists(aside);
    }
    Folders.sync(folder);
  }

  /** As below, of bytes that everybody may read. */
  public static void replace(Path file, byte[] content) throws IOException {
    NewFile.<Path, IOException>replace(
        file,
        aside -> {
          NewFile.<IOException>create(aside, PUBLIC, out -> out.write(content));
          return aside;
        });
  }

  /**
   * Writes a file that may exist: aside, under a name that nobody can guess, and renamed in one
   * step. Durable on return; if power fails inside, the name has what it had, or the whole file,
   * and {@code .NAME.UUID} may be left, which nobody needs, see {@link #removeAside}.
   */
  public static <T, E extends Exception> T replace(Path file, Making<T, E> making)
      throws IOException, E {
    Path absolute = file.toAbsolutePath();
    Path folder = folderOf(absolute);
    Path aside = aside(absolute);
    T made;
    try {
      made = making.make(aside);
      Files.move(aside, absolute, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(aside);
    }
    Folders.sync(folder);
    return made;
  }

  /**
   * Takes away second names of whole files: power failed in {@link #write} after a file had its
   * name, and before the name aside was gone. Whoever takes the file elsewhere would leave it
   * behind, and it may be a private key. A name aside that is the only one is left: its writer may
   * be at work, and if it is dead, nobody was told of the file.
   *
   * <p>There is no rename here that never overwrites (Java has no {@code RENAME_NOREPLACE}), so the
   * two names cannot be avoided. They are only left by a write that did not return, and who runs it
   * again comes by here.
   */
  public static void removeLeftOvers(Path folder) throws IOException {
    boolean removed = false;
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, ".*.*-*-*-*-*")) {
      for (Path file : files) {
        Matcher aside = ASIDE.matcher(String.valueOf(file.getFileName()));
        if (aside.matches() && isSame(file, folder.resolve(aside.group(1)))) {
          removed |= Files.deleteIfExists(file);
        }
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    if (removed) {
      Folders.sync(folder);
    }
  }

  /**
   * Takes away what calls of {@link #replace} for this file have left that lost their power. What
   * was written to within the last hour stays: a call may be at work on it, and no lock would
   * survive on it, as whoever makes a file closes it.
   */
  public static void removeAside(Path file, Clock clock) throws IOException {
    FileTime before = FileTime.from(clock.instant().minus(ASIDE_AGE_MIN));
    Path absolute = file.toAbsolutePath();
    Path folder = folderOf(absolute);
    String name = String.valueOf(absolute.getFileName());
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, ".*.*-*-*-*-*")) {
      for (Path other : files) {
        Matcher aside = ASIDE.matcher(String.valueOf(other.getFileName()));
        if (aside.matches()
            && aside.group(1).equals(name)
            && Files.isRegularFile(other, LinkOption.NOFOLLOW_LINKS)
            && modified(other).map(at -> at.compareTo(before) < 0).orElse(false)) {
          Files.deleteIfExists(other);
        }
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
  }

  /** When it was written to; nothing if another call has taken it away. */
  private static Optional<FileTime> modified(Path file) throws IOException {
    try {
      return Optional.of(Files.getLastModifiedTime(file, LinkOption.NOFOLLOW_LINKS));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  private static boolean isSame(Path aside, Path file) throws IOException {
    return Files.isRegularFile(aside, LinkOption.NOFOLLOW_LINKS)
        && Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
        && Files.isSameFile(aside, file);
  }

  private static <E extends Exception> void create(
      Path aside, Set<PosixFilePermission> permissions, Content<E> content) throws IOException, E {
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
  }

  private static Path aside(Path absolute) {
    return absolute.resolveSibling("." + absolute.getFileName() + "." + UUID.randomUUID());
  }

  private static Path folderOf(Path absolute) throws IOException {
    Path folder = absolute.getParent();
    if (folder == null) {
      throw new IOException("expected a file, got " + absolute);
    }
    return folder;
  }
}
