package dev.suture.trust.seal;

import com.google.crypto.tink.subtle.AesGcmHkdfStreaming;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.RejectedException;
import dev.suture.protocol.failure.RetryableException;
import dev.suture.protocol.seal.SealKey;
import dev.suture.protocol.seal.SealedFile;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.GeneralSecurityException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Opens sealed files; {@code docs/sealed-format.md}. Tink's streaming AEAD without its keysets. */
public final class Unsealer {
  /** Read and written at once; Tink holds two segments beside it. */
  private static final int PIECE_BYTES = 16 << 10;

  private Unsealer() {}

  /**
   * Opens a sealed file. Each segment was authenticated before the sink gets it, and it never gets
   * more than {@code sealed.plainBytes()}; but only when this returns is it known that nothing is
   * missing at the end, so what the sink got must not be used before. Nothing is durable on return.
   * Memory is the same for every length.
   *
   * @param sealed what is signed about the file; its digest was compared before
   * @param key released for this file
   * @param in the sealed file from its beginning; read to its end, stays open
   * @param sink gets the inside in order
   * @throws RejectedException {@code SEAL_INVALID} for another key, path or length than it was
   *     sealed with, and for bytes that were changed, cut off, added or moved
   * @throws DeviceException {@code STORAGE_IO} if the file cannot be read, {@code
   *     KERNEL_CALL_FAILED} if this machine has no AES-GCM, and what the sink throws
   * @throws RetryableException what the sink throws
   */
  public static void open(SealedFile sealed, SealKey key, InputStream in, OpenedSink sink)
      throws RejectedException, DeviceException, RetryableException {
    Source source = new Source(in);
    byte[] piece = new byte[PIECE_BYTES];
    long done = 0;
    // Not closed: that would close the caller's stream, and Tink's holds nothing else.
    InputStream plain = decrypting(sealed, key, source);
    while (true) {
      int got = read(sealed, source, plain, piece, done);
      if (got < 0) {
        break;
      }
      if (got > sealed.plainBytes() - done) {
        throw invalid(sealed, done, "got more than that", null);
      }
      if (got > 0) {
        sink.write(piece, 0, got);
        done += got;
      }
    }
    if (done != sealed.plainBytes()) {
      throw invalid(sealed, done, "got its end", null);
    }
  }

  private static InputStream decrypting(SealedFile sealed, SealKey key, InputStream source)
      throws DeviceException {
    try {
      return new AesGcmHkdfStreaming(
              key.toBytes(),
              SealedFile.KEY_DERIVATION,
              SealedFile.CIPHER_KEY_BYTES,
              SealedFile.SEGMENT_BYTES,
              /* firstSegmentOffset= */ 0)
          .newDecryptingStream(source, sealed.associatedData());
    } catch (GeneralSecurityException | IOException e) {
      throw new DeviceException(
          FailureCode.KERNEL_CALL_FAILED, "AES-GCM: expected it in this runtime, got " + e, e);
    }
  }

  private static int read(
      SealedFile sealed, Source source, InputStream plain, byte[] piece, long done)
      throws RejectedException, DeviceException {
    try {
      return plain.read(piece, 0, piece.length);
    } catch (IOException e) {
      // Both come as this; what the file itself threw was remembered.
      Optional<IOException> ofFile = source.failure();
      if (ofFile.isPresent()) {
        throw new DeviceException(
            FailureCode.STORAGE_IO,
            "sealed file " + sealed.file().path() + ": could not be read: " + ofFile.get(),
            ofFile.get());
      }
      throw invalid(sealed, done, "got another key or other bytes", e);
    }
  }

  private static RejectedException invalid(
      SealedFile sealed, long done, String got, @Nullable Throwable cause) {
    String text =
        "sealed file "
            + sealed.file().path()
            + ": expected "
            + sealed.plainBytes()
            + " bytes sealed with this key under this path, "
            + got
            + ", behind "
            + done;
    return cause == null
        ? new RejectedException(FailureCode.SEAL_INVALID, text)
        : new RejectedException(FailureCode.SEAL_INVALID, text, cause);
  }

  /** Remembers that the file itself failed. */
  private static final class Source extends FilterInputStream {
    private @Nullable IOException failed;

    Source(InputStream in) {
      super(in);
    }

    Optional<IOException> failure() {
      return Optional.ofNullable(failed);
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      try {
        return in.read(target, offset, length);
      } catch (IOException e) {
        failed = e;
        throw e;
      }
    }
  }
}
