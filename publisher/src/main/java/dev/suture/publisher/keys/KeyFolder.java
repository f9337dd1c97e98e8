package dev.suture.publisher.keys;

import dev.suture.publisher.InputFiles;
import dev.suture.publisher.Problem;
import dev.suture.publisher.PublisherException;
import dev.suture.publisher.PublisherException.Details;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.util.EnumSet;
import java.util.Set;
import java.util.UUID;

/**
 * The folder with the private keyset and the trust root made from it. The keyset is protected by
 * file permissions alone: keep the folder on a machine that only publishers can log in to.
 */
public final class KeyFolder {
  /** Name of the private keyset, in Tink's JSON. */
  public static final String KEYSET_FILE = "publisher-keyset.json";

  private static final int KEYSET_BYTES_MAX = 64 << 10;
  private static final Set<PosixFilePermission> OWNER_ONLY =
      PosixFilePermissions.fromString("rw-------");
  private static final Set<PosixFilePermission> OWNER_FOLDER =
      PosixFilePermissions.fromString("rwx------");
  private static final Set<PosixFilePermission> PUBLIC =
      PosixFilePermissions.fromString("rw-r--r--");
  private static final Set<PosixFilePermission> OTHERS =
      EnumSet.of(
          PosixFilePermission.GROUP_READ,
          PosixFilePermission.GROUP_WRITE,
          PosixFilePermission.GROUP_EXECUTE,
          PosixFilePermission.OTHERS_READ,
          PosixFilePermission.OTHERS_WRITE,
          PosixFilePermission.OTHERS_EXECUTE);
  private static final Set<PosixFilePermission> OTHERS_CHANGE =
      EnumSet.of(PosixFilePermission.GROUP_WRITE, PosixFilePermission.OTHERS_WRITE);

  private final Path folder;

  /** The folder need not exist yet. */
  public KeyFolder(Path folder) {
    this.folder = folder;
  }

  /** Where the private keyset is. */
  public Path keysetFile() {
    return folder.resolve(KEYSET_FILE);
  }

  /** Where the trust root for devices is. */
  public Path trustRootFile() {
    return folder.resolve(TrustRoot.FILE);
  }

  /**
   * Makes a keyset and the trust root; both are durable on return. The keyset's file appears whole,
   * readable by its owner alone, and never replaces one. If power fails inside, there is nothing,
   * or a keyset whose trust root the next call makes.
   *
   * @throws PublisherException {@code KEYS_EXIST} if both are there, {@code STORAGE_FAILED}, or
   *     what {@link #load} throws
   */
  public PublisherKeys init() throws PublisherException {
    if (Files.exists(keysetFile(), LinkOption.NOFOLLOW_LINKS)) {
      if (Files.exists(trustRootFile(), LinkOption.NOFOLLOW_LINKS)) {
        throw exists();
      }
      PublisherKeys interrupted = load();
      write(trustRootFile(), interrupted.trustRoot().encode(), PUBLIC);
      return interrupted;
    }
    if (Files.exists(trustRootFile(), LinkOption.NOFOLLOW_LINKS)) {
      throw new PublisherException(
          Problem.KEYS_EXIST,
          new Details(
              "make a publisher's key",
              "an empty folder",
              "a trust root without its private keyset",
              trustRootFile().toString(),
              "bring " + KEYSET_FILE + " back from your backup, or choose another --keys folder"));
    }
    makeFolder();
    PublisherKeys keys = PublisherKeys.generate();
    write(keysetFile(), keys.serialize().getBytes(StandardCharsets.UTF_8), OWNER_ONLY);
    write(trustRootFile(), keys.trustRoot().encode(), PUBLIC);
    return keys;
  }

