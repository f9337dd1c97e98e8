package dev.suture.protocol.bundle;

import dev.suture.protocol.failure.DeviceException;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Map;
import java.util.TreeMap;

/** Writes bundles: the same names and contents give the same bytes. */
public final class BundleWriter {
  private static final int PIECE_BYTES = 64 << 10;

  private BundleWriter() {}

  /**
   * Writes a bundle of these files, in the order of their names. Nothing is durable on return: the
   * stream is neither flushed nor closed.
   *
   * @param files by name, each read once and as long as it says it is; 1 to {@link
   *     BundleIndex#ENTRIES_MAX}
   * @throws IllegalArgumentException if a bundle cannot hold a name or a length; nothing was
   *     written
   * @throws DeviceException if a file cannot be read, or ends before its own length
   * @throws IOException what the stream throws
   */
  public static void write(Map<String, ReadableSource> files, OutputStream out)
      throws DeviceException, IOException {
    BundleIndex.checkEntries(files);
    TreeMap<UstarHeader, ReadableSource> inOrder =
        new TreeMap<>((one, other) -> one.name().compareTo(other.name()));
    for (Map.Entry<String, ReadableSource> file : files.entrySet()) {
      inOrder.put(new UstarHeader(file.getKey(), file.getValue().size()), file.getValue());
    }
    byte[] piece = new byte[PIECE_BYTES];
    for (Map.Entry<UstarHeader, ReadableSource> file : inOrder.entrySet()) {
      out.write(file.getKey().encode());
      copy(file.getValue(), file.getKey().length(), out, piece);
    }
    out.write(new byte[BundleIndex.END_BYTES]);
  }

  private static void copy(ReadableSource source, long length, OutputStream out, byte[] piece)
      throws DeviceException, IOException {
    for (long at = 0; at < length; at += piece.length) {
      int wanted = (int) Math.min(piece.length, length - at);
      BundleIndex.readFully(source, at, piece, wanted);
      out.write(piece, 0, wanted);
    }
    out.write(new byte[(int) (-length & UstarHeader.BYTES - 1)]);
  }
}
