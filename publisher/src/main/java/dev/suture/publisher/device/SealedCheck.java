package dev.suture.publisher.device;

import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.SutureException;
import dev.suture.protocol.seal.SealKey;
import dev.suture.protocol.seal.SealedFile;
import dev.suture.trust.seal.Unsealer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** Opens sealed files as the device does. */
public final class SealedCheck {
  private SealedCheck() {}

  /**
   * Opens one. What was written is worth nothing if this throws; nothing is durable on return.
   *
   * @param file the sealed bytes
   * @param out gets what is inside; neither flushed nor closed
   * @throws SutureException why a device does not open it
   * @throws IOException if one of both files fails
   */
  public static void open(Path file, SealedFile sealed, SealKey key, OutputStream out)
      throws SutureException, IOException {
    try (InputStream in = Files.newInputStream(file)) {
      Unsealer.open(sealed, key, in, (bytes, offset, length) -> write(out, bytes, offset, length));
    } catch (DeviceException e) {
      if (e.getCause() instanceof IOException cause) {
        throw cause;
      }
      throw e;
    }
  }

  private static void write(OutputStream out, byte[] bytes, int offset, int length)
      throws DeviceException {
    try {
      out.write(bytes, offset, length);
    } catch (IOException e) {
      throw new DeviceException(FailureCode.STORAGE_IO, "what is inside: cannot be written", e);
    }
  }
}
