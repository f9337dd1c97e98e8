package dev.suture.delta;

import com.github.luben.zstd.ZstdCompressCtx;
import dev.suture.protocol.Sha256;
import dev.suture.protocol.delta.DeltaHeader;
import dev.suture.protocol.delta.OperationKind;
import dev.suture.protocol.delta.Varint;
import dev.suture.protocol.manifest.ImageIdentity;
import java.io.ByteArrayOutputStream;

/** Writes deltas operation by operation, wrong ones too. */
final class DeltaScript {
  private static final int WINDOW_LOG = 20;

  private final ByteArrayOutputStream operations = new ByteArrayOutputStream();
  private long count;
  private long end;

  DeltaScript copy(long length, long position) {
    head(OperationKind.COPY.head(length));
    return at(position, length);
  }

  DeltaScript add(long position, byte... difference) {
    head(OperationKind.ADD.head(difference.length));
    at(position, difference.length);
    return bytes(difference);
  }

  DeltaScript insert(byte... data) {
    return head(OperationKind.INSERT.head(data.length)).bytes(data);
  }

  /** The first number of an operation, alone. */
  DeltaScript head(long head) {
    count++;
    return number(head);
  }

  DeltaScript number(long value) {
    byte[] bytes = new byte[Varint.BYTES_MAX];
    operations.write(bytes, 0, Varint.write(value, bytes, 0));
    return this;
  }

  DeltaScript bytes(byte... bytes) {
    operations.write(bytes, 0, bytes.length);
    return this;
  }

  byte[] operationBytes() {
    return operations.toByteArray();
  }

  /** The delta with a true header. */
  byte[] build(byte[] base, ImageIdentity image) {
    return build(base, image, count);
  }

  /** The delta whose header claims another number of operations. */
  byte[] build(byte[] base, ImageIdentity image, long claimed) {
    return join(
        new DeltaHeader(
                WINDOW_LOG,
                claimed,
                operations.size(),
                base.length,
                Sha256.of(base),
                image.bytes(),
                image.sha256())
            .encode(),
        frame(operationBytes(), WINDOW_LOG));
  }

  /** One zstd frame of the kind that our writers make. */
  static byte[] frame(byte[] content, int windowLog) {
    try (ZstdCompressCtx context = new ZstdCompressCtx()) {
      context.setLevel(3).setChecksum(false).setContentSize(true).setWindowLog(windowLog);
      return context.compress(content);
    }
  }

  static byte[] join(byte[]... parts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      out.write(part, 0, part.length);
    }
    return out.toByteArray();
  }

  private DeltaScript at(long position, long length) {
    number(Varint.zigzag(position - end));
    end = position + length;
    return this;
  }
}
