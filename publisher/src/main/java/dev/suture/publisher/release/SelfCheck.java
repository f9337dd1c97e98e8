package dev.suture.publisher.release;

import dev.suture.delta.DeltaApplier;
import dev.suture.delta.FullPayload;
import dev.suture.delta.ImageSink;
import dev.suture.delta.VerifyingSink;
import dev.suture.protocol.ComponentName;
import dev.suture.protocol.Sha256;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.RejectedException;
import dev.suture.protocol.failure.RetryableException;
import dev.suture.protocol.failure.SutureException;
import dev.suture.protocol.manifest.ImageIdentity;
import dev.suture.publisher.Problem;
import dev.suture.publisher.PublisherException;
import dev.suture.publisher.PublisherException.Details;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/**
 * Does what a device will do with a payload, by the device's own code, and compares the image that
 * comes out by its digest and by the root of its tree.
 */
final class SelfCheck {
  private SelfCheck() {}

  /** One way to make an image. */
  @FunctionalInterface
  private interface Rebuild {
    void into(InputStream payload, long payloadBytes, ImageSink out)
        throws RejectedException, DeviceException, RetryableException, IOException;
  }

  /**
   * Applies a delta.
   *
   * @throws PublisherException {@code SELF_CHECK_FAILED}
   * @throws IOException if a file cannot be read
   */
  static void delta(
      ComponentName name, Path delta, Path base, Sha256 baseSha256, ImageIdentity image)
      throws PublisherException, IOException {
    check(
        "apply the delta of " + name,
        delta,
        image,
        (payload, bytes, out) -> {
          try (FileBaseImage baseImage = new FileBaseImage(base)) {
            DeltaApplier.apply(payload, bytes, baseSha256, image, baseImage, out);
          }
        });
  }

  /**
   * Expands a full payload.
   *
   * @throws PublisherException {@code SELF_CHECK_FAILED}
   * @throws IOException if the file cannot be read
   */
  static void full(ComponentName name, Path full, ImageIdentity image)
      throws PublisherException, IOException {
    check(
        "expand the full payload of " + name,
        full,
        image,
        (payload, bytes, out) -> FullPayload.expand(payload, bytes, image, out));
  }

  private static void check(String attempted, Path file, ImageIdentity image, Rebuild rebuild)
      throws PublisherException, IOException {
    MessageDigest sha256 = Sha256.newDigest();
    try (InputStream payload = new BufferedInputStream(Files.newInputStream(file))) {
      VerifyingSink verity = new VerifyingSink(sha256::update, image, (position, block) -> {});
      rebuild.into(payload, Files.size(file), verity);
      verity.finish();
    } catch (SutureException e) {
      throw failed(attempted, "what a device accepts", e.getMessage(), file, e);
    }
    Sha256 got = Sha256.ofBytes(sha256.digest());
    if (!got.equals(image.sha256())) {
      throw failed(attempted, "image " + image.sha256().brief(), got.brief(), file, null);
    }
  }

  private static PublisherException failed(
      String attempted,
      String expected,
      @Nullable String got,
      Path file,
      @Nullable Throwable cause) {
    return new PublisherException(
        Problem.SELF_CHECK_FAILED,
        new Details(
            attempted,
            expected,
            String.valueOf(got),
            String.valueOf(file.getFileName()),
            "make sure that nothing writes to the images meanwhile and run the command again; if it"
                + " stays, this is a bug in Suture: nothing was published"),
        cause);
  }
}
