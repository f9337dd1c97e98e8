package dev.suture.delta;

import dev.suture.protocol.Sha256;
import dev.suture.protocol.delta.DeltaHeader;
import dev.suture.protocol.delta.OperationKind;
import dev.suture.protocol.delta.Varint;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.RejectedException;
import dev.suture.protocol.failure.RetryableException;
import dev.suture.protocol.manifest.ImageIdentity;
import java.io.InputStream;

/**
 * Rebuilds an image from its base and a delta, in one pass over the delta. {@code
 * docs/patch-format.md} has the format, with the step numbers of the comments here.
 *
 * <p>Memory: {@link #OUTPUT_BYTES} and what {@link ZstdFrame}, {@link OperationReader} and {@link
 * BaseReader} state, whatever the lengths of delta, base and image.
 */
public final class DeltaApplier {
  /** The image is written in pieces of at most this many bytes. */
  static final int OUTPUT_BYTES = 64 << 10;

  private final DeltaHeader header;
  private final OperationReader operations;
  private final BaseReader base;
  private final ImageSink out;
  private final byte[] output = new byte[OUTPUT_BYTES];
  private int outputUsed;
  private long imageDone;
  private long operationsDone;
  private long baseEnd;

  private DeltaApplier(
      DeltaHeader header, OperationReader operations, BaseReader base, ImageSink out) {
    this.header = header;
    this.operations = operations;
    this.base = base;
    this.out = out;
  }

  /**
   * Rebuilds an image. Nothing is durable on return; after any failure, what was written is part of
   * an image or a wrong one, and the caller begins again. Exactly {@code image.bytes()} bytes are
   * written on success, never more otherwise. That they are the right ones is not decided here, but
   * by {@link VerifyingSink}.
   *
   * @param delta the delta's file, from its beginning; stays open
   * @param deltaBytes the file's signed length
   * @param baseSha256 signed digest of the base, which the caller compared with {@code base}
   * @param image what the manifest says about the image
   * @param base read at random; stays open
   * @param out gets the image in order
   * @throws RejectedException {@code DELTA_MALFORMED} if the delta is not one for this base and
   *     image, or is damaged
   * @throws DeviceException {@code STORAGE_IO} if the delta's file cannot be read, and whatever
   *     base and sink throw
   * @throws RetryableException what the sink throws
   */
  public static void apply(
      InputStream delta,
      long deltaBytes,
      Sha256 baseSha256,
      ImageIdentity image,
      BaseImage base,
      ImageSink out)
      throws RejectedException, DeviceException, RetryableException {
    PayloadInput payload = new PayloadInput("delta", delta, deltaBytes);
    // Step 1: the header, and whether it says what the manifest says.
    byte[] bytes = new byte[DeltaHeader.BYTES];
    payload.readFully(bytes, 0, bytes.length);
    DeltaHeader header = DeltaHeader.decode(bytes);
    header.requireFor(base.bytes(), baseSha256, image);
    // Step 2: the frame's header, before any memory is given for its window.
    try (ZstdFrame frame = new ZstdFrame(payload, header.windowLog(), header.operationBytes())) {
      new DeltaApplier(header, new OperationReader(frame), new BaseReader(base), out).run();
    }
  }

  private void run() throws RejectedException, DeviceException, RetryableException {
    while (operationsDone < header.operations()) {
      operation();
      operationsDone++;
    }
    // Step 7: everything was used, and the image is as long as it must be.
    if (imageDone != header.imageBytes()) {
      throw malformed("image: expected " + header.imageBytes() + " bytes, got " + imageDone);
    }
    operations.requireEnd();
    flush();
  }

  private void operation() throws RejectedException, DeviceException, RetryableException {
    // Step 3: kind and length.
    long head = operations.number();
    OperationKind kind =
        OperationKind.ofHead(head)
            .orElseThrow(() -> malformed("operation kind: expected 0 to 2, got 3"));
    long length = head >>> OperationKind.BITS;
    if (length == 0 || length > header.imageBytes() - imageDone) {
      throw malformed(
          "operation length: expected 1 to "
              + (header.imageBytes() - imageDone)
              + " bytes, got "
              + length);
    }
    // Step 4: the range of the base.
    long position = 0;
    if (kind != OperationKind.INSERT) {
      position = baseEnd + Varint.unzigzag(operations.number());
      if (position < 0 || position > base.bytes() || length > base.bytes() - position) {
        throw malformed(
            "base range: expected it within "
                + base.bytes()
                + " bytes, got "
                + length
                + " bytes at "
                + position);
      }
      baseEnd = position + length;
    }
    for (long left = length; left > 0; ) {
      int now = piece(left);
      // Steps 5 and 6: the bytes of the base and of the delta.
      switch (kind) {
        case COPY -> base.read(position, output, outputUsed, now);
        case ADD -> {
          base.read(position, output, outputUsed, now);
          operations.addTo(output, outputUsed, now);
        }
        case INSERT -> operations.take(output, outputUsed, now);
      }
      outputUsed += now;
      imageDone += now;
      position += now;
      left -= now;
    }
  }

  /** How many bytes can be put into the output at once, made empty if it is full. */
  private int piece(long wanted) throws DeviceException, RetryableException {
    if (outputUsed == OUTPUT_BYTES) {
      flush();
    }
    return (int) Math.min(wanted, OUTPUT_BYTES - outputUsed);
  }

  private void flush() throws DeviceException, RetryableException {
    if (outputUsed > 0) {
      out.write(output, 0, outputUsed);
      outputUsed = 0;
    }
  }

  private RejectedException malformed(String what) {
    return new RejectedException(
        FailureCode.DELTA_MALFORMED,
        "delta "
            + what
            + ", at operation "
            + operationsDone
            + ", operation byte "
            + operations.position()
            + ", image byte "
            + imageDone);
  }
}
