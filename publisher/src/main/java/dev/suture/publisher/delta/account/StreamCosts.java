package dev.suture.publisher.delta.account;

import dev.suture.protocol.delta.DeltaLimits;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import org.tukaani.xz.LZMAInputStream;

/**
 * How many bytes of a delta the first bytes of a stream take. Of a compressed stream that is what
 * the decoder reads to make them; to the rest, which it reads before it makes any, all contribute
 * in proportion.
 *
 * <p>Memory: four bytes for each {@link #STEP_BYTES} of a compressed stream.
 */
final class StreamCosts {
  /** What is read is looked at so often; between these places it is divided evenly. */
  private static final int STEP_BYTES = 8;

  private final int length;
  private final int codedBytes;

  /** Compressed bytes that were read when so many steps were made; none for a stored stream. */
  private final int[] read;

  private StreamCosts(int length, int codedBytes, int[] read) {
    this.length = length;
    this.codedBytes = codedBytes;
    this.read = read;
  }

  /** Of a stream as it is: every byte takes one. */
  static StreamCosts stored(int length) {
    return new StreamCosts(length, length, new int[0]);
  }

  /**
   * Of an LZMA stream, which is decompressed.
   *
   * @param properties LZMA's properties byte
   * @param content gets all of the stream
   * @throws IOException if the stream is damaged, or shorter
   */
  static StreamCosts expanding(byte[] coded, int properties, byte[] content) throws IOException {
    int[] read = new int[(content.length + STEP_BYTES - 1) / STEP_BYTES + 1];
    ByteArrayInputStream in = new ByteArrayInputStream(coded);
    try (LZMAInputStream lzma =
        new LZMAInputStream(
            in, content.length, (byte) properties, DeltaLimits.dictionaryBytes(content.length))) {
      read[0] = coded.length - in.available();
      for (int step = 0; step + 1 < read.length; step++) {
        int at = step * STEP_BYTES;
        int now = Math.min(STEP_BYTES, content.length - at);
        int got = lzma.readNBytes(content, at, now);
        if (got < now) {
          throw new IOException(
              "LZMA stream: expected " + content.length + " bytes, got " + (at + got));
        }
        read[step + 1] = coded.length - in.available();
      }
    }
    return new StreamCosts(content.length, coded.length, read);
  }

  /** How many bytes of the delta the whole stream takes, without its entry in the table. */
  int all() {
    return codedBytes;
  }

  /** How many bytes of the delta the first {@code count} bytes take: 0 to all. */
  double upTo(int count) {
    if (count == 0 || count == length) {
      return count == 0 ? 0 : codedBytes;
    }
    int last = read.length - 1;
    if (last < 0 || read[last] == read[0]) {
      return (double) codedBytes * count / length;
    }
    int step = count / STEP_BYTES;
    int stepBytes = Math.min(STEP_BYTES, length - step * STEP_BYTES);
    double within = (double) (count - step * STEP_BYTES) / stepBytes;
    double made = read[step] - read[0] + within * (read[step + 1] - read[step]);
    return made * codedBytes / (read[last] - read[0]);
  }
}