  /**
   * Reads the keyset.
   *
   * @throws PublisherException {@code KEYS_MISSING}, {@code KEYS_EXPOSED} if anybody but its owner
   *     can read the file or replace it, {@code KEYS_MALFORMED}
   */
  public PublisherKeys load() throws PublisherException {
    Path file = keysetFile();
    if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
      throw new PublisherException(
          Problem.KEYS_MISSING,
          new Details(
              "read the publisher's key",
              "a keyset",
              "no such file",
              file.toString(),
              "make one with \"suture-publish init --keys DIR\", or correct --keys"));
    }
    checkPermissions(file);
    byte[] content = InputFiles.read("the publisher's key", file, KEYSET_BYTES_MAX);
    try {
      return PublisherKeys.parse(new String(content, StandardCharsets.UTF_8));
    } catch (GeneralSecurityException | RuntimeException e) {
      // Tink's parser throws unchecked exceptions for some broken documents. Its messages do not
      // quote key material, but a JSON library's might: the cause is kept, the text is ours.
      throw new PublisherException(
          Problem.KEYS_MALFORMED,
          new Details(
              "read the publisher's key",
              "a Tink keyset in JSON whose primary key is an Ed25519 private key without prefix",
              "something else",
              file.toString(),
              "bring the file back from your backup"),
          e);
    }
  }

  private void checkPermissions(Path file) throws PublisherException {
    Set<PosixFilePermission> ofFile;
    Set<PosixFilePermission> ofFolder;
    boolean regular;
    try {
      ofFile = Files.getPosixFilePermissions(file, LinkOption.NOFOLLOW_LINKS);
      ofFolder = Files.getPosixFilePermissions(folder);
      regular = Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS);
    } catch (IOException e) {
      throw storage("read the permissions of the publisher's key", file, e);
    }
    if (!regular) {
      throw exposed("a regular file", "a link or something else", file, "put the file itself here");
    }
    if (ofFile.stream().anyMatch(OTHERS::contains)) {
      throw exposed(
          "a file that only its owner can read (rw-------)",
          PosixFilePermissions.toString(ofFile),
          file,
          "chmod 600 it if nobody else can have read it; otherwise make a new key and flash its"
              + " trust root");
    }
    if (ofFolder.stream().anyMatch(OTHERS_CHANGE::contains)) {
      throw exposed(
          "a folder that only its owner can change (rwx------)",
          PosixFilePermissions.toString(ofFolder),
          folder,
          "chmod 700 it if nobody else can have replaced the key");
    }
  }

  private static PublisherException exposed(String expected, String got, Path where, String todo) {
    return new PublisherException(
        Problem.KEYS_EXPOSED,
        new Details("use the publisher's key", expected, got, where.toString(), todo));
  }

  private PublisherException exists() {
    return new PublisherException(
        Problem.KEYS_EXIST,
        new Details(
            "make a publisher's key",
            "an empty folder",
            "a keyset and its trust root",
            folder.toString(),
            "use them, or choose another --keys folder: devices trust the key they were flashed"
                + " with, so none is ever overwritten"));
  }

  private void makeFolder() throws PublisherException {
    try {
      Path absolute = folder.toAbsolutePath().normalize();
      Path parent = absolute.getParent();
      if (parent != null) {
        Files.createDirectories(parent);
      }
      try {
        Files.createDirectory(absolute, PosixFilePermissions.asFileAttribute(OWNER_FOLDER));
      } catch (FileAlreadyExistsException e) {
        if (!Files.isDirectory(absolute)) {
          throw e;
        }
      }
    } catch (IOException e) {
      throw storage("make the folder for keys", folder, e);
    }
  }

  /**
   * Writes a file that must not exist yet: aside, with its final permissions from the first moment
   * on, synced, then linked to its name, which fails if somebody else was faster.
   */
  private void write(Path file, byte[] content, Set<PosixFilePermission> permissions)
      throws PublisherException {
    Path aside = folder.resolve("." + file.getFileName() + "." + UUID.randomUUID());
    try {
      try (FileChannel channel =
          FileChannel.open(
              aside,
              Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
              PosixFilePermissions.asFileAttribute(permissions))) {
        ByteBuffer bytes = ByteBuffer.wrap(content);
        while (bytes.hasRemaining()) {
          channel.write(bytes);
        }
        channel.force(true);
      }
      Files.createLink(file, aside);
      Files.delete(aside);
      try (FileChannel directory = FileChannel.open(folder, StandardOpenOption.READ)) {
        directory.force(true);
      }
    } catch (FileAlreadyExistsException e) {
      deleteAside(aside, e);
      throw exists();
    } catch (IOException e) {
      deleteAside(aside, e);
      throw storage("write " + file.getFileName(), file, e);
    }
  }

  private static void deleteAside(Path aside, IOException cause) {
    try {
      Files.deleteIfExists(aside);
    } catch (IOException e) {
      cause.addSuppressed(e);
    }
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
