package dev.suture.durable;

import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.RetryableException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * {@link DurableFiles} on a real file system. Symbolic links are not followed by their last
 * segment.
 */
public final class NioFiles implements DurableFiles {
  private static final FileAttribute<?> OWNER_ONLY_FILE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
  private static final FileAttribute<?> OWNER_ONLY_DIRECTORY =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

  private final Path root;
  private final Runnable progress;

  /**
   * Files below a directory.
   *
   * @param root an existing directory
   */
  public NioFiles(Path root) {
    this(root, () -> {});
  }

  /**
   * Files below a directory, whose reads, writes and flushes show that the work goes on.
   *
   * @param root an existing directory
   * @param progress called when a piece was read or written and when a file was flushed, on the
   *     thread that did it
   */
  public NioFiles(Path root, Runnable progress) {
    this.root = root;
    this.progress = progress;
  }

  @Override
  public Optional<byte[]> read(String path, int bytesMax)
      throws DeviceException, RetryableException {
    try (FileChannel channel =
        FileChannel.open(resolve(path), StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
      long size = channel.size();
      if (size > bytesMax) {
        throw new DeviceException(
            FailureCode.STORAGE_IO,
            "read " + resolve(path) + ": expected at most " + bytesMax + " bytes, got " + size);
      }
      ByteBuffer content = ByteBuffer.allocate((int) size);
      while (content.hasRemaining() && channel.read(content) >= 0) {
        // Until full, or the file ends early.
      }
      return Optional.of(Arrays.copyOf(content.array(), content.position()));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw failure("read", path, e);
    }
  }

  @Override
  public long size(String path) throws DeviceException, RetryableException {
    try {
      return Files.size(resolve(path));
    } catch (NoSuchFileException e) {
      return -1;
    } catch (IOException e) {
      throw failure("look at", path, e);
    }
  }

  @Override
  public ReadableFile open(String path) throws DeviceException, RetryableException {
    try {
      return new NioFile(
          path,
          FileChannel.open(resolve(path), StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS));
    } catch (IOException e) {
      throw failure("open", path, e);
    }
  }

  @Override
  public WritableFile create(String path) throws DeviceException, RetryableException {
    return openForWriting(
        path,
        StandardOpenOption.WRITE,
        StandardOpenOption.CREATE,
        StandardOpenOption.TRUNCATE_EXISTING);
  }

  @Override
  public RewritableFile reopen(String path) throws DeviceException, RetryableException {
    return openForWriting(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
  }

  private NioFile openForWriting(String path, OpenOption... options)
      throws DeviceException, RetryableException {
    Set<OpenOption> all = new HashSet<>(Arrays.asList(options));
    all.add(LinkOption.NOFOLLOW_LINKS);
    try {
      return new NioFile(path, FileChannel.open(resolve(path), all, OWNER_ONLY_FILE));
    } catch (IOException e) {
      throw failure("open for writing", path, e);
    }
  }

  @Override
  public void rename(String from, String to) throws DeviceException, RetryableException {
    try {
      Files.move(
          resolve(from),
          resolve(to),
          StandardCopyOption.ATOMIC_MOVE,
          StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw failure("rename to " + to, from, e);
    }
  }

  @Override
  public void delete(String path) throws DeviceException, RetryableException {
    try {
      Files.deleteIfExists(resolve(path));
    } catch (IOException e) {
      throw failure("delete", path, e);
    }
  }

  @Override
  public void makeDirectory(String path) throws DeviceException, RetryableException {
    Path directory = resolve(path);
    String parent = AtomicFiles.directoryOf(path);
    if (!parent.isEmpty()) {
      makeDirectory(parent);
    }
    if (!Files.isDirectory(directory)) {
      try {
        Files.createDirectory(directory, OWNER_ONLY_DIRECTORY);
      } catch (IOException e) {
        throw failure("make directory", path, e);
      }
    }
    // One that is there may be left by an agent that died, or failed, before this.
    syncDirectory(parent);
  }

  @Override
  public List<String> list(String directory) throws DeviceException, RetryableException {
    List<String> names = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(resolve(directory))) {
      for (Path entry : entries) {
        names.add(String.valueOf(entry.getFileName()));
      }
    } catch (NoSuchFileException e) {
      return names;
    } catch (IOException e) {
      throw failure("list", directory, e);
    }
    Collections.sort(names);
    return names;
  }

  @Override
  public void syncDirectory(String directory) throws DeviceException, RetryableException {
    try (FileChannel channel = FileChannel.open(resolve(directory), StandardOpenOption.READ)) {
      channel.force(true);
    } catch (IOException e) {
      throw failure("sync directory", directory, e);
    }
  }

  @Override
  public long usableBytes() throws DeviceException, RetryableException {
    try {
      return Files.getFileStore(root).getUsableSpace();
    } catch (IOException e) {
      throw failure("ask for free space of", "", e);
    }
  }

  private Path resolve(String path) {
    return path.isEmpty() ? root : root.resolve(path);
  }

  private RetryableException failure(String what, String path, IOException e)
      throws DeviceException {
    return failure(what + " " + resolve(path), e);
  }

  /** Returns the failure if it may pass; throws it if the device is at fault. */
  private static RetryableException failure(String what, IOException e) throws DeviceException {
    String reason =
        e instanceof FileSystemException refused && refused.getReason() != null
            ? refused.getReason()
            : String.valueOf(e.getMessage());
    if (reason.contains("No space left") || reason.contains("Disk quota exceeded")) {
      return new RetryableException(FailureCode.DISK_FULL, what + ": " + reason, e);
    }
    boolean readOnly = reason.contains("Read-only file system");
    throw new DeviceException(
        readOnly ? FailureCode.STORAGE_READ_ONLY : FailureCode.STORAGE_IO,
        what + ": " + e.getClass().getSimpleName() + ": " + reason,
        e);
  }

  /** One open file. */
  private final class NioFile implements RewritableFile {
    private final String path;
    private final FileChannel channel;

    NioFile(String path, FileChannel channel) {
      this.path = path;
      this.channel = channel;
    }

    @Override
    public long size() throws DeviceException {
      try {
        return channel.size();
      } catch (IOException e) {
        throw new DeviceException(
            FailureCode.STORAGE_IO, "size of " + resolve(path) + ": " + e.getMessage(), e);
      }
    }

    @Override
    public int read(long position, byte[] target, int offset, int length) throws DeviceException {
      ByteBuffer buffer = ByteBuffer.wrap(target, offset, length);
      try {
        while (buffer.hasRemaining()
            && channel.read(buffer, position + buffer.position() - offset) >= 0) {
          // Until full, or the file ends.
        }
      } catch (IOException e) {
        throw new DeviceException(
            FailureCode.STORAGE_IO,
            "read " + resolve(path) + " at " + position + ": " + e.getMessage(),
            e);
      }
      progress.run();
      return buffer.position() - offset;
    }

    @Override
    public void write(long position, byte[] source, int offset, int length)
        throws DeviceException, RetryableException {
      ByteBuffer buffer = ByteBuffer.wrap(source, offset, length);
      try {
        while (buffer.hasRemaining()) {
          channel.write(buffer, position + buffer.position() - offset);
        }
      } catch (IOException e) {
        throw failure("write at " + position + " to", path, e);
      }
      progress.run();
    }

    @Override
    public void truncate(long bytes) throws DeviceException, RetryableException {
      try {
        channel.truncate(bytes);
      } catch (IOException e) {
        throw failure("cut to " + bytes + " bytes", path, e);
      }
    }

    @Override
    public void sync() throws DeviceException, RetryableException {
      try {
        channel.force(true);
      } catch (IOException e) {
        throw failure("sync", path, e);
      }
      progress.run();
    }

    @Override
    public void close() {
      try {
        channel.close();
      } catch (IOException e) {
        // Durability was settled by sync(); a failed close of a synced or abandoned file changes
        // nothing on disk.
        throw new IllegalStateException("close " + resolve(path) + ": " + e.getMessage(), e);
      }
    }
  }
}
