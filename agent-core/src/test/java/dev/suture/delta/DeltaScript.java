package dev.suture.delta;

import com.github.luben.zstd.ZstdCompressCtx;
import dev.suture.protocol.Sha256;
import dev.suture.protocol.delta.DeltaHeader;
import dev.suture.protocol.delta.DeltaStream;
import dev.suture.protocol.delta.SpanKind;
import dev.suture.protocol.delta.Varint;
import dev.suture.protocol.manifest.ImageIdentity;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.LZMAOutputStream;

/** Writes deltas range by range, wrong ones too. Nothing is predicted but what the base has. */
public final class DeltaScript {
  private static final int LZMA_CODEC = 1 + 3;

  private final Map<DeltaStream, ByteArrayOutputStream> streams = new EnumMap<>(DeltaStream.class);
  private int copies;
  private int segments;
  private int spans;
  private int learnedLog;
  private long newLength;
  private long gap;
  private long length;
  private long end;
  private boolean isCompressed;
  private int openedOfBase;
  private int openedOfImage;
  private long openedBytes;

  /** Begins an empty delta. */
  public DeltaScript() {
    for (DeltaStream stream : DeltaStream.values()) {
      streams.put(stream, new ByteArrayOutputStream());
    }
  }

  /** A range of the base. */
  public DeltaScript copy(long length, long position) {
    range(length, position);
    gap += length;
    return this;
  }

  /** A range of the base, to which this is added. */
  public DeltaScript add(long position, byte... difference) {
    range(difference.length, position);
    number(DeltaStream.SURPRISE_GAPS, gap);
    number(DeltaStream.SURPRISE_LENGTHS, difference.length);
    bytes(DeltaStream.SURPRISES, difference);
    gap = 0;
    return this;
  }

  /** New bytes. */
  public DeltaScript insert(byte... data) {
    newLength += data.length;
    length += data.length;
    return bytes(DeltaStream.NEW_BYTES, data);
  }

  /** A segment of a file. */
  public DeltaScript segment(long... numbers) {
    segments++;
    for (long number : numbers) {
      number(DeltaStream.SEGMENTS, number);
    }
    return this;
  }

  /** A span, from the end of the one before it. */
  public DeltaScript span(SpanKind kind, long distance, long bytes) {
    spans++;
    number(DeltaStream.SPANS, kind.number());
    number(DeltaStream.SPANS, distance);
    return number(DeltaStream.SPANS, bytes);
  }

  /** A deflate stream of the base: how far behind the one before it, and what it holds. */
  public DeltaScript openedOfBase(long distance, long contentBytes) {
    openedOfBase++;
    number(DeltaStream.OPENED_BASE, distance);
    return number(DeltaStream.OPENED_BASE, contentBytes);
  }

  /** A deflate stream of the image: new or copied bytes before it, what it holds, the level. */
  public DeltaScript openedOfImage(long gap, long contentBytes, int level) {
    openedOfImage++;
    number(DeltaStream.OPENED_IMAGE, gap);
    number(DeltaStream.OPENED_IMAGE, contentBytes);
    return number(DeltaStream.OPENED_IMAGE, level);
  }

  /** Opens streams, so that the image has another length until they are closed. */
  public DeltaScript opening(long openedImageBytes) {
    openedBytes = openedImageBytes;
    return this;
  }

  /** Remembers two to the power of this of targets. */
  DeltaScript learning(int log) {
    learnedLog = log;
    return this;
  }

  /** Compresses all streams that are not empty. */
  DeltaScript compressed() {
    isCompressed = true;
    return this;
  }

  /** Says that there are more copies, or less. */
  DeltaScript claiming(int moreCopies) {
    copies += moreCopies;
    return this;
  }

  DeltaScript number(DeltaStream stream, long value) {
    byte[] bytes = new byte[Varint.BYTES_MAX];
    stream(stream).write(bytes, 0, Varint.write(value, bytes, 0));
    return this;
  }

  DeltaScript bytes(DeltaStream stream, byte... bytes) {
    stream(stream).write(bytes, 0, bytes.length);
    return this;
  }

  /** The delta. */
  public byte[] build(byte[] base, ImageIdentity image) {
    return join(header(base, image), body());
  }

  /** The header alone. */
  byte[] header(byte[] base, ImageIdentity image) {
    return new DeltaHeader(
            openedBytes > 0,
            learnedLog,
            copies,
            segments,
            spans,
            base.length,
            Sha256.of(base),
            image.bytes(),
            image.sha256())
        .encode();
  }

  /** What comes behind the header: the map, and one part. */
  byte[] body() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    if (openedBytes > 0) {
      out.writeBytes(numbers(openedOfBase, openedOfImage, openedBytes));
      group(out, DeltaStream.Group.OPENED);
    }
    group(out, DeltaStream.Group.MAP);
    if (length > 0) {
      byte[] bytes = new byte[Varint.BYTES_MAX];
      out.write(bytes, 0, Varint.write(length, bytes, 0));
      group(out, DeltaStream.Group.PART);
    }
    return out.toByteArray();
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

  private static byte[] numbers(long... values) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    byte[] one = new byte[Varint.BYTES_MAX];
    for (long value : values) {
      out.write(one, 0, Varint.write(value, one, 0));
    }
    return out.toByteArray();
  }

  private void range(long bytes, long position) {
    copies++;
    number(DeltaStream.NEW_LENGTHS, newLength);
    number(DeltaStream.COPY_LENGTHS, bytes);
    number(DeltaStream.BASE_PLACES, Varint.zigzag(position - end));
    newLength = 0;
    length += bytes;
    end = position + bytes;
  }

  private void group(ByteArrayOutputStream out, DeltaStream.Group group) {
    ByteArrayOutputStream bodies = new ByteArrayOutputStream();
    byte[] number = new byte[Varint.BYTES_MAX];
    for (DeltaStream stream : DeltaStream.values()) {
      if (stream.group() == group) {
        byte[] content = stream(stream).toByteArray();
        out.write(number, 0, Varint.write(content.length, number, 0));
        if (content.length > 0) {
          out.write(isCompressed ? LZMA_CODEC : 0);
          byte[] body = isCompressed ? lzma(content) : content;
          if (isCompressed) {
            out.write(number, 0, Varint.write(body.length, number, 0));
          }
          bodies.write(body, 0, body.length);
        }
      }
    }
    out.write(bodies.toByteArray(), 0, bodies.size());
  }

  /** With lc = 3, lp = 0, pb = 0. */
  static byte[] lzma(byte[] content) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      LZMA2Options options = new LZMA2Options();
      options.setPb(0);
      options.setDictSize(LZMA2Options.DICT_SIZE_MIN);
      try (LZMAOutputStream lzma = new LZMAOutputStream(out, options, false)) {
        lzma.write(content);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  private ByteArrayOutputStream stream(DeltaStream stream) {
    return Objects.requireNonNull(streams.get(stream));
  }
}
