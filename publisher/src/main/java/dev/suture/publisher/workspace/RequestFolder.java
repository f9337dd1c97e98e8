package dev.suture.publisher.workspace;

import dev.suture.protocol.release.LevelEntry;
import dev.suture.protocol.tuf.FileNames;
import dev.suture.protocol.tuf.RoleType;
import dev.suture.protocol.tuf.TargetsMetadata;
import dev.suture.publisher.Folders;
import dev.suture.publisher.InputFiles;
import dev.suture.publisher.Problem;
import dev.suture.publisher.PublisherException;
import dev.suture.publisher.PublisherException.Details;
import dev.suture.publisher.keys.role.SafeFiles;
import dev.suture.publisher.keys.role.SignatureCollection;
import dev.suture.publisher.keys.role.SignatureFile;
import dev.suture.publisher.keys.role.SigningRequest;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A folder by which several people sign:
 *
 * <pre>
 *   ROLE.VERSION.request.json              what is to be signed, {@link SigningRequest}
 *   ROLE.VERSION.KEYID8.signature.json     one signature, {@link SignatureFile}; the name is free
 * </pre>
 *
 * Nothing in it is believed: others may have changed it. Everybody may read it, but for requests
 * with keys of opened levels: until such a request is published, who reads it can read the patch.
 */
public final class RequestFolder {
  /** What the names of requests end in. */
  public static final String REQUEST = ".request.json";

  /** What the names of signatures end in. */
  public static final String SIGNATURE = ".signature.json";

  /** Most requests, and most signatures, that are read. */
  static final int FILES_MAX = 1_000;

  private static final int KEY_ID_CHARS = 8;

  private final Path folder;

  /** The folder need not exist yet. */
  public RequestFolder(Path folder) {
    this.folder = folder;
  }

  /** Where it is. */
  public Path path() {
    return folder;
  }

  /** Where a request is. */
  Path file(SigningRequest request) {
    return folder.resolve(name(request) + REQUEST);
  }

  private static String name(SigningRequest request) {
    return FileNames.encoded(request.role()) + "." + request.draft().read().version();
  }

  /**
   * Writes requests and the signatures that are there already; durable on return. Files with the
   * same content stay. If power fails inside, some are there; none is half.
   *
   * @throws PublisherException {@code FILE_EXISTS} if another request or signature is there; then
   *     nothing is written. {@code STORAGE_FAILED}
   */
  void write(List<SignatureCollection> collections) throws PublisherException {
    Map<Path, byte[]> files = new LinkedHashMap<>();
    for (SignatureCollection collection : collections) {
      SigningRequest request = collection.request();
      for (var signature : collection.signatures()) {
        String id = FileNames.encoded(signature.keyId());
        files.put(
            folder.resolve(
                name(request)
                    + "."
                    + id.substring(0, Math.min(KEY_ID_CHARS, id.length()))
                    + SIGNATURE),
            new SignatureFile(
                    request.role(), request.draft().read().version(), request.digest(), signature)
                .encode());
      }
      files.put(file(request), request.encode());
    }
    Map<Path, byte[]> missing = new LinkedHashMap<>();
    for (Map.Entry<Path, byte[]> file : files.entrySet()) {
      if (!isThere(file.getKey(), file.getValue())) {
        missing.put(file.getKey(), file.getValue());
      }
    }
    Set<Path> secret = new HashSet<>();
    collections.stream()
        .map(SignatureCollection::request)
        .filter(RequestFolder::hasSealKey)
        .forEach(request -> secret.add(file(request)));
    makeFolder();
    for (Map.Entry<Path, byte[]> file : missing.entrySet()) {
      if (secret.contains(file.getKey())) {
        SafeFiles.writePrivate(file.getKey(), file.getValue());
      } else {
        SafeFiles.writePublic(file.getKey(), file.getValue());
      }
    }
  }

  /** Everybody may look into it: who signs is seldom who asks. */
  private void makeFolder() throws PublisherException {
    try {
      Folders.make(folder, Folders.PUBLIC);
    } catch (IOException e) {
      throw new PublisherException(
          Problem.STORAGE_FAILED,
          new Details(
              "make the folder of requests",
              "a folder that can be written to",
              InputFiles.describe(e),
              folder.toString(),
              "check --requests and the disk, then run the command again"),
          e);
    }
  }

  /** Whether a level in it comes with the key of its sealed file; published already or not. */
  static boolean hasSealKey(SigningRequest request) {
    return request.draft().read().type() == RoleType.TARGETS
        && new TargetsMetadata(request.draft().read())
            .targets().entrySet().stream()
                .flatMap(
                    target -> LevelEntry.read(target.getKey(), target.getValue(), true).stream())
                .anyMatch(level -> level.sealed().isPresent());
  }

