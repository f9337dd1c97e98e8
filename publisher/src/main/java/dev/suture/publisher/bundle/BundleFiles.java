package dev.suture.publisher.bundle;

import dev.suture.protocol.FileRef;
import dev.suture.protocol.Sha256;
import dev.suture.protocol.bundle.BundleWriter;
import dev.suture.protocol.bundle.ReadableSource;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.publisher.InputFiles;
import dev.suture.publisher.Problem;
import dev.suture.publisher.PublisherException;
import dev.suture.publisher.PublisherException.Details;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What goes into a bundle, each file with the digest that it must have there. */
public final class BundleFiles {
  private static final int BUFFER_BYTES = 1 << 20;

  private final SortedMap<String, Source> files = new TreeMap<>();

  /** Opens it, and says what it is. */
  private record Source(Opening opening, Sha256 sha256, long bytes) {}

  /** Opens what is read once. */
  @FunctionalInterface
  private interface Opening {
    ReadableSource open();
  }

  /** Adds a small file; the bytes are not copied. */
  public void add(String name, byte[] content) {
    files.put(
        name, new Source(() -> new MemorySource(content), Sha256.of(content), content.length));
  }

  /** Adds a file that signed data names, under its name on the mirror. */
  public void add(FileRef file, Path content) {
    files.put(file.path(), new Source(() -> new FileSource(content), file.sha256(), file.bytes()));
  }

  /** The digest of each file. */
  public SortedMap<String, Sha256> digests() {
    SortedMap<String, Sha256> digests = new TreeMap<>();
    files.forEach((name, source) -> digests.put(name, source.sha256()));
    return Collections.unmodifiableSortedMap(digests);
  }

  /** How many bytes the files have together. */
  public long contentBytes() {
    return files.values().stream().mapToLong(Source::bytes).sum();
  }

  /**
   * Writes the bundle, reads it again and compares every digest. No file may have that name yet.
   * The content is synced; its name in the folder is not durable on return.
   *
   * @return its length in bytes
   * @throws PublisherException {@code STORAGE_FAILED}; {@code REPOSITORY_DAMAGED} if a file is not
   *     what signed data says; {@code INPUT_MALFORMED} if a bundle cannot hold it
   */
  public long write(Path out) throws PublisherException {
    List<FileSource> opened = new ArrayList<>();
    try (FileChannel channel =
        FileChannel.open(out, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      OutputStream buffered =
          new BufferedOutputStream(Channels.newOutputStream(channel), BUFFER_BYTES);
      try {
        BundleWriter.write(open(opened), buffered);
      } finally {
        for (FileSource source : opened) {
          source.close();
        }
      }
      buffered.flush();
      channel.force(true);
    } catch (DeviceException e) {
      throw damaged(e.explanation(), out.toString(), e);
    } catch (IllegalArgumentException e) {
      throw new PublisherException(
          Problem.INPUT_MALFORMED,
          new Details(
              "write a bundle",
              "files that a bundle can hold",
              String.valueOf(e.getMessage()),
              out.toString(),
              "take fewer or shorter files; docs/bundle-format.md has the limits"),
          e);
    } catch (IOException e) {
      throw storage(out, e);
    }
    return verify(out);
  }

  private Map<String, ReadableSource> open(List<FileSource> opened) {
    Map<String, ReadableSource> sources = new TreeMap<>();
    files.forEach(
        (name, file) -> {
          ReadableSource source = file.opening().open();
          if (source instanceof FileSource toClose) {
            opened.add(toClose);
          }
          sources.put(name, source);
        });
    return sources;
  }

  private long verify(Path out) throws PublisherException {
    try (BundleReader reader = BundleReader.open(out)) {
      for (Map.Entry<String, Sha256> file : digests().entrySet()) {
        Sha256 got = reader.digest(file.getKey());
        if (!got.equals(file.getValue())) {
          throw damaged(
              got.brief() + " instead of " + file.getValue().brief(), file.getKey(), null);
        }
      }
      return Files.size(out);
    } catch (IOException e) {
      throw storage(out, e);
    }
  }

  private static PublisherException damaged(String got, String where, @Nullable Throwable cause) {
    return new PublisherException(
        Problem.REPOSITORY_DAMAGED,
        new Details(
            "write a bundle",
            "files that are what signed data says",
            got,
            where,
            "look with \"suture-publish verify\", and bring the file back from your backup or from"
                + " a mirror"),
        cause);
  }

  private static PublisherException storage(Path out, IOException e) {
    return new PublisherException(
        Problem.STORAGE_FAILED,
        new Details(
            "write a bundle",
            "a folder that can be written to, with space left",
            InputFiles.describe(e),
            out.toString(),
            "check the path and the disk, then run the command again"),
        e);
  }
}
