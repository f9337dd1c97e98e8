package dev.suture.publisher.delta;

import dev.suture.protocol.delta.DeltaHeader;
import dev.suture.publisher.PublisherException;
import java.io.BufferedOutputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
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
    OperationPlan plan = OperationPlan.of(from, to, alignments);
    DeltaHeader header =
        new DeltaHeader(
            ZstdFrameWriter.windowLog(plan.operationBytes()),
            plan.count(),
            plan.operationBytes(),
            from.bytes(),
            from.sha256(),
            to.bytes(),
            to.sha256());
    out.write(header.encode());
    try (ZstdFrameWriter frame = new ZstdFrameWriter(out, plan.operationBytes())) {
      plan.write(frame, progress);
      frame.finish();
      return new DeltaStats(
          DeltaHeader.BYTES + frame.bytes(),
          to.bytes(),
          plan.copiedBytes(),
          plan.addedBytes(),
          plan.insertedBytes(),
          plan.count());
    }
  }
}
