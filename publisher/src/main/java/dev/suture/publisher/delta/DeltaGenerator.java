package dev.suture.publisher.delta;

import dev.suture.delta.CopyMap;
import dev.suture.delta.ImageWalk;
import dev.suture.protocol.delta.DeltaHeader;
import dev.suture.protocol.delta.DeltaLimits;
import dev.suture.protocol.failure.SutureException;
import dev.suture.publisher.PublisherException;
import java.io.BufferedOutputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Makes the delta from a base to an image, in the format of {@code docs/patch-format.md}. The same
 * two files and the same way of matching always give the same bytes.
 *
 * <p>Memory: the images are mapped; heap is taken as {@link Matching} says, and sixteen bytes for
 * each operation. Images that hardly differ, byte by byte, take none for matching.
 */
public final class DeltaGenerator {
  private static final int LEARNED_EVERY_BYTES = 32;
  private static final int LEARNED_LOG_MIN = 10;

  private DeltaGenerator() {}

  /**
   * Writes a delta to a file, which is made anew. When this fails or is interrupted, the file is
   * gone.
   *
   * @throws PublisherException {@code HEAP_TOO_SMALL} if matching is needed, and no room for it
   * @throws InterruptedException if the thread is interrupted
   */
  public static DeltaStats generate(
      Path base, Path image, Path delta, Matching matching, Progress progress)
      throws IOException, InterruptedException, PublisherException {
    boolean complete = false;
    // Not a channel: interrupting closes channels, with an exception of their own.
    try (OutputStream out = new BufferedOutputStream(new FileOutputStream(delta.toFile()))) {
      DeltaStats stats = generate(base, image, out, matching, progress);
      out.flush();
      complete = true;
      return stats;
    } finally {
      if (!complete) {
        Files.deleteIfExists(delta);
      }
    }
  }

  /**
   * Writes a delta.
   *
   * @param base the base image: 1 byte to 2 GiB, unchanged meanwhile
   * @param image the image to rebuild: 1 byte to 2 GiB, unchanged meanwhile
   * @param out gets the delta; stays open, and is not flushed
   * @param matching {@link Matching#SUFFIX_ARRAY} only for a base below 2 GiB
   * @throws IllegalArgumentException if the base is too long for the way of matching
   * @throws PublisherException {@code HEAP_TOO_SMALL} if matching is needed, and no room for it
   * @throws InterruptedException if the thread is interrupted
   */
  public static DeltaStats generate(
      Path base, Path image, OutputStream out, Matching matching, Progress progress)
      throws IOException, InterruptedException, PublisherException {
    MappedImage from = MappedImage.map(base);
    if (matching == Matching.SUFFIX_ARRAY && from.bytes() > SuffixArray.BYTES_MAX) {
      throw new IllegalArgumentException(
          "base: expected at most "
              + SuffixArray.BYTES_MAX
              + " bytes to sort suffixes of, got "
              + from.bytes()
              + ": "
              + base);
    }
    MappedImage to = MappedImage.map(image);
    Alignments alignments = Aligner.align(from, to, matching, progress);
    CopyMap map = CopyPlan.of(alignments);
    AddressPlan addresses = AddressPlan.of(from, to, map);
    AddressPlan chosen = addresses;
    if (addresses.spans().count() > 0) {
      // Predicting can cost more than it saves: where code was rewritten, or is none.
      AddressPlan none = AddressPlan.none();
      OutputStream nowhere = OutputStream.nullOutputStream();
      long with = write(from, to, map, addresses, nowhere, progress).deltaBytes();
      long without = write(from, to, map, none, nowhere, progress).deltaBytes();
      chosen = with <= without ? addresses : none;
    }
    return write(from, to, map, chosen, out, progress);
  }

  private static DeltaStats write(
      MappedImage base,
      MappedImage image,
      CopyMap map,
      AddressPlan addresses,
      OutputStream out,
      Progress progress)
      throws IOException, InterruptedException {
    int learnedLog = learnedLog(addresses.codeBytes());
    DeltaHeader header =
        new DeltaHeader(
            learnedLog,
            map.count(),
            addresses.segments().count(),
            addresses.spans().count(),
            base.bytes(),
            base.sha256(),
            image.bytes(),
            image.sha256());
    out.write(header.encode());
    StreamWriter[] copies = CopyPlan.streams(map);
    StreamWriter[] places = addresses.streams();
    long bytes =
        DeltaHeader.BYTES
            + StreamGroup.write(out, copies[0], copies[1], copies[2], places[0], places[1]);
    PartWriter parts = new PartWriter(image, out);
    try {
      new ImageWalk(
              map,
              addresses.segments(),
              addresses.spans(),
              learnedLog,
              image.bytes(),
              new MappedBase(base),
              parts,
              (source, offset, length) -> report(parts.done(), image.bytes(), progress))
          .run();
      bytes += parts.finish();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    } catch (Cancelled e) {
      throw (InterruptedException) new InterruptedException(e.getMessage()).initCause(e);
    } catch (SutureException e) {
      throw new IllegalStateException("a walk over mapped images failed", e);
    }
    return new DeltaStats(
        bytes,
        image.bytes(),
        image.bytes() - parts.surprised() - parts.inserted(),
        parts.surprised(),
        parts.inserted(),
        map.count());
  }

  private static void report(long done, long total, Progress progress) {
    if (Thread.interrupted()) {
      throw new Cancelled();
    }
    progress.at("predicting", done, total);
  }

  /** Carries an interrupt through a walk. */
  private static final class Cancelled extends RuntimeException {
    private static final long serialVersionUID = 1;

    Cancelled() {
      super("interrupted while predicting");
    }
  }

  /**
   * Enough for each target of code once: about every sixteenth instruction is the first for one.
   */
  private static int learnedLog(long codeBytes) {
    if (codeBytes == 0) {
      return 0;
    }
    int log = Long.SIZE - Long.numberOfLeadingZeros(codeBytes / LEARNED_EVERY_BYTES);
    return Math.max(LEARNED_LOG_MIN, Math.min(DeltaLimits.LEARNED_LOG_MAX, log));
  }
}
