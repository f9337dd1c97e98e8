package dev.suture.publisher.release;

import dev.suture.publisher.PublisherException;
import java.io.IOException;
import java.nio.file.Path;

/** Makes payload files; called from several threads. An interrupt ends a call early. */
interface PayloadMaker {
  /** Writes the difference between two images to a new file. */
  void delta(Path base, Path image, Path out)
      throws IOException, InterruptedException, PublisherException;

  /** The most heap that a delta from a base takes, in bytes. */
  long deltaHeapBytes(Path base) throws IOException, InterruptedException;

  /** Writes the compressed image to a new file. */
  void full(Path image, Path out) throws IOException, InterruptedException, PublisherException;
}
