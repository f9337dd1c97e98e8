package dev.suture.publisher.repository;

import dev.suture.protocol.ComponentName;
import dev.suture.protocol.FileRef;
import dev.suture.protocol.failure.RejectedException;
import dev.suture.protocol.manifest.Manifest;
import dev.suture.protocol.manifest.ManifestCodec;
import dev.suture.protocol.manifest.PatchComponent;
import dev.suture.protocol.manifest.Payload;
import dev.suture.protocol.release.LevelEntry;
import dev.suture.protocol.tuf.DelegatedRole;
import dev.suture.protocol.tuf.DraftMetadata;
import dev.suture.protocol.tuf.FileNames;
import dev.suture.protocol.tuf.MetadataWriter;
import dev.suture.protocol.tuf.MetadataWriter.Header;
import dev.suture.protocol.tuf.TargetEntry;
import dev.suture.protocol.tuf.TargetFile;
import dev.suture.publisher.Problem;
import dev.suture.publisher.PublisherException;
import dev.suture.publisher.PublisherException.Details;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a vendor hands over: a folder in the form of a repository, with the metadata of one
 * delegated role, its statements and their payloads. Statements stay in it, so that the next
 * metadata says them as well.
 */
public final class VendorFolder {
  private static final int METADATA_BYTES_MAX = 1 << 20;

  private final Repository folder;
  private final DurableFiles files;

  /** The folder need not exist yet. */
  public VendorFolder(Path folder) {
    this.folder = Repository.at(folder);
    this.files = new DurableFiles(this.folder);
  }

  /** Name of the role that signs for a component. */
  public static String role(ComponentName component) {
    return "component-" + component.word();
  }

  /** Adds a statement about a component; durable on return. */
  public void add(PatchComponent component) throws PublisherException {
    byte[] statement = ManifestCodec.statement(component);
    TargetFile file = Publication.targetFile(statement);
    String path = ManifestCodec.statementPath(component);
    files.add(LevelEntry.reference(path, file, true).path(), statement);
  }

  /** Adds a payload; durable on return. */
  public void add(FileRef payload, Path content) throws PublisherException {
    files.add(payload.path(), payload.sha256(), () -> Files.newInputStream(content));
  }

  /**
   * All statements about a component, as metadata that is to be signed; its version is the next
   * one.
   *
   * @param versionMin its version is this at least: an owner who lost the folder's history goes on
   *     behind what the publisher has
   * @throws PublisherException {@code INPUT_UNREADABLE} if there is no statement, {@code
   *     REPOSITORY_DAMAGED} if a file is none
   */
  public DraftMetadata draft(ComponentName component, long versionMin, Instant expires)
      throws PublisherException {
    String directory = LevelEntry.TARGETS + "components/" + component.word();
    Map<String, TargetEntry> targets = new TreeMap<>();
    try {
      for (String name : folder.storage().list(directory)) {
        if (name.startsWith(".")) {
          continue;
        }
        String path = directory + "/" + name;
        byte[] content = folder.storage().read(path, Manifest.BYTES_MAX).orElseThrow();
        targets.put(
            ManifestCodec.statementPath(statement(content, path)),
            new TargetEntry(Publication.targetFile(content)));
      }
    } catch (IOException e) {
      throw folder.unreadable(directory, e);
    }
    if (targets.isEmpty()) {
      throw new PublisherException(
          Problem.INPUT_UNREADABLE,
          new Details(
              "read the statements about " + component,
              "at least one",
              "none",
              folder.folder().resolve(directory).toString(),
              "make one with \"suture-publish patch build\""));
    }
    long version = Math.max(versionMin, newest(component) + 1);
    return MetadataWriter.targets(new Header(version, expires), targets, List.of());
  }

  private PatchComponent statement(byte[] content, String path) throws PublisherException {
    try {
      return ManifestCodec.decodeStatement(content);
    } catch (RejectedException e) {
      throw folder.damaged(
          "a statement", e.explanation(), path, "remove it, or build the patch again");
    }
  }

  /** Adds the signed metadata; durable on return. */
  public void put(ComponentName component, long version, byte[] metadata)
      throws PublisherException {
    files.add(path(component, version), metadata);
  }

  private static String path(ComponentName component, long version) {
    return Repository.METADATA + "/" + FileNames.metadata(version, role(component));
  }

  /** The version of the newest metadata; 0 for none. */
  private long newest(ComponentName component) throws PublisherException {
    return new MetadataVersions(folder).next(role(component), 0) - 1;
  }

  /**
   * Takes the newest metadata over into a repository, and first the files that it stands for.
   * Nothing is written unless the owner has signed it.
   *
   * @throws PublisherException {@code INPUT_UNREADABLE}, {@code INPUT_MALFORMED}, {@code
   *     SELF_CHECK_FAILED} if devices would refuse it, {@code REPOSITORY_DAMAGED} if a file is
   *     missing here, or has another place than payloads have
   */
  public Published importInto(Publication publication, DelegatedRole role, ComponentName component)
      throws PublisherException {
    long version = newest(component);
    if (version == 0) {
      throw new PublisherException(
          Problem.INPUT_UNREADABLE,
          new Details(
              "take over what the vendor of " + component + " signed",
              "signed metadata",
              "none",
              folder.folder().resolve(Repository.METADATA).toString(),
              "the vendor makes it with \"suture-publish patch sign\""));
    }
    byte[] metadata;
    try {
      metadata = folder.storage().read(path(component, version), METADATA_BYTES_MAX).orElseThrow();
    } catch (IOException e) {
      throw folder.unreadable(path(component, version), e);
    }
    for (Map.Entry<String, TargetFile> target :
        publication.checkRole(role, metadata).targets().entrySet()) {
      FileRef file = LevelEntry.reference(target.getKey(), target.getValue(), true);
      byte[] content = folder.target(file, Manifest.BYTES_MAX);
      for (Payload payload : statement(content, file.path()).payloads()) {
        requireOwnPlace(payload, file.path());
        publication.addPayload(payload.file(), folder.file(payload.file()));
      }
      publication.addTarget(target.getKey(), content);
    }
    return publication.putRole(role, metadata);
  }

  /** A statement says where a payload is: nowhere but where payloads of this digest are. */
  private void requireOwnPlace(Payload payload, String statement) throws PublisherException {
    FileRef expected =
        Publication.payloadFile(payload.kind(), payload.file().sha256(), payload.file().bytes());
    if (!payload.file().equals(expected)) {
      throw folder.damaged(
          "a payload under " + expected.path(),
          payload.file().path(),
          statement,
          "ask its owner for what \"suture-publish patch build\" wrote");
    }
  }
}
