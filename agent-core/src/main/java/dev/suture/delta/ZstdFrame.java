package dev.suture.delta;

import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import dev.suture.protocol.delta.ZstdLimits;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.RejectedException;
import java.nio.Buffer;
import java.nio.ByteBuffer;

/**
 * The one zstd frame of a payload, decompressed as it is read. The frame header is checked here,
 * before the library sees it: the library would otherwise give memory for whatever window the frame
 * asks for, and would go on into a second frame. Sections in comments are those of RFC 8878.
 *
 * <p>Memory: two buffers of {@link #BUFFER_BYTES}, one array of that length, and the library's
 * window.
 */
final class ZstdFrame implements AutoCloseable {
  /** Length of each buffer. */
  static final int BUFFER_BYTES = 64 << 10;

  private static final int MAGIC = 0xFD2FB528;
  private static final int MAGIC_AND_DESCRIPTOR_BYTES = 5;
  private static final int HEADER_BYTES_MAX = 14;

  // Section 3.1.1.1.1: the frame header descriptor.
  private static final int CONTENT_SIZE_FLAG_SHIFT = 6;
  private static final int SINGLE_SEGMENT = 1 << 5;

  /** Unused and reserved bits, checksum and dictionary: our writers set none of them. */
  private static final int REFUSED = 0x1f;

  private final PayloadInput payload;
  private final long contentBytes;
  private final ZstdDecompressCtx context;
  private final ByteBuffer compressed = ByteBuffer.allocateDirect(BUFFER_BYTES);
  private final ByteBuffer content = ByteBuffer.allocateDirect(BUFFER_BYTES);
  private final byte[] piece = new byte[BUFFER_BYTES];
  private long produced;
  private boolean complete;

  /**
   * Reads the frame's header.
   *
   * @param windowLogMax the window may have two to the power of this, in bytes: at most {@link
   *     ZstdLimits#WINDOW_LOG_MAX}
   * @param contentBytes how long the content is, exactly
   * @throws RejectedException {@code DELTA_MALFORMED} if the frame is not of the kind that our
   *     writers make, asks for a larger window, or states another length
   */
  ZstdFrame(PayloadInput payload, int windowLogMax, long contentBytes)
      throws RejectedException, DeviceException {
    this.payload = payload;
    this.contentBytes = contentBytes;
    ((Buffer) content).limit(0);
    ((Buffer) compressed).limit(readHeader(windowLogMax));
    context = new ZstdDecompressCtx();
  }

  /**
   * Reads what is there at once, at least a byte.
   *
   * @param length more than 0
   * @return how many bytes were read, or -1 at the end of the frame
   * @throws RejectedException {@code DELTA_MALFORMED} if the frame is damaged or its content too
   *     long
   */
  int read(byte[] target, int offset, int length) throws RejectedException, DeviceException {
    while (!content.hasRemaining()) {
      if (complete) {
        return -1;
      }
      decompress();
    }
    int now = Math.min(length, content.remaining());
    content.get(target, offset, now);
    return now;
  }

  /**
   * Checks that the content is used up, and that frame and payload end with it.
   *
   * @throws RejectedException {@code DELTA_MALFORMED} otherwise
   */
  void requireEnd() throws RejectedException, DeviceException {
    if (read(piece, 0, 1) >= 0) {
      throw payload.malformed(
          "content: expected its end, got more at content byte "
              + (produced - content.remaining() - 1));
    }
    if (produced != contentBytes) {
      throw payload.malformed("content: expected " + contentBytes + " bytes, got " + produced);
    }
    if (compressed.hasRemaining()) {
      throw payload.malformed(
          "frame: expected its end to be the payload's, got "
              + compressed.remaining()
              + " or more bytes behind it");
    }
    payload.requireEnd();
  }

  /** Releases the library's memory. */
  @Override
  public void close() {
    context.close();
  }

  /**
   * Fills {@link #content} as far as the input at hand allows; reads input if it allows nothing.
   */
  private void decompress() throws RejectedException, DeviceException {
    ((Buffer) content).clear();
    try {
      complete = context.decompressDirectByteBufferStream(content, compressed);
    } catch (ZstdException e) {
      ((Buffer) content).limit(0);
      throw payload.malformed("frame: damaged (" + e.getMessage() + ")", e);
    }
    ((Buffer) content).flip();
    produced += content.remaining();
    if (produced > contentBytes) {
      throw payload.malformed(
          "content: expected " + contentBytes + " bytes, got at least " + produced);
    }
    if (!content.hasRemaining() && !complete && !compressed.hasRemaining()) {
      int got = payload.readSome(piece, 0, piece.length);
      ((Buffer) compressed).clear();
      compressed.put(piece, 0, got);
      ((Buffer) compressed).flip();
    }
  }

  /** Section 3.1.1.1. Leaves the header in {@link #compressed}; its length. */
  private int readHeader(int windowLogMax) throws RejectedException, DeviceException {
    byte[] header = new byte[HEADER_BYTES_MAX];
    payload.readFully(header, 0, MAGIC_AND_DESCRIPTOR_BYTES);
    int magic = (int) littleEndian(header, 0, 4);
    if (magic != MAGIC) {
      throw payload.malformed(
          "frame: expected zstd magic "
              + Integer.toHexString(MAGIC)
              + ", got "
              + Integer.toHexString(magic));
    }
    int descriptor = header[4] & 0xff;
    boolean single = (descriptor & SINGLE_SEGMENT) != 0;
    int sizeFlag = descriptor >> CONTENT_SIZE_FLAG_SHIFT;
    if ((descriptor & REFUSED) != 0 || (sizeFlag == 0 && !single)) {
      throw payload.malformed(
          "frame: expected a content size, no checksum and no dictionary, got descriptor 0x"
              + Integer.toHexString(descriptor));
    }
    int windowFieldBytes = single ? 0 : 1;
    int sizeFieldBytes = 1 << sizeFlag;
    int length = MAGIC_AND_DESCRIPTOR_BYTES + windowFieldBytes + sizeFieldBytes;
    payload.readFully(header, MAGIC_AND_DESCRIPTOR_BYTES, length - MAGIC_AND_DESCRIPTOR_BYTES);
    long size = littleEndian(header, length - sizeFieldBytes, sizeFieldBytes);
    if (sizeFieldBytes == 2) {
      size += 256;
    }
    if (size != contentBytes) {
      throw payload.malformed(
          "frame: expected "
              + contentBytes
              + " bytes of content, got "
              + Long.toUnsignedString(size));
    }
    long window = single ? size : windowBytes(header[MAGIC_AND_DESCRIPTOR_BYTES] & 0xff);
    if (window > 1L << windowLogMax) {
      throw payload.malformed(
          "frame: expected a window of at most " + (1L << windowLogMax) + " bytes, got " + window);
    }
    compressed.put(header, 0, length);
    ((Buffer) compressed).position(0);
    return length;
  }

  /** Section 3.1.1.1.2: the window descriptor. */
  private static long windowBytes(int descriptor) {
    long base = 1L << (10 + (descriptor >> 3));
    return base + (base >> 3) * (descriptor & 7);
  }

  private static long littleEndian(byte[] bytes, int at, int length) {
    long value = 0;
    for (int i = 0; i < length; i++) {
      value |= (bytes[at + i] & 0xffL) << (8 * i);
    }
    return value;
  }
}
