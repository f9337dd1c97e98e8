package dev.suture.publisher.bundle;

import dev.suture.protocol.Sha256;
import dev.suture.protocol.bundle.BundleEntry;
import dev.suture.protocol.bundle.BundleIndex;
import dev.suture.protocol.failure.SutureException;
import dev.suture.publisher.Problem;
import dev.suture.publisher.PublisherException;
import dev.suture.publisher.PublisherException.Details;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.util.Set;

/** A bundle, open for reading. */
public final class BundleReader implements Closeable {
  private static final int PIECE_BYTES = 64 << 10;

  private final Path file;
  private final FileSource source;
  private final BundleIndex index;

  private BundleReader(Path file, FileSource source, BundleIndex index) {
    this.file = file;
    this.source = source;
    this.index = index;
  }

  /**
   * Reads which files it has.
   *
   * @throws PublisherException {@code INPUT_UNREADABLE}, or {@code INPUT_MALFORMED} if a device
   *     would refuse it
   */
  public static BundleReader open(Path file) throws PublisherException, IOException {
    FileSource source = new FileSource(file);
    boolean done = false;
    try {
      BundleReader reader = new BundleReader(file, source, BundleIndex.read(source));
      done = true;
      return reader;
    } catch (SutureException e) {
      throw new PublisherException(
          e.getCause() instanceof IOException ? Problem.INPUT_UNREADABLE : Problem.INPUT_MALFORMED,
          new Details(
              "read a bundle",
              "what \"suture-publish\" writes, to the byte",
              e.code() + ", " + e.explanation(),
              file.toString(),
              "make it again"),
          e);
    } finally {
      if (!done) {
        source.close();
      }
    }
  }

  /** The names, in ascending order. */
  public Set<String> names() {
    return index.entries().keySet();
  }

  /**
   * A small file of it.
   *
   * @throws PublisherException {@code INPUT_MALFORMED} if it is not there, or longer
   */
  public byte[] read(String name, int bytesMax) throws PublisherException, IOException {
    BundleEntry entry = entry(name);
    if (entry.length() > bytesMax) {
      throw malformed(name, "at most " + bytesMax + " bytes", entry.length() + " bytes");
    }
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    copy(name, content);
    return content.toByteArray();
  }

  /** The digest of a file of it. */
  public Sha256 digest(String name) throws PublisherException, IOException {
    DigestOutputStream digesting =
        new DigestOutputStream(OutputStream.nullOutputStream(), Sha256.newDigest());
    copy(name, digesting);
    return Sha256.ofBytes(digesting.getMessageDigest().digest());
  }

  /** Copies a file of it; the stream is neither flushed nor closed. */
  public void copy(String name, OutputStream out) throws PublisherException, IOException {
    BundleEntry entry = entry(name);
    byte[] piece = new byte[PIECE_BYTES];
    for (long at = 0; at < entry.length(); at += piece.length) {
      int wanted = (int) Math.min(piece.length, entry.length() - at);
      int got;
      try {
        got = source.read(entry.offset() + at, piece, 0, wanted);
      } catch (SutureException e) {
        throw new IOException(e.explanation(), e);
      }
      if (got < wanted) {
        throw malformed(name, entry.length() + " bytes", "the end behind " + (at + got));
      }
      out.write(piece, 0, got);
    }
  }

  private BundleEntry entry(String name) throws PublisherException {
    return index.find(name).orElseThrow(() -> malformed(name, "a file of this name", "none"));
  }

  private PublisherException malformed(String name, String expected, String got) {
    return new PublisherException(
        Problem.INPUT_MALFORMED,
        new Details(
            "read " + name + " in a bundle", expected, got, file.toString(), "make it again"));
  }

  @Override
  public void close() throws IOException {
    source.close();
  }
}
