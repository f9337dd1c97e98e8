package dev.suture.durable;

import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.RetryableException;
import java.util.List;
import java.util.Optional;

/**
 * Files on a disk that may lose power. Paths are relative to a root, their segments joined by
 * {@code /}. Nothing is durable unless its method says so. Every method throws
 *
 * <ul>
 *   <li>{@link RetryableException} with {@code DISK_FULL} when space is missing,
 *   <li>{@link DeviceException} with {@code STORAGE_READ_ONLY} or {@code STORAGE_IO} otherwise.
 * </ul>
 *
 * After a failed {@link WritableFile#sync} the content of that file is unknown; it is never synced
 * again, but written anew.
 */
public interface DurableFiles {
  /**
   * The whole file, or nothing if there is none; a file longer than {@code bytesMax} is a {@code
   * STORAGE_IO} failure.
   */
  Optional<byte[]> read(String path, int bytesMax) throws DeviceException, RetryableException;

  /** Length of the file in bytes, or -1 if there is none. */
  long size(String path) throws DeviceException, RetryableException;

  /** Opens an existing file for reading at any position. */
  ReadableFile open(String path) throws DeviceException, RetryableException;

  /** Makes a new, empty file for writing at any position; an existing one is emptied. */
  WritableFile create(String path) throws DeviceException, RetryableException;

  /** Opens an existing file for reading and writing at any position, its content kept. */
  RewritableFile reopen(String path) throws DeviceException, RetryableException;

  /**
   * Gives a file another name, replacing what has that name; atomic, durable after {@link
   * #syncDirectory}.
   */
  void rename(String from, String to) throws DeviceException, RetryableException;

  /** Removes a file if it is there; durable after {@link #syncDirectory}. */
  void delete(String path) throws DeviceException, RetryableException;

  /**
   * Makes a directory and its parents if they are missing; durable on return. Only its owner may
   * look into it.
   */
  void makeDirectory(String path) throws DeviceException, RetryableException;

  /** Names in a directory, sorted; none if the directory is missing. */
  List<String> list(String directory) throws DeviceException, RetryableException;

  /** Makes the names in a directory durable: creations, renames and deletions so far. */
  void syncDirectory(String directory) throws DeviceException, RetryableException;

  /** Bytes that can still be written below the root. */
  long usableBytes() throws DeviceException, RetryableException;
}
