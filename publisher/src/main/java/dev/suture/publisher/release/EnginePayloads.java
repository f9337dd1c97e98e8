package dev.suture.publisher.release;

import dev.suture.publisher.delta.DeltaGenerator;
import dev.suture.publisher.delta.FullPayloadWriter;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** Payloads by our own delta engine. */
final class EnginePayloads implements PayloadMaker {
  @Override
  public void delta(Path base, Path image, Path out) throws IOException, InterruptedException {
    DeltaGenerator.generate(base, image, out, (stage, done, total) -> {});
  }

  @Override
  public void full(Path image, Path out) throws IOException, InterruptedException {
    try (OutputStream file = new BufferedOutputStream(Files.newOutputStream(out))) {
      FullPayloadWriter.write(image, file, (stage, done, total) -> {});
    }
  }
}
