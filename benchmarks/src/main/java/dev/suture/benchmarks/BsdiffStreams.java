package dev.suture.benchmarks;

import dev.suture.protocol.delta.Varint;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What is in a patch of bsdiff 4: numbers, differences and new bytes. Packed, it is the image's
 * length, for each stream its length and packed length, and the packed streams; the three numbers
 * of an operation are streams of their own. So bsdiff is seen without bzip2 and its fixed numbers
 * of eight bytes.
 */
final class BsdiffStreams {
  private static final byte[] MAGIC = "BSDIFF40".getBytes(StandardCharsets.US_ASCII);
  private static final int HEADER_BYTES = 32;
  private static final int CONTROL_BYTES = 24;
  private static final int STREAMS = 5;
  private static final int DIFFERENCES = 3;
  private static final int NEW_BYTES = 4;
  private static final long DICTIONARY_BYTES_MIN = 4096;

  private final long imageBytes;
  private final byte[][] streams;

  private BsdiffStreams(long imageBytes, byte[][] streams) {
    this.imageBytes = imageBytes;
    this.streams = streams;
  }

  /**
   * Reads a patch.
   *
   * @param folder to unpack in
   */
  static BsdiffStreams of(Path patch, Path folder) throws IOException, InterruptedException {
    byte[] bytes = Files.readAllBytes(patch);
    if (bytes.length < HEADER_BYTES || !Arrays.equals(bytes, 0, MAGIC.length, MAGIC, 0, 8)) {
      throw new IOException("expected a patch of bsdiff 4 (BSDIFF40), got another file: " + patch);
    }
    ByteBuffer header = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int control = Math.toIntExact(number(header.getLong(8)));
    int differences = Math.toIntExact(number(header.getLong(16)));
    long imageBytes = number(header.getLong(24));
    int[] ends = {HEADER_BYTES + control, HEADER_BYTES + control + differences, bytes.length};
    byte[][] parts = new byte[ends.length][];
    int begin = HEADER_BYTES;
    for (int i = 0; i < ends.length; i++) {
      Path packed = folder.resolve("part.bz2");
      Files.write(packed, Arrays.copyOfRange(bytes, begin, ends[i]));
      Programs.run(List.of("bzip2", "-df", packed.toString()));
      parts[i] = Files.readAllBytes(folder.resolve("part"));
      begin = ends[i];
    }
    byte[][] numbers = numbers(parts[0]);
    return new BsdiffStreams(
        imageBytes, new byte[][] {numbers[0], numbers[1], numbers[2], parts[1], parts[2]});
  }

  /** Writes all of it packed with xz. */
  void pack(Path file, Path folder) throws IOException, InterruptedException {
    List<byte[]> packed = new ArrayList<>();
    ByteArrayOutputStream lengths = new ByteArrayOutputStream();
    write(lengths, imageBytes);
    for (byte[] stream : streams) {
      Path plain = folder.resolve("stream");
      Files.write(plain, stream);
      xz(List.of("-f"), stream.length, plain);
      byte[] bytes = Files.readAllBytes(folder.resolve("stream.lzma2"));
      write(lengths, stream.length);
      write(lengths, bytes.length);
      packed.add(bytes);
    }
    try (OutputStream out = Files.newOutputStream(file)) {
      lengths.writeTo(out);
      for (byte[] bytes : packed) {
        out.write(bytes);
      }
    }
  }

  /** Reads what {@link #pack} wrote. */
  static BsdiffStreams unpack(Path file, Path folder) throws IOException, InterruptedException {
    ByteBuffer in = ByteBuffer.wrap(Files.readAllBytes(file));
    long imageBytes = read(in);
    int[] plain = new int[STREAMS];
    int[] packed = new int[STREAMS];
    for (int i = 0; i < STREAMS; i++) {
      plain[i] = Math.toIntExact(read(in));
      packed[i] = Math.toIntExact(read(in));
    }
    byte[][] streams = new byte[STREAMS][];
    for (int i = 0; i < STREAMS; i++) {
      byte[] bytes = new byte[packed[i]];
      in.get(bytes);
      Path path = folder.resolve("stream.lzma2");
      Files.write(path, bytes);
      xz(List.of("-d", "-f"), plain[i], path);
      streams[i] = Files.readAllBytes(folder.resolve("stream"));
    }
    return new BsdiffStreams(imageBytes, streams);
  }

  /** Does what bspatch does. */
  void apply(Path base, Path rebuilt) throws IOException {
    byte[] from = Files.readAllBytes(base);
    ByteBuffer[] in = Arrays.stream(streams).map(ByteBuffer::wrap).toArray(ByteBuffer[]::new);
    long position = 0;
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(rebuilt))) {
      while (in[0].hasRemaining()) {
        byte[] added = new byte[Math.toIntExact(read(in[0]))];
        in[DIFFERENCES].get(added);
        for (int i = 0; i < added.length; i++) {
          long at = position + i;
          added[i] += at >= 0 && at < from.length ? from[(int) at] : 0;
        }
        out.write(added);
        byte[] inserted = new byte[Math.toIntExact(read(in[1]))];
        in[NEW_BYTES].get(inserted);
        out.write(inserted);
        position += added.length + Varint.unzigzag(read(in[2]));
      }
    }
  }

  /** The control block as three streams: bytes to add, bytes to insert, how far to go in base. */
  private static byte[][] numbers(byte[] control) throws IOException {
    if (control.length % CONTROL_BYTES != 0) {
      throw new IOException(
          "control block: expected whole operations of 24 bytes, got " + control.length + " bytes");
    }
    ByteBuffer in = ByteBuffer.wrap(control).order(ByteOrder.LITTLE_ENDIAN);
    ByteArrayOutputStream[] out = {
      new ByteArrayOutputStream(), new ByteArrayOutputStream(), new ByteArrayOutputStream()
    };
    while (in.hasRemaining()) {
      write(out[0], number(in.getLong()));
      write(out[1], number(in.getLong()));
      write(out[2], Varint.zigzag(number(in.getLong())));
    }
    return new byte[][] {out[0].toByteArray(), out[1].toByteArray(), out[2].toByteArray()};
  }

  /** bsdiff writes the sign apart. */
  private static long number(long written) {
    return written < 0 ? -(written & Long.MAX_VALUE) : written;
  }

  private static void xz(List<String> options, long streamBytes, Path file)
      throws IOException, InterruptedException {
    long dictionary = Math.max(DICTIONARY_BYTES_MIN, streamBytes);
    List<String> command = new ArrayList<>(List.of("xz", "-q", "--format=raw"));
    command.addAll(options);
    command.addAll(
        List.of(
            "--suffix=.lzma2",
            "--lzma2=preset=9e,lc=3,lp=0,pb=0,dict=" + dictionary,
            file.toString()));
    Programs.run(command);
  }

  private static void write(ByteArrayOutputStream out, long number) {
    byte[] bytes = new byte[Varint.BYTES_MAX];
    out.write(bytes, 0, Varint.write(number, bytes, 0));
  }

  private static long read(ByteBuffer in) {
    long number = 0;
    for (int shift = 0; ; shift += 7) {
      byte next = in.get();
      number |= (next & 0x7fL) << shift;
      if (next >= 0) {
        return number;
      }
    }
  }
}
