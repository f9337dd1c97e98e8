package dev.suture.publisher.keys.role;

import dev.suture.protocol.json.Fields;
import dev.suture.protocol.json.JsonText;
import dev.suture.protocol.json.StrictJson;
import dev.suture.protocol.tuf.TufKey;
import dev.suture.publisher.InputFiles;
import dev.suture.publisher.NewFile;
import dev.suture.publisher.Problem;
import dev.suture.publisher.PublisherException;
import dev.suture.publisher.PublisherException.Details;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Optional;

/**
 * One key in a file, {@code rw-------}; its public half beside it under the name with {@code .pub}
 * behind.
 */
public final class KeyFile {
  private static final String PUBLIC_ENDING = ".pub";
  private static final int PUBLIC_FORMAT = 1;
  private static final String PEM = "-----BEGIN ";

  private final Path file;

  /** The file need not exist yet. */
  public KeyFile(Path file) {
    this.file = file;
  }

  /** The file with the private half. */
  public Path file() {
    return file;
  }

  /** The file with the public half. */
  public Path publicFile() {
    return file.resolveSibling(file.getFileName() + PUBLIC_ENDING);
  }

  /**
   * Refuses what {@link #generate} would refuse.
   *
   * @throws PublisherException {@code KEYS_EXIST}
   */
  public void requireAbsent() throws PublisherException {
    SafeFiles.requireAbsent(file);
    SafeFiles.requireAbsent(publicFile());
  }

  /**
   * Makes a key; both files are durable on return. If power fails inside there is nothing, or the
   * private file alone, which holds the public half as well.
   *
   * @param passphrase seals the private half; it is not closed
   * @throws PublisherException {@code KEYS_EXIST}, {@code STORAGE_FAILED}
   */
  public RoleSigner generate(KeyType type, Optional<Passphrase> passphrase)
      throws PublisherException {
    requireAbsent();
    SoftwareSigner signer = type.generate();
    KeyDocument document = KeyDocument.of(signer, passphrase);
    try {
      // A key that could not be read back is never handed out.
      KeyDocument.decode(document.encode()).open(passphrase);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("a key opens with the passphrase that it was sealed with", e);
    }
    SafeFiles.writeNew(file, document.encode(), NewFile.OWNER_ONLY);
    SafeFiles.writeNew(publicFile(), encodePublic(signer.key()), NewFile.PUBLIC);
    return signer;
  }

  /**
   * The key, ready to sign.
   *
   * @param source asked only if the private half is sealed
   * @throws PublisherException {@code KEYS_MISSING}, {@code KEYS_EXPOSED}, {@code KEYS_MALFORMED},
   *     {@code PASSPHRASE_WRONG}, or what the source throws
   */
  public RoleSigner load(PassphraseSource source) throws PublisherException {
    KeyDocument document = read();
    try {
      if (document.seal().isEmpty()) {
        return document.open(Optional.empty());
      }
      try (Passphrase passphrase = source.get("the key " + file.getFileName())) {
        return document.open(Optional.of(passphrase));
      }
    } catch (GeneralSecurityException e) {
      throw new PublisherException(
          Problem.PASSPHRASE_WRONG,
          new Details(
              "open the private key",
              "the passphrase that it was sealed with",
              "another one",
              file.toString(),
              "give the right passphrase; the file itself is not damaged"),
          e);
    } catch (IllegalArgumentException e) {
      throw malformed(file, e);
    }
  }

  /**
   * The public half, without passphrase.
   *
   * @throws PublisherException {@code KEYS_MISSING}, {@code KEYS_EXPOSED}, {@code KEYS_MALFORMED}
   */
  public TufKey publicKey() throws PublisherException {
    return read().key();
  }

  /**
   * Whether this may be a key: it is not if it is another of our documents, or a key in PEM. What
   * cannot be read is taken for one, so that it is said.
   */
  public boolean isKey() {
    byte[] bytes;
    try {
      bytes = InputFiles.read("a file", file, KeyDocument.BYTES_MAX);
    } catch (PublisherException e) {
      return true;
    }
    try {
      return StrictJson.parse("file", bytes, KeyDocument.BYTES_MAX).has(KeyDocument.NAME);
    } catch (IllegalArgumentException e) {
      return !new String(bytes, StandardCharsets.ISO_8859_1).startsWith(PEM);
    }
  }

  /** Whether a passphrase is needed to sign. Throws what {@link #publicKey} throws. */
  public boolean isSealed() throws PublisherException {
    return read().seal().isPresent();
  }

  private KeyDocument read() throws PublisherException {
    byte[] bytes = SafeFiles.readPrivate("the private key", file, KeyDocument.BYTES_MAX);
    try {
      return KeyDocument.decode(bytes);
    } catch (IllegalArgumentException e) {
      throw malformed(file, e);
    }
  }

  /** A public half's file. */
  public static byte[] encodePublic(TufKey key) {
    return JsonText.indented(
        json -> {
          json.name("suture_public_key").value(PUBLIC_FORMAT);
          json.name("keyid").value(key.id());
          key.json().writeTo(json.name("key"));
        });
  }

  /**
   * Reads a public half's file.
   *
   * @throws PublisherException {@code INPUT_UNREADABLE}, {@code KEYS_MALFORMED}
   */
  public static TufKey readPublic(Path file) throws PublisherException {
    byte[] bytes = InputFiles.read("the public key", file, KeyDocument.BYTES_MAX);
    try {
      Fields fields = StrictJson.parse("public key", bytes, KeyDocument.BYTES_MAX);
      fields.integer("suture_public_key", PUBLIC_FORMAT, PUBLIC_FORMAT);
      TufKey key = TufKey.decode(fields.object("key"));
      if (!fields.text("keyid").equals(key.id())) {
        throw new IllegalArgumentException("public key.keyid: expected " + key.id());
      }
      return key;
    } catch (IllegalArgumentException e) {
      throw malformed(file, e);
    }
  }

  private static PublisherException malformed(Path file, IllegalArgumentException e) {
    return new PublisherException(
        Problem.KEYS_MALFORMED,
        new Details(
            "read a key",
            "a key file as \"suture-publish key generate\" writes it",
            String.valueOf(e.getMessage()),
            file.toString(),
            "bring the file back from your backup"),
        e);
  }
}
