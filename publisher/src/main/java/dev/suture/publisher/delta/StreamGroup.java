package dev.suture.publisher.delta;

import dev.suture.protocol.delta.DeltaLimits;
import dev.suture.protocol.delta.Varint;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.LZMAOutputStream;
import org.tukaani.xz.UnsupportedOptionsException;

/**
 * Compresses streams and writes them with the table of their lengths. Each is stored, or compressed
 * with whichever of some LZMA properties serves it best: streams differ in how much the bits before
 * a byte, and its place in a word, say about it.
 */
final class StreamGroup {
  /** Literal context bits, literal position bits, position bits. */
  private static final int[][] PROPERTIES = {
    {3, 0, 0}, {0, 0, 0}, {4, 0, 0}, {1, 0, 0}, {0, 2, 2}, {2, 2, 2}, {3, 0, 2}
  };

  private static final int SAMPLE_BYTES = 128 << 10;
  private static final int STORED = 0;
  private static final int NICE_BYTES = 273;

  private StreamGroup() {}

  /** A stream as it is written. */
  private static final class Coded {
    final int codec;
    final byte[] bytes;

    Coded(int codec, byte[] bytes) {
      this.codec = codec;
      this.bytes = bytes;
    }
  }

  /** Writes a group; its length. */
  static long write(OutputStream out, StreamWriter... streams) throws IOException {
    // Together they are no longer than a part's may be, so that memory is that for one of these.
    List<Coded> bodies =
        Arrays.stream(streams).parallel().map(stream -> smallest(stream.content())).toList();
    StreamWriter table = new StreamWriter();
    for (int i = 0; i < streams.length; i++) {
      table.number(streams[i].length());
      if (streams[i].length() > 0) {
        Coded body = bodies.get(i);
        table.octet(body.codec);
        if (body.codec != STORED) {
          table.number(body.bytes.length);
        }
      }
    }
    out.write(table.content());
    long length = table.length();
    for (Coded body : bodies) {
      out.write(body.bytes);
      length += body.bytes.length;
    }
    return length;
  }

  private static Coded smallest(byte[] content) {
    Coded best = new Coded(STORED, content);
    for (int[] properties : candidates(content)) {
      byte[] coded = compress(content, properties);
      if (coded.length + Varint.length(coded.length) < best.bytes.length) {
        best = new Coded(1 + (properties[2] * 5 + properties[1]) * 9 + properties[0], coded);
      }
    }
    return best;
  }

  /** The properties to try: of a long stream, the ones that serve its beginning best. */
  private static int[][] candidates(byte[] content) {
    if (content.length <= SAMPLE_BYTES) {
      return PROPERTIES;
    }
    byte[] sample = Arrays.copyOf(content, SAMPLE_BYTES);
    int[] best = PROPERTIES[0];
    int bestLength = Integer.MAX_VALUE;
    for (int[] properties : PROPERTIES) {
      int length = compress(sample, properties).length;
      if (length < bestLength) {
        bestLength = length;
        best = properties;
      }
    }
    return new int[][] {best};
  }

  private static byte[] compress(byte[] content, int[] properties) {
    try {
      LZMA2Options options = new LZMA2Options();
      options.setPreset(LZMA2Options.PRESET_MAX);
      options.setDictSize(DeltaLimits.dictionaryBytes(content.length));
      options.setLcLp(properties[0], properties[1]);
      options.setPb(properties[2]);
      options.setNiceLen(NICE_BYTES);
      ByteArrayOutputStream coded = new ByteArrayOutputStream();
      try (LZMAOutputStream lzma = new LZMAOutputStream(coded, options, false)) {
        lzma.write(content);
      }
      return coded.toByteArray();
    } catch (UnsupportedOptionsException e) {
      throw new IllegalStateException("LZMA options", e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
