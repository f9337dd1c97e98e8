package dev.suture.protocol.bundle;

import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.RejectedException;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Which files a bundle has, and where. A bundle is a tar archive as {@link BundleWriter} writes it,
 * to the byte: whoever has a name and a content of each file has the bundle. It is not signed; what
 * is in it is believed as little as what a mirror sends.
 *
 * @param entries by name, in ascending order; 1 to {@link #ENTRIES_MAX}
 */
public record BundleIndex(SortedMap<String, BundleEntry> entries) {
  /** Most files of a bundle: metadata with its rotations, manifests, and payloads. */
  public static final int ENTRIES_MAX = 1_024;

  static final int END_BYTES = 2 * UstarHeader.BYTES;

  /** Copies the entries, and checks how many there are. */
  public BundleIndex {
    entries = Collections.unmodifiableSortedMap(new TreeMap<>(entries));
    checkEntries(entries);
  }

  static void checkEntries(Map<String, ?> entries) {
    if (entries.isEmpty() || entries.size() > ENTRIES_MAX) {
      throw new IllegalArgumentException(
          "bundle: expected 1 to " + ENTRIES_MAX + " files, got " + entries.size());
    }
  }

  /** The file of this name. */
  public Optional<BundleEntry> find(String name) {
    return Optional.ofNullable(entries.get(name));
  }

  /**
   * Reads the headers of a bundle; what is between them is skipped. Whatever is in it, at most
   * {@link #ENTRIES_MAX} headers are read and kept, one block at a time.
   *
   * @throws RejectedException {@code BUNDLE_MALFORMED} if {@link BundleWriter} would not have
   *     written it
   * @throws DeviceException if it cannot be read, or ends before its own length
   */
  public static BundleIndex read(ReadableSource source) throws RejectedException, DeviceException {
    long size = source.size();
    SortedMap<String, BundleEntry> entries = new TreeMap<>();
    byte[] block = new byte[UstarHeader.BYTES];
    long at = 0;
    while (true) {
      readBlock(source, at, block, size);
      if (isZero(block, 0)) {
        break;
      }
      if (entries.size() == ENTRIES_MAX) {
        throw malformed("files: expected at most " + ENTRIES_MAX + ", got more", at);
      }
      UstarHeader header = header(block, at);
      requireAscending(entries, header.name(), at);
      BundleEntry entry = new BundleEntry(at + UstarHeader.BYTES, header.length());
      entries.put(header.name(), entry);
      at = end(source, entry, block, size);
    }
    readBlock(source, at + UstarHeader.BYTES, block, size);
    if (!isZero(block, 0)) {
      throw malformed("end: expected two blocks of zeros, got one", at);
    }
    if (size != at + END_BYTES) {
      throw malformed("length: expected " + (at + END_BYTES) + " bytes, got " + size, at);
    }
    if (entries.isEmpty()) {
      throw malformed("files: expected at least one, got none", at);
    }
    return new BundleIndex(entries);
  }

  private static UstarHeader header(byte[] block, long at) throws RejectedException {
    try {
      return UstarHeader.decode(block);
    } catch (IllegalArgumentException e) {
      throw new RejectedException(
          FailureCode.BUNDLE_MALFORMED,
          "bundle " + e.getMessage() + ", in the header at byte " + at,
          e);
    }
  }

  private static void requireAscending(SortedMap<String, BundleEntry> entries, String name, long at)
      throws RejectedException {
    if (!entries.isEmpty() && entries.lastKey().compareTo(name) >= 0) {
      throw malformed(
          "names: expected ascending order, got " + name + " after " + entries.lastKey(), at);
    }
  }

  /** Where the next header is; what fills this file's last block must be zeros. */
  private static long end(ReadableSource source, BundleEntry entry, byte[] block, long size)
      throws RejectedException, DeviceException {
    long contentEnd = entry.offset() + entry.length();
    int inLastBlock = (int) (contentEnd % UstarHeader.BYTES);
    if (inLastBlock == 0) {
      return contentEnd;
    }
    long lastBlock = contentEnd - inLastBlock;
    readBlock(source, lastBlock, block, size);
    if (!isZero(block, inLastBlock)) {
      throw malformed("padding: expected zeros, got something else", contentEnd);
    }
    return lastBlock + UstarHeader.BYTES;
  }

  private static void readBlock(ReadableSource source, long at, byte[] block, long size)
      throws RejectedException, DeviceException {
    if (size - at < block.length) {
      throw malformed(
          "length: expected a block of " + block.length + " bytes, got the end of " + size, at);
    }
    readFully(source, at, block, block.length);
  }

  static void readFully(ReadableSource source, long at, byte[] target, int length)
      throws DeviceException {
    int done = 0;
    while (done < length) {
      int got = source.read(at + done, target, done, length - done);
      if (got <= 0) {
        throw new DeviceException(
            FailureCode.STORAGE_IO,
            "file: expected " + source.size() + " bytes, got its end at byte " + (at + done));
      }
      done += got;
    }
  }

  private static boolean isZero(byte[] block, int from) {
    for (int i = from; i < block.length; i++) {
      if (block[i] != 0) {
        return false;
      }
    }
    return true;
  }

  private static RejectedException malformed(String what, long at) {
    return new RejectedException(
        FailureCode.BUNDLE_MALFORMED, "bundle " + what + ", at byte " + at);
  }
}
