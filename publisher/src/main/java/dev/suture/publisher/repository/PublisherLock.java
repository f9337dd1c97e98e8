package dev.suture.publisher.repository;

import dev.suture.publisher.Folders;
import dev.suture.publisher.InputFiles;
import dev.suture.publisher.Problem;
import dev.suture.publisher.PublisherException;
import dev.suture.publisher.PublisherException.Details;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * One publisher at a time writes to a repository. The kernel releases the lock when its holder
 * dies, whatever it died of; the empty file stays.
 */
final class PublisherLock implements AutoCloseable {
  static final String FILE = ".publisher-lock";

  private static final long RETRY_NANOS = Duration.ofMillis(50).toNanos();

  private final FileChannel channel;

  private PublisherLock(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * Takes the lock; makes the folder if it is missing.
   *
   * @param wait how long another publisher may take to finish
   * @throws PublisherException {@code REPOSITORY_BUSY} if it takes longer, {@code STORAGE_FAILED}
   */
  static PublisherLock take(Path repository, Duration wait) throws PublisherException {
    Path file = repository.resolve(FILE);
    long deadline = System.nanoTime() + wait.toNanos();
    try {
      Folders.make(repository);
      FileChannel channel =
          FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      boolean held = false;
      try {
        while (tryLock(channel) == null) {
          if (System.nanoTime() - deadline >= 0 || Thread.currentThread().isInterrupted()) {
            throw busy(file, wait);
          }
          LockSupport.parkNanos(RETRY_NANOS);
        }
        held = true;
        return new PublisherLock(channel);
      } finally {
        if (!held) {
          channel.close();
        }
      }
    } catch (IOException e) {
      throw new PublisherException(
          Problem.STORAGE_FAILED,
          new Details(
              "lock the repository",
              "a folder that can be written to",
              InputFiles.describe(e),
              file.toString(),
              "check --repository, the disk and the folder's owner"),
          e);
    }
  }

  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null; // Another publisher in this very process.
    }
  }

  private static PublisherException busy(Path file, Duration wait) {
    return new PublisherException(
        Problem.REPOSITORY_BUSY,
        new Details(
            "lock the repository",
            "no other publisher at work",
            "one that did not finish within " + wait.toSeconds() + " s",
            file.toString(),
            "let it finish, look at what it published, then run the command again"));
  }

  @Override
  public void close() throws PublisherException {
    try {
      channel.close();
    } catch (IOException e) {
      throw new PublisherException(
          Problem.STORAGE_FAILED,
          new Details(
              "release the repository's lock",
              "a lock file that can be closed",
              InputFiles.describe(e),
              FILE,
              "what was reported as published is published; check the disk"),
          e);
    }
  }
}
