package dev.suture.publisher.keys.role;

import dev.suture.publisher.Folders;
import dev.suture.publisher.InputFiles;
import dev.suture.publisher.NewFile;
import dev.suture.publisher.Problem;
import dev.suture.publisher.PublisherException;
import dev.suture.publisher.PublisherException.Details;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Set;

/** Files that are never replaced, and files that only their owner may see. */
public final class SafeFiles {
  private static final Set<PosixFilePermission> OTHERS =
      EnumSet.complementOf(
          EnumSet.of(
              PosixFilePermission.OWNER_READ,
              PosixFilePermission.OWNER_WRITE,
              PosixFilePermission.OWNER_EXECUTE));
  private static final Set<PosixFilePermission> OTHERS_CHANGE =
      EnumSet.of(PosixFilePermission.GROUP_WRITE, PosixFilePermission.OTHERS_WRITE);

  private SafeFiles() {}

  /** Writes a file that everybody may read, see {@link #writeNew}. */
  public static void writePublic(Path file, byte[] content) throws PublisherException {
    writeNew(file, content, NewFile.PUBLIC);
  }

  /** Writes a file for its owner alone, see {@link #writeNew}. */
  public static void writePrivate(Path file, byte[] content) throws PublisherException {
    writeNew(file, content, NewFile.OWNER_ONLY);
  }

  /**
   * Refuses where {@link #writeNew} would: something is there already. If it was written when power
   * failed, the second name that it may have is taken away.
   *
   * @throws PublisherException {@code KEYS_EXIST}, {@code STORAGE_FAILED}
   */
  public static void requireAbsent(Path file) throws PublisherException {
    if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
      try {
        NewFile.removeLeftOvers(folderOf(file));
      } catch (IOException e) {
        throw storage("look for what an earlier run left", folderOf(file), e);
      }
      throw new PublisherException(
          Problem.KEYS_EXIST,
          new Details(
              "write " + file.getFileName(),
              "no file of that name",
              "one",
              file.toString(),
              "choose another name: neither keys nor signatures are ever overwritten"));
    }
  }

  /**
   * Writes a file that must not exist yet, as {@link NewFile#write}. A folder that is missing is
   * made for its owner alone; it is as durable as the file.
   *
   * @throws PublisherException {@code KEYS_EXIST}, {@code STORAGE_FAILED}
   */
  static void writeNew(Path file, byte[] content, Set<PosixFilePermission> permissions)
      throws PublisherException {
    requireAbsent(file);
    try {
      Folders.make(folderOf(file), Folders.OWNER_ONLY);
      NewFile.write(file, content, permissions);
    } catch (FileAlreadyExistsException e) {
      requireAbsent(file);
      throw storage("write " + file.getFileName(), file, e);
    } catch (IOException e) {
      throw storage("write " + file.getFileName(), file, e);
    }
  }

  /**
   * Reads a file that nobody but its owner may read or replace.
   *
   * @param what it is, for messages
   * @throws PublisherException {@code KEYS_MISSING}, {@code KEYS_EXPOSED}, {@code INPUT_UNREADABLE}
   */
  public static byte[] readPrivate(String what, Path file, int bytesMax) throws PublisherException {
    if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
      throw new PublisherException(
          Problem.KEYS_MISSING,
          new Details(
              "read " + what,
              "a file",
              "no such file",
              file.toString(),
              "correct the path, or make a key with \"suture-publish key generate\""));
    }
    Set<PosixFilePermission> ofFile;
    Set<PosixFilePermission> ofFolder;
    try {
      ofFile = Files.getPosixFilePermissions(file, LinkOption.NOFOLLOW_LINKS);
      ofFolder = Files.getPosixFilePermissions(folderOf(file));
    } catch (IOException e) {
      throw storage("read the permissions of " + what, file, e);
    }
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      throw exposed(
          what, "a regular file", "a link or something else", file, "put the file itself here");
    }
    if (ofFile.stream().anyMatch(OTHERS::contains)) {
      throw exposed(
          what,
          "a file that only its owner can read (rw-------)",
          PosixFilePermissions.toString(ofFile),
          file,
          "chmod 600 it if nobody else can have read it; otherwise replace the key");
    }
    if (ofFolder.stream().anyMatch(OTHERS_CHANGE::contains)) {
      throw exposed(
          what,
          "a folder that only its owner can change (rwx------)",
          PosixFilePermissions.toString(ofFolder),
          folderOf(file),
          "chmod 700 it if nobody else can have replaced the file");
    }
    return InputFiles.read(what, file, bytesMax);
  }

  private static Path folderOf(Path file) {
    Path parent = file.toAbsolutePath().normalize().getParent();
    return parent == null ? file.toAbsolutePath() : parent;
  }

  private static PublisherException exposed(
      String what, String expected, String got, Path where, String todo) {
    return new PublisherException(
        Problem.KEYS_EXPOSED, new Details("use " + what, expected, got, where.toString(), todo));
  }

  private static PublisherException storage(String attempted, Path where, IOException e) {
    return new PublisherException(
        Problem.STORAGE_FAILED,
        new Details(
            attempted,
            "a file system with POSIX permissions and space",
            InputFiles.describe(e),
            where.toString(),
            "check the disk and the folder's owner, then run the command again"),
        e);
  }
}