  private static boolean isThere(Path file, byte[] content) throws PublisherException {
    if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
      return false;
    }
    byte[] there = InputFiles.read("a request or signature", file, SigningRequest.BYTES_MAX);
    if (Arrays.equals(there, content)) {
      return true;
    }
    throw new PublisherException(
        Problem.FILE_EXISTS,
        new Details(
            "ask for signatures",
            "no file of that name, or the same one",
            "one that says something else",
            file.toString(),
            "if it is still wanted, have it signed and run \"suture-publish import\"; otherwise"
                + " remove it, or choose another --requests folder"));
  }

  /**
   * A request, and where it was read.
   *
   * @param request its authorities are what somebody wrote, and not believed
   */
  public record NamedRequest(Path file, SigningRequest request) {}

  /** A signature that was not checked yet, and where it was read. */
  public record NamedSignature(Path file, SignatureFile signature) {}

  /**
   * All requests, in the order of their names.
   *
   * @throws PublisherException {@code INPUT_UNREADABLE} if there is none or too many, {@code
   *     INPUT_MALFORMED} if the parts of one do not agree
   */
  public List<NamedRequest> requests() throws PublisherException {
    List<NamedRequest> requests = new ArrayList<>();
    for (Path file : files(REQUEST)) {
      requests.add(new NamedRequest(file, readRequest(file)));
    }
    if (requests.isEmpty()) {
      throw unreadable("a folder with *" + REQUEST, "none", null);
    }
    return requests;
  }

  /**
   * A request.
   *
   * @throws PublisherException {@code INPUT_UNREADABLE}, {@code INPUT_MALFORMED}
   */
  public static SigningRequest readRequest(Path file) throws PublisherException {
    byte[] bytes = InputFiles.read("the signing request", file, SigningRequest.BYTES_MAX);
    try {
      return SigningRequest.decode(bytes);
    } catch (IllegalArgumentException e) {
      throw malformed(
          "the signing request",
          "a request whose parts agree",
          file,
          "ask for it again, and ask who changed it",
          e);
    }
  }

  /**
   * All signatures of this folder, and others.
   *
   * @param more other files; one that is in this folder as well counts once
   * @throws PublisherException {@code INPUT_UNREADABLE}, {@code INPUT_MALFORMED}
   */
  public List<NamedSignature> signatures(List<Path> more) throws PublisherException {
    Map<Path, Path> files = new LinkedHashMap<>();
    for (Path file : files(SIGNATURE)) {
      files.put(file.toAbsolutePath().normalize(), file);
    }
    more.forEach(file -> files.putIfAbsent(file.toAbsolutePath().normalize(), file));
    List<NamedSignature> signatures = new ArrayList<>();
    for (Path file : files.values()) {
      byte[] bytes = InputFiles.read("a signature", file, SignatureFile.BYTES_MAX);
      try {
        signatures.add(new NamedSignature(file, SignatureFile.decode(bytes)));
      } catch (IllegalArgumentException e) {
        throw malformed(
            "a signature",
            "a file that \"key sign\" wrote",
            file,
            "have the request signed again, or remove the file",
            e);
      }
    }
    return signatures;
  }

  private List<Path> files(String ending) throws PublisherException {
    List<Path> files = new ArrayList<>();
    try (DirectoryStream<Path> paths = Files.newDirectoryStream(folder, "[!.]*" + ending)) {
      for (Path path : paths) {
        files.add(path);
        if (files.size() > FILES_MAX) {
          throw unreadable("at most " + FILES_MAX + " files *" + ending, "more", null);
        }
      }
    } catch (NoSuchFileException e) {
      throw unreadable("a folder with *" + REQUEST, "no such folder", e);
    } catch (DirectoryIteratorException e) {
      throw unreadable("a folder that can be read", String.valueOf(e.getMessage()), e);
    } catch (IOException e) {
      throw unreadable("a folder that can be read", InputFiles.describe(e), e);
    }
    files.sort(null);
    return files;
  }

  private PublisherException unreadable(String expected, String got, @Nullable Exception cause) {
    return new PublisherException(
        Problem.INPUT_UNREADABLE,
        new Details(
            "read requests and signatures",
            expected,
            got,
            folder.toString(),
            "correct --requests: it is the folder of the command that made the requests"),
        cause);
  }

  private static PublisherException malformed(
      String what, String expected, Path file, String todo, IllegalArgumentException e) {
    return new PublisherException(
        Problem.INPUT_MALFORMED,
        new Details(
            "read " + what, expected, String.valueOf(e.getMessage()), file.toString(), todo),
        e);
  }
}
