package dev.suture.delta;

import static org.assertj.core.api.Assertions.assertThat;

import dev.suture.protocol.Sha256;
import dev.suture.protocol.manifest.ImageIdentity;
import dev.suture.protocol.verity.VerityTreeBuilder;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.function.IntConsumer;

/** Images in memory: stricter than files. */
final class MemoryImage {
  private static final Sha256 SALT =
      Sha256.of("suture verity salt v1 test".getBytes(StandardCharsets.US_ASCII));

  private MemoryImage() {}

  /** A base that complains about a read outside it. */
  static BaseImage base(byte[] bytes) {
    return counted(bytes, length -> {});
  }

  /**
   * The same.
   *
   * @param read is told how many bytes are read, each time
   */
  static BaseImage counted(byte[] bytes, IntConsumer read) {
    return new BaseImage() {
      @Override
      public long bytes() {
        return bytes.length;
      }

      @Override
      public void read(long position, byte[] target, int offset, int length) {
        assertThat(length).isPositive();
        assertThat(position).isNotNegative().isLessThanOrEqualTo(bytes.length - length);
        read.accept(length);
        System.arraycopy(bytes, (int) position, target, offset, length);
      }

      @Override
      public void close() {}
    };
  }

  /** A sink that complains about more bytes than the image has. */
  static final class Sink implements ImageSink {
    private final ByteArrayOutputStream written = new ByteArrayOutputStream();
    private final long bytesMax;

    Sink(ImageIdentity image) {
      bytesMax = image.bytes();
    }

    @Override
    public void write(byte[] source, int offset, int length) {
      assertThat(length).isPositive();
      assertThat(written.size() + (long) length).isLessThanOrEqualTo(bytesMax);
      written.write(source, offset, length);
    }

    byte[] bytes() {
      return written.toByteArray();
    }
  }

  static ImageIdentity identity(byte[] bytes) throws Exception {
    VerityTreeBuilder tree = new VerityTreeBuilder(bytes.length, SALT, (position, block) -> {});
    tree.update(bytes, 0, bytes.length);
    return new ImageIdentity(bytes.length, Sha256.of(bytes), tree.finish(), SALT);
  }

  /** What a delta makes of a base, as far as it is the image. */
  static byte[] rebuilt(byte[] delta, byte[] base, ImageIdentity image) throws Exception {
    Sink sink = new Sink(image);
    VerifyingSink verifying = new VerifyingSink(sink, image, (position, block) -> {});
    DeltaApplier.apply(
        new ByteArrayInputStream(delta),
        delta.length,
        Sha256.of(base),
        image,
        base(base),
        verifying);
    verifying.finish();
    return sink.bytes();
  }
}
