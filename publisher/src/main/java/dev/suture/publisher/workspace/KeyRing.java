package dev.suture.publisher.workspace;

import dev.suture.protocol.tuf.RoleKeys;
import dev.suture.protocol.tuf.RoleType;
import dev.suture.protocol.tuf.SignedMetadata.Signature;
import dev.suture.protocol.tuf.TufKey;
import dev.suture.publisher.InputFiles;
import dev.suture.publisher.Problem;
import dev.suture.publisher.PublisherException;
import dev.suture.publisher.PublisherException.Details;
import dev.suture.publisher.keys.role.KeyFile;
import dev.suture.publisher.keys.role.PassphraseSource;
import dev.suture.publisher.keys.role.RoleSigner;
import dev.suture.publisher.keys.role.SignatureCollection;
import dev.suture.publisher.keys.role.SigningRequest;
import dev.suture.publisher.repository.RoleSigning;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The private keys of a folder, opened when they are needed. Not for several threads. */
public final class KeyRing implements RoleSigning {
  /** What the names of key files end in. */
  public static final String ENDING = ".key";

  private final Path folder;
  private final PassphraseSource passphrases;
  private final Map<TufKey, RoleSigner> open = new HashMap<>();
  private final Map<TufKey, RoleSigner> passingKeys = new HashMap<>();

  /** The keys in this folder; nothing is read yet. */
  public KeyRing(Path folder, PassphraseSource passphrases) {
    this.folder = folder;
    this.passphrases = passphrases;
  }

  /** A key that was just made. */
  void add(RoleSigner signer) {
    open.put(signer.key(), signer);
  }

  /** A key that is in no file. */
  void addPassing(RoleSigner signer) {
    passingKeys.put(signer.key(), signer);
  }

  @Override
  public List<List<Signature>> sign(List<SigningRequest> requests) throws PublisherException {
    List<List<Signature>> signatures = new ArrayList<>();
    for (SigningRequest request : requests) {
      SignatureCollection collection = collect(request);
      if (collection.missing() > 0) {
        throw missing(
            request.role() + " " + request.draft().read().version(),
            collection.missing(),
            collection.unsigned());
      }
      signatures.add(collection.signatures());
    }
    return signatures;
  }

  /** The signatures of those keys that are here; perhaps too few, perhaps none. */
  SignatureCollection collect(SigningRequest request) throws PublisherException {
    SignatureCollection collection = new SignatureCollection(request);
    Map<String, TufKey> keys = new LinkedHashMap<>();
    request.authorities().forEach(authority -> keys.putAll(authority.keys()));
    for (Map.Entry<String, RoleSigner> signer : atHand(keys).entrySet()) {
      collection.add(
          new Signature(signer.getKey(), signer.getValue().sign(request.draft().signedBytes())));
    }
    return collection;
  }

  @Override
  public void rehearse(Map<RoleType, RoleKeys> roles) throws PublisherException {
    for (Map.Entry<RoleType, RoleKeys> role : roles.entrySet()) {
      Map<String, TufKey> keys = role.getValue().keys();
      Map<String, RoleSigner> atHand = atHand(keys);
      int missing = role.getValue().threshold() - atHand.size();
      if (missing > 0) {
        List<String> absent = new ArrayList<>();
        keys.forEach(
            (id, key) -> {
              if (!atHand.containsKey(id)) {
                absent.add(key.type() + " " + id);
              }
            });
        throw missing(role.getKey().word(), missing, absent);
      }
    }
  }

  /** Whether enough of these keys have files here; none is opened. */
  public boolean hasFiles(RoleKeys role) throws PublisherException {
    Map<TufKey, KeyFile> files = files();
    return role.keys().values().stream().filter(files::containsKey).count() >= role.threshold();
  }

  /** Those of these keys whose files are here, ready to sign. */
  private Map<String, RoleSigner> atHand(Map<String, TufKey> keys) throws PublisherException {
    Map<TufKey, KeyFile> files = files();
    Map<String, RoleSigner> signers = new LinkedHashMap<>();
    for (Map.Entry<String, TufKey> key : keys.entrySet()) {
      KeyFile file = files.get(key.getValue());
      RoleSigner passing = passingKeys.get(key.getValue());
      if (file != null) {
        signers.put(key.getKey(), signer(key.getValue(), file));
      } else if (passing != null) {
        signers.put(key.getKey(), passing);
      }
    }
    return signers;
  }

  private PublisherException missing(String what, int missing, List<String> absent) {
    return new PublisherException(
        Problem.SIGNATURES_MISSING,
        new Details(
            "sign " + what,
            missing + " more of the role's keys",
            "no files of: " + String.join(", ", absent),
            folder.toString(),
            "bring the files of these keys here, or ask for the signatures of root and targets with"
                + " --requests DIR; nothing was published"));
  }

  private RoleSigner signer(TufKey key, KeyFile file) throws PublisherException {
    RoleSigner signer = open.get(key);
    if (signer == null) {
      signer = file.load(passphrases);
      open.put(key, signer);
    }
    return signer;
  }

  /** The key files that are there, by their public halves. */
  private Map<TufKey, KeyFile> files() throws PublisherException {
    Map<TufKey, KeyFile> files = new LinkedHashMap<>();
    try (DirectoryStream<Path> paths = Files.newDirectoryStream(folder, "*" + ENDING)) {
      for (Path path : paths) {
        KeyFile file = new KeyFile(path);
        if (file.isKey()) {
          files.put(file.publicKey(), file);
        }
      }
    } catch (NoSuchFileException e) {
      throw Workspace.missing(folder);
    } catch (DirectoryIteratorException e) {
      throw unreadable(new IOException(e));
    } catch (IOException e) {
      throw unreadable(e);
    }
    return files;
  }

  private PublisherException unreadable(IOException e) {
    return new PublisherException(
        Problem.STORAGE_FAILED,
        new Details(
            "read the keys",
            "a folder that can be read",
            InputFiles.describe(e),
            folder.toString(),
            "check --keys and the folder's owner"),
        e);
  }
}
