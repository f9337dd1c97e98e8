package dev.suture.publisher.delta;

import dev.suture.publisher.PublisherException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * Aligns an image with its base, on all processors: the image in stretches of a fixed length, each
 * on its own, so that what comes about does not depend on how many processors there are.
 */
final class Alignment {
  /** Long enough that what is lost at the borders does not matter. */
  private static final long STRETCH_BYTES = 16L << 20;

  private final MappedImage base;
  private final MappedImage image;
  private final Matchers matchers;
  private final Progress progress;
  private final long stretchBytes;
  private long done;

  private Alignment(
      MappedImage base,
      MappedImage image,
      Matching matching,
      Progress progress,
      long stretchBytes) {
    this.base = base;
    this.image = image;
    this.progress = progress;
    this.stretchBytes = stretchBytes;
    matchers = new Matchers(base, image, matching, this::report);
  }

  /**
   * Which ranges of the image resemble which of the base.
   *
   * @throws PublisherException {@code HEAP_TOO_SMALL}
   */
  static Alignments of(MappedImage base, MappedImage image, Matching matching, Progress progress)
      throws InterruptedException, PublisherException {
    return of(base, image, matching, progress, STRETCH_BYTES);
  }

  static Alignments of(
      MappedImage base, MappedImage image, Matching matching, Progress progress, long stretchBytes)
      throws InterruptedException, PublisherException {
    Alignment alignment = new Alignment(base, image, matching, progress, stretchBytes);
    return image.bytes() <= stretchBytes ? alignment.stretch(0) : alignment.stretches();
  }

  private Alignments stretch(long start) throws InterruptedException, PublisherException {
    long end = Math.min(image.bytes(), start + stretchBytes);
    return Aligner.align(base, image, start, end, matchers, this::compared);
  }

  private Alignments stretches() throws InterruptedException, PublisherException {
    int threads = Runtime.getRuntime().availableProcessors();
    ExecutorService executor = Executors.newFixedThreadPool(threads);
    try {
      List<Future<Alignments>> parts = new ArrayList<>();
      for (long at = 0; at < image.bytes(); at += stretchBytes) {
        long start = at;
        parts.add(executor.submit(() -> stretch(start)));
      }
      Alignments all = new Alignments();
      for (Future<Alignments> part : parts) {
        all.append(part.get());
      }
      return all;
    } catch (ExecutionException e) {
      throw rethrown(e);
    } finally {
      executor.shutdownNow();
      // Nobody looks at the images when this returns.
      boolean interrupted = false;
      while (!executor.isTerminated()) {
        try {
          executor.awaitTermination(1, TimeUnit.HOURS);
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static RuntimeException rethrown(ExecutionException e)
      throws InterruptedException, PublisherException {
    Throwable cause = e.getCause();
    if (cause instanceof InterruptedException interrupted) {
      throw interrupted;
    }
    if (cause instanceof PublisherException problem) {
      throw problem;
    }
    if (cause instanceof Error error) {
      throw error;
    }
    return new IllegalStateException("aligning failed", cause);
  }

  private synchronized void compared(long more) {
    done += more;
    progress.at("comparing", done, image.bytes());
  }

  private synchronized void report(String stage, long stageDone, long total) {
    progress.at(stage, stageDone, total);
  }
}
