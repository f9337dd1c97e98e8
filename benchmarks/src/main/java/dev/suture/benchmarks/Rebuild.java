package dev.suture.benchmarks;

import dev.suture.delta.BaseImage;
import dev.suture.delta.DeltaApplier;
import dev.suture.delta.VerifyingSink;
import dev.suture.protocol.Sha256;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.SutureException;
import dev.suture.protocol.manifest.ImageIdentity;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** One rebuild with files as base and target: image, then hash tree, as in a slot; no sync. */
final class Rebuild {
  private Rebuild() {}

  /**
   * Rebuilds an image.
   *
   * @return how long it took, in nanoseconds
   */
  static long run(Path base, Sha256 baseSha256, Path delta, ImageIdentity image, Path slot)
      throws IOException, SutureException {
    Files.deleteIfExists(slot);
    long begin = System.nanoTime();
    try (InputStream in = Files.newInputStream(delta);
        FileBase from = new FileBase(base);
        FileChannel to =
            FileChannel.open(slot, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      long[] end = {0};
      VerifyingSink sink =
          new VerifyingSink(
              (source, offset, length) -> {
                write(to, end[0], ByteBuffer.wrap(source, offset, length));
                end[0] += length;
              },
              image,
              (position, block) -> write(to, image.bytes() + position, ByteBuffer.wrap(block)));
      DeltaApplier.apply(in, Files.size(delta), baseSha256, image, from, sink);
      sink.finish();
    }
    return System.nanoTime() - begin;
  }

  private static void write(FileChannel to, long position, ByteBuffer bytes)
      throws DeviceException {
    try {
      long at = position;
      while (bytes.hasRemaining()) {
        at += to.write(bytes, at);
      }
    } catch (IOException e) {
      throw new DeviceException(FailureCode.STORAGE_IO, "slot file: " + e, e);
    }
  }

  /** A base that is a file. */
  static final class FileBase implements BaseImage {
    private final FileChannel file;
    private final long bytes;

    FileBase(Path path) throws IOException {
      file = FileChannel.open(path, StandardOpenOption.READ);
      bytes = file.size();
    }

    @Override
    public long bytes() {
      return bytes;
    }

    @Override
    public void read(long position, byte[] target, int offset, int length) throws DeviceException {
      try {
        ByteBuffer into = ByteBuffer.wrap(target, offset, length);
        long at = position;
        while (into.hasRemaining()) {
          int got = file.read(into, at);
          if (got < 0) {
            throw new IOException("ends at byte " + at);
          }
          at += got;
        }
      } catch (IOException e) {
        throw new DeviceException(FailureCode.BASE_UNREADABLE, "base file: " + e, e);
      }
    }

    @Override
    public void close() {
      try {
        file.close();
      } catch (IOException e) {
        throw new IllegalStateException("base file: " + e, e);
      }
    }
  }
}
