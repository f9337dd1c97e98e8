package dev.suture.publisher.release;

import dev.suture.publisher.PublisherException;
import dev.suture.publisher.delta.DeltaGenerator;
import dev.suture.publisher.delta.FullPayloadWriter;
import dev.suture.publisher.delta.Matching;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Payloads by our own delta engine.
 *
 * @param lowMemory whether deltas take little memory and are larger
 * @param fullLevel zstd's level of full payloads
 */
record EnginePayloads(boolean lowMemory, int fullLevel) implements PayloadMaker {
  @Override
  public void delta(Path base, Path image, Path out)
      throws IOException, InterruptedException, PublisherException {
    Matching matching = Matching.of(Files.size(base), lowMemory);
    DeltaGenerator.generate(base, image, out, matching, (stage, done, total) -> {});
  }

  @Override
  public long deltaHeapBytes(Path base) throws IOException, InterruptedException {
    return DeltaGenerator.heapBytes(base, Matching.of(Files.size(base), lowMemory));
  }

  @Override
  public void full(Path image, Path out) throws IOException, InterruptedException {
    try (OutputStream file = new BufferedOutputStream(Files.newOutputStream(out))) {
      FullPayloadWriter.write(image, fullLevel, file, (stage, done, total) -> {});
    }
  }
}
