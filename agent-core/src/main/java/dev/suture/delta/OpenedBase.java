package dev.suture.delta;

import dev.suture.protocol.delta.DeltaLimits;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * A base, and behind it the content of its opened streams, each of which is inflated when it is
 * read.
 *
 * <p>Memory: at most {@link DeltaLimits#OPENED_CACHE_BYTES} of content in at most {@link
 * #CONTENTS_MAX} pieces, and a buffer.
 */
final class OpenedBase implements BaseImage {
  private static final int PIECE_BYTES = 16 << 10;
  private static final int STREAM_BYTES_MIN = 64;

  /** Content of so many streams is kept at most. */
  private static final int CONTENTS_MAX = 256;

  private final BaseImage base;
  private final OpenedStreams streams;
  private final Inflater inflater = new Inflater(true);
  private final byte[] piece = new byte[PIECE_BYTES];

  /** Those that were read last, the least recent first. */
  private final Map<Integer, byte[]> contents = new LinkedHashMap<>(16, 0.75f, true);

  private long contentBytes;

  /**
   * Opens streams of a base.
   *
   * @param base stays open when this is closed
   */
  OpenedBase(BaseImage base, OpenedStreams streams) {
    this.base = base;
    this.streams = streams;
  }

  @Override
  public long bytes() {
    return base.bytes() + streams.contentBytes();
  }

  @Override
  public void read(long position, byte[] target, int offset, int length) throws DeviceException {
    int done = (int) Math.max(0, Math.min(length, base.bytes() - position));
    if (done > 0) {
      base.read(position, target, offset, done);
    }
    while (done < length) {
      long at = position + done - base.bytes();
      int stream = streams.ofContent(at);
      byte[] content = content(stream);
      int from = (int) (at - streams.contentStart(stream));
      int now = Math.min(length - done, content.length - from);
      System.arraycopy(content, from, target, offset + done, now);
      done += now;
    }
  }

  @Override
  public long readAheadEnd(long position) {
    if (position < base.bytes()) {
      return base.bytes();
    }
    int stream = streams.ofContent(position - base.bytes());
    return base.bytes() + streams.contentStart(stream) + streams.contentLength(stream);
  }

  private byte[] content(int stream) throws DeviceException {
    byte[] content = contents.get(stream);
    if (content == null) {
      int length = streams.contentLength(stream);
      contentBytes += length;
      Iterator<byte[]> oldest = contents.values().iterator();
      while (oldest.hasNext()
          && (contentBytes > DeltaLimits.OPENED_CACHE_BYTES || contents.size() >= CONTENTS_MAX)) {
        contentBytes -= oldest.next().length;
        oldest.remove();
      }
      content = new byte[length];
      inflate(streams.baseStart(stream), content);
      contents.put(stream, content);
    }
    return content;
  }

  private void inflate(long start, byte[] content) throws DeviceException {
    inflater.reset();
    long next = start;
    int done = 0;
    try {
      while (done < content.length) {
        if (inflater.needsInput() && next < base.bytes()) {
          // Of a short stream, not much more than it has.
          int most = Math.min(piece.length, STREAM_BYTES_MIN + 2 * (content.length - done));
          int now = (int) Math.min(most, base.bytes() - next);
          base.read(next, piece, 0, now);
          inflater.setInput(piece, 0, now);
          next += now;
        }
        int got = inflater.inflate(content, done, content.length - done);
        if (got == 0
            && (inflater.finished() || inflater.needsDictionary() || next >= base.bytes())) {
          throw noStream(start, content.length, "it ends after " + done);
        }
        done += got;
      }
    } catch (DataFormatException e) {
      throw noStream(start, content.length, String.valueOf(e.getMessage()));
    }
  }

  /** The base is the signed one, so that the delta, which is signed, was made for another. */
  private static DeviceException noStream(long start, int length, String got) {
    return new DeviceException(
        FailureCode.BASE_UNREADABLE,
        "base image: expected a deflate stream of "
            + length
            + " bytes of content at "
            + start
            + ", got none: "
            + got);
  }

  /** Gives up the inflater's memory; the base stays open. */
  @Override
  public void close() {
    inflater.end();
  }
}
