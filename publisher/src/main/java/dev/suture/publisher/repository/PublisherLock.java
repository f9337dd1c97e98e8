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
 * One publisher at a time writes to a repository, or to a folder with keys. The kernel releases the
 * lock when its holder dies, whatever it died of; the empty file stays.
 */
public final class PublisherLock implements AutoCloseable {
  static final String FILE = ".publisher-lock";

  private static final long RETRY_NANOS = Duration.ofMillis(50).toNanos();

  /** What is locked. */
  private enum Place {
    REPOSITORY("the repository", "--repository"),
    KEYS("the folder of the keys", "--keys");

    private final String what;
    private final String option;

    Place(String what, String option) {
      this.what = what;
      this.option = option;
    }
  }

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
    try {
      Folders.make(repository);
    } catch (IOException e) {
      throw unusable(Place.REPOSITORY, repository.resolve(FILE), e);
    }
    return take(Place.REPOSITORY, repository, wait);
  }

  /**
   * Takes the lock of a folder with keys, which must be there: whoever reads what it remembers and
   * writes it again holds it meanwhile.
   *
   * @param wait how long another publisher may take to finish
   * @throws PublisherException as {@link #take(Path, Duration)}
   */
  public static PublisherLock ofKeys(Path keys, Duration wait) throws PublisherException {
    return take(Place.KEYS, keys, wait);
  }

  private static PublisherLock take(Place place, Path folder, Duration wait)
      throws PublisherException {
    Path file = folder.resolve(FILE);
    long deadline = System.nanoTime() + wait.toNanos();
    try {
      FileChannel channel =
          FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      boolean held = false;
      try {
        while (tryLock(channel) == null) {
          if (System.nanoTime() - deadline >= 0 || Thread.currentThread().isInterrupted()) {
            throw busy(place, file, wait);
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
      throw unusable(place, file, e);
    }
  }

  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null; // Another publisher in this very process.
    }
  }

  private static PublisherException unusable(Place place, Path file, IOException e) {
    return new PublisherException(
        Problem.STORAGE_FAILED,
        new Details(
            "lock " + place.what,
            "a folder that can be written to",
            InputFiles.describe(e),
            file.toString(),
            "check " + place.option + ", the disk and the folder's owner"),
        e);
  }

  private static PublisherException busy(Place place, Path file, Duration wait) {
    return new PublisherException(
        Problem.REPOSITORY_BUSY,
        new Details(
            "lock " + place.what,
            "no other publisher at work",
            "one that did not finish within " + wait.toSeconds() + " s",
            file.toString(),
            "let it finish, look at what it did, then run the command again"));
  }

  @Override
  public void close() throws PublisherException {
    try {
      channel.close();
    } catch (IOException e) {
      throw new PublisherException(
          Problem.STORAGE_FAILED,
          new Details(
              "release the lock",
              "a lock file that can be closed",
              InputFiles.describe(e),
              FILE,
              "what was reported as done is done; check the disk"),
          e);
    }
  }
}
