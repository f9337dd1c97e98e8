package dev.suture.delta;

import dev.suture.protocol.Sha256;
import dev.suture.protocol.delta.DeltaHeader;
import dev.suture.protocol.delta.DeltaStream;
import dev.suture.protocol.delta.Varint;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.RejectedException;
import dev.suture.protocol.failure.RetryableException;
import dev.suture.protocol.manifest.ImageIdentity;
import java.io.InputStream;

/**
 * Rebuilds an image from its base and a delta, in one pass over the delta. {@code
 * docs/patch-format.md} has the format, with the step numbers of the comments here.
 *
 * <p>Memory: what {@link CopyMap}, {@link Segments}, {@link Spans} and {@link ImageWalk} state, and
 * the streams of one part with the dictionary of one of them, whatever the lengths of delta, base
 * and image; where deflate streams are opened, what {@link OpenedStreams} and {@link OpenedBase}
 * state as well: see {@link dev.suture.protocol.delta.DeltaLimits}.
 */
public final class DeltaApplier {
  private DeltaApplier() {}

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
    StreamInput input = new StreamInput(payload);
    if (header.opensStreams()) {
      // Step 2: the map and what follows are about what is in deflate streams.
      OpenedStreams opened = OpenedStreams.read(input, header);
      try (OpenedBase openedBase = new OpenedBase(base, opened);
          ClosingSink closing = new ClosingSink(opened, header.imageBytes(), out)) {
        rebuild(input, opened.header(header), openedBase, closing);
        closing.requireEnd();
      }
    } else {
      rebuild(input, header, base, out);
    }
    // Step 8: everything was used.
    payload.requireEnd();
  }

  private static void rebuild(StreamInput input, DeltaHeader header, BaseImage base, ImageSink out)
      throws RejectedException, DeviceException, RetryableException {
    // Steps 3 and 4: what is copied from where, and where its addresses are.
    Tables tables = Tables.read(input, header);
    input.forget();
    CopyMap map = new CopyMap(tables.copies[0], tables.copies[1], tables.copies[2]);
    // Steps 5 to 7: part by part.
    PartReader parts = new PartReader(input, header.imageBytes());
    new ImageWalk(
            map,
            tables.segments,
            tables.spans,
            header.learnedLog(),
            header.imageBytes(),
            base,
            parts,
            out)
        .run();
    parts.requireEnd();
  }

  /** What the map's streams say. */
  private record Tables(int[][] copies, Segments segments, Spans spans) {
    static Tables read(StreamInput input, DeltaHeader header)
        throws RejectedException, DeviceException {
      StreamCursor[] streams =
          input.group(
              numberBytes(3L * header.copies())
                  + numberBytes((long) Segments.NUMBERS * header.segments())
                  + numberBytes((long) Spans.NUMBERS * header.spans()),
              DeltaStream.NEW_LENGTHS,
              DeltaStream.COPY_LENGTHS,
              DeltaStream.BASE_PLACES,
              DeltaStream.SEGMENTS,
              DeltaStream.SPANS);
      int[][] copies = CopyMap.read(header, streams[0], streams[1], streams[2]);
      Segments segments = Segments.read(header, streams[3]);
      return new Tables(copies, segments, Spans.read(header, segments, streams[4]));
    }
  }

  private static long numberBytes(long numbers) {
    return numbers * Varint.BYTES_MAX;
  }
}
