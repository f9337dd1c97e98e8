package dev.suture.agent;

import dev.suture.durable.DurableFiles;
import dev.suture.durable.ReadableFile;
import dev.suture.link.ChunkSink;
import dev.suture.link.PayloadSource;
import dev.suture.protocol.bundle.BundleEntry;
import dev.suture.protocol.bundle.BundleIndex;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.RejectedException;
import dev.suture.protocol.failure.RetryableException;
import dev.suture.protocol.failure.SutureException;

/**
 * A bundle as a mirror: the same files under the same names, trusted as little. The file is opened
 * for each request anew, so a stick may be pulled at any time.
 */
public final class BundleFile implements PayloadSource {
  private final DurableFiles files;
  private final String path;
  private final BundleIndex index;

  private BundleFile(DurableFiles files, String path, BundleIndex index) {
    this.files = files;
    this.path = path;
    this.index = index;
  }

  /**
   * Reads which files a bundle has.
   *
   * @throws RejectedException {@code BUNDLE_MALFORMED}
   */
  public static BundleFile open(DurableFiles files, String path) throws SutureException {
    try (ReadableFile file = files.open(path)) {
      return new BundleFile(files, path, BundleIndex.read(file));
    }
  }

  /** Whether it has this file. */
  boolean has(String name) {
    return index.find(name).isPresent();
  }

  @Override
  public byte[] document(String name, int bytesMax) throws RejectedException, RetryableException {
    BundleEntry entry = entry(name);
    if (entry.length() > bytesMax) {
      throw new RejectedException(
          FailureCode.METADATA_TOO_LARGE,
          name + ": expected at most " + bytesMax + " bytes, got " + entry.length());
    }
    byte[] content = new byte[(int) entry.length()];
    try (ReadableFile file = files.open(path)) {
      read(name, file, entry.offset(), content, content.length);
    } catch (DeviceException e) {
      throw unreadable(name, e);
    }
    return content;
  }

  @Override
  public void range(String name, long from, long bytes, ChunkSink sink) throws SutureException {
    BundleEntry entry = entry(name);
    if (entry.length() > bytes) {
      throw new RejectedException(
          FailureCode.PAYLOAD_LENGTH_MISMATCH,
          name + ": expected " + bytes + " bytes, got " + entry.length());
    }
    byte[] chunk = new byte[CHUNK_BYTES_MAX];
    try (ReadableFile file = files.open(path)) {
      long at = from;
      while (at < entry.length()) {
        int n = (int) Math.min(chunk.length, entry.length() - at);
        read(name, file, entry.offset() + at, chunk, n);
        sink.accept(chunk, 0, n);
        at += n;
      }
    }
    if (entry.length() < bytes) {
      throw new RetryableException(
          FailureCode.DOWNLOAD_TRUNCATED,
          name + ": expected " + bytes + " bytes, got " + entry.length());
    }
  }

  private void read(String name, ReadableFile file, long position, byte[] target, int length)
      throws RetryableException {
    try {
      int n = file.read(position, target, 0, length);
      if (n != length) {
        throw new RetryableException(
            FailureCode.DOWNLOAD_TRUNCATED,
            name + " in " + path + ": expected " + length + " bytes, got " + n);
      }
    } catch (DeviceException e) {
      throw unreadable(name, e);
    }
  }

  /** What a stick does is not this device's fault. */
  private RetryableException unreadable(String name, DeviceException e) {
    return new RetryableException(
        FailureCode.SERVER_UNREACHABLE, name + " in " + path + ": " + e.explanation(), e);
  }

  private BundleEntry entry(String name) throws RetryableException {
    return index
        .find(name)
        .orElseThrow(
            () ->
                new RetryableException(
                    FailureCode.SERVER_NOT_FOUND, name + ": expected it in " + path));
  }
}
