package dev.suture.publisher.delta;

import dev.suture.delta.CopyMap;
import dev.suture.delta.ImageWalk;
import dev.suture.protocol.Sha256;
import dev.suture.protocol.delta.DeltaHeader;
import dev.suture.protocol.failure.SutureException;
import java.io.BufferedOutputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;

/** Writes deltas between two images, once it is known what is copied and where addresses are. */
final class DeltaWriter {
  private final OpenedPair pair;
  private final MappedImage base;
  private final MappedImage image;
  private final Sha256 baseSha256;
  private final Sha256 imageSha256;

  /** Digests both images. */
  DeltaWriter(OpenedPair pair) throws InterruptedException {
    this.pair = pair;
    base = pair.base();
    image = pair.image();
    baseSha256 = pair.closedBase().sha256();
    imageSha256 = pair.closedImage().sha256();
  }

  /**
   * Writes a delta to a file.
   *
   * @throws Cancelled if the thread is interrupted
   */
  DeltaStats write(Path file, CopyMap map, AddressPlan addresses, Progress progress)
      throws IOException {
    // Not a channel: interrupting closes channels, with an exception of their own.
    try (OutputStream out = new BufferedOutputStream(new FileOutputStream(file.toFile()))) {
      return write(out, map, addresses, progress);
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private DeltaStats write(OutputStream out, CopyMap map, AddressPlan addresses, Progress progress)
      throws IOException {
    DeltaHeader header =
        new DeltaHeader(
            pair.isOpen(),
            addresses.learnedLog(),
            map.count(),
            addresses.segments().count(),
            addresses.spans().count(),
            pair.closedBase().bytes(),
            baseSha256,
            pair.closedImage().bytes(),
            imageSha256);
    out.write(header.encode());
    long opening = pair.isOpen() ? pair.write(out) : 0;
    StreamWriter[] copies = CopyPlan.streams(map);
    StreamWriter[] places = addresses.streams();
    long bytes =
        DeltaHeader.BYTES
            + opening
            + StreamGroup.write(out, copies[0], copies[1], copies[2], places[0], places[1]);
    PartWriter parts = new PartWriter(image, out);
    try {
      new ImageWalk(
              map,
              addresses.segments(),
              addresses.spans(),
              addresses.learnedLog(),
              image.bytes(),
              new MappedBase(base),
              parts,
              (source, offset, length) -> report(parts.done(), progress))
          .run();
    } catch (SutureException e) {
      throw new IllegalStateException("a walk over mapped images failed", e);
    }
    bytes += parts.finish();
    return new DeltaStats(
        bytes,
        image.bytes(),
        image.bytes() - parts.surprised() - parts.inserted(),
        parts.surprised(),
        parts.inserted(),
        map.count());
  }

  private void report(long done, Progress progress) {
    Cancelled.check("predicting");
    progress.at("predicting", done, image.bytes());
  }
}
