package dev.suture.publisher.seal;

import com.google.crypto.tink.subtle.AesGcmHkdfStreaming;
import dev.suture.protocol.FileRef;
import dev.suture.protocol.Sha256;
import dev.suture.protocol.seal.SealKey;
import dev.suture.protocol.seal.SealedFile;
import dev.suture.publisher.InputFiles;
import dev.suture.publisher.NewFile;
import dev.suture.publisher.Problem;
import dev.suture.publisher.PublisherException;
import dev.suture.publisher.PublisherException.Details;
import java.io.BufferedOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;

/** Makes sealed files; {@code docs/sealed-format.md}. */
public final class Sealer {
  private static final int PIECE_BYTES = 64 << 10;

  private Sealer() {}

  /**
   * A sealed file and what opens it.
   *
   * @param file what signed data may say about it at once
   * @param key what signed data says when it is released, and nobody before
   */
  public record Sealed(SealedFile file, SealKey key) {}

  /**
   * Seals a file with a new random key, which is only returned: whoever loses it cannot open the
   * file. The sealed file appears whole, never in the place of another, and is durable on return.
   *
   * @param plain the file, which must not change meanwhile
   * @param path where devices will find the sealed file, as in {@link FileRef}; it can be opened
   *     under no other
   * @param sealed where it is written
   * @throws PublisherException {@code INPUT_UNREADABLE}, {@code INPUT_MALFORMED} if it is longer
   *     than devices read or the path is none, {@code STORAGE_FAILED} if it cannot be written or
   *     there is a file
   */
  public static Sealed seal(Path plain, String path, Path sealed) throws PublisherException {
    byte[] random = new byte[SealKey.BYTES];
    new SecureRandom().nextBytes(random);
    SealKey key = SealKey.ofBytes(random);
    long plainBytes = length(plain);
    FileRef named;
    try {
      // Whether such a file may be named at all, before anything is written.
      named = new FileRef(path, SealedFile.sealedBytes(plainBytes), Sha256.of(new byte[0]));
    } catch (IllegalArgumentException e) {
      throw new PublisherException(
          Problem.INPUT_MALFORMED,
          new Details(
              "seal a file",
              "one that devices can be told of",
              String.valueOf(e.getMessage()),
              plain + " as " + path,
              "choose a path of letters, digits and . + - _ /, and a file of at most 4 GiB"),
          e);
    }
    MessageDigest digest = Sha256.newDigest();
    write(
        sealed,
        out -> {
          OutputStream digesting = new DigestOutputStream(new Open(out), digest);
          try (InputStream in = open(plain);
              OutputStream encrypting =
                  encrypting(key, digesting, SealedFile.associatedData(path, plainBytes))) {
            copy(in, encrypting, plain, plainBytes);
          }
        });
    FileRef file = new FileRef(path, named.bytes(), Sha256.ofBytes(digest.digest()));
    return new Sealed(new SealedFile(file, plainBytes), key);
  }

  private static OutputStream encrypting(SealKey key, OutputStream out, byte[] associatedData)
      throws IOException {
    try {
      return new BufferedOutputStream(
          new AesGcmHkdfStreaming(
                  key.toBytes(),
                  SealedFile.KEY_DERIVATION,
                  SealedFile.CIPHER_KEY_BYTES,
                  SealedFile.SEGMENT_BYTES,
                  /* firstSegmentOffset= */ 0)
              .newEncryptingStream(out, associatedData),
          PIECE_BYTES);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("AES-GCM: expected it in this runtime", e);
    }
  }

  /** Exactly as many bytes as were announced and authenticated. */
  private static void copy(InputStream in, OutputStream out, Path plain, long plainBytes)
      throws IOException, PublisherException {
    byte[] piece = new byte[PIECE_BYTES];
    long done = 0;
    while (true) {
      int got;
      try {
        got = in.read(piece);
      } catch (IOException e) {
        throw unreadable(plain, e);
      }
      if (got < 0) {
        break;
      }
      done += got;
      if (done > plainBytes) {
        throw changed(plain, plainBytes, "more");
      }
      out.write(piece, 0, got);
    }
    if (done < plainBytes) {
      throw changed(plain, plainBytes, Long.toString(done));
    }
  }

  private static void write(Path sealed, NewFile.Content<PublisherException> content)
      throws PublisherException {
    try {
      NewFile.write(sealed, NewFile.PUBLIC, content);
    } catch (IOException e) {
      throw storage("write a sealed file", sealed, e);
    }
  }

  private static long length(Path plain) throws PublisherException {
    try {
      return Files.size(plain);
    } catch (IOException e) {
      throw unreadable(plain, e);
    }
  }

  private static InputStream open(Path plain) throws PublisherException {
    try {
      return Files.newInputStream(plain);
    } catch (IOException e) {
      throw unreadable(plain, e);
    }
  }

  private static PublisherException unreadable(Path plain, IOException e) {
    return new PublisherException(
        Problem.INPUT_UNREADABLE,
        new Details(
            "seal a file",
            "a readable file",
            InputFiles.describe(e),
            plain.toString(),
            "check the path and its permissions"),
        e);
  }

  private static PublisherException changed(Path plain, long expected, String got) {
    return new PublisherException(
        Problem.INPUT_UNREADABLE,
        new Details(
            "seal a file",
            expected + " bytes, as it had when it was opened",
            got,
            plain.toString(),
            "run the command again when nobody writes the file"));
  }

  private static PublisherException storage(String attempted, Path where, IOException e) {
    boolean exists = e instanceof FileAlreadyExistsException;
    return new PublisherException(
        Problem.STORAGE_FAILED,
        new Details(
            attempted,
            exists ? "a name that is free" : "a file system with POSIX permissions and space",
            exists ? "a file" : InputFiles.describe(e),
            where.toString(),
            exists
                ? "choose another name: nothing is overwritten"
                : "check the disk and the folder's owner, then run the command again"),
        e);
  }

  /** Tink closes what it writes to, and who gave it the stream still has to sync it. */
  private static final class Open extends FilterOutputStream {
    Open(OutputStream out) {
      super(out);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      out.write(bytes, offset, length);
    }

    @Override
    public void close() throws IOException {
      flush();
    }
  }
}
