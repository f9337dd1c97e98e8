package dev.suture.publisher.repository;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;

/**
 * The few operations by which the repository's folder changes; a test cuts the power between any
 * two of them. Paths are relative to the folder, segments joined by {@code /}.
 */
interface RepositoryStorage {
  /** The file's bytes, at most {@code bytesMax + 1} of them; nothing if there is no such file. */
  Optional<byte[]> read(String path, int bytesMax) throws IOException;

  /** The file for reading from its start; nothing if there is no such file. */
  Optional<InputStream> open(String path) throws IOException;

  /** Names in a folder, in any order; none if there is no such folder. */
  List<String> list(String directory) throws IOException;

  /** Makes a folder and its parents where they are missing; durable on return. */
  void makeDirectory(String path) throws IOException;

  /** Makes a file with this content, or replaces its content. Not durable on return. */
  void write(String path, InputStream content) throws IOException;

  /** Makes a file's content durable. */
  void sync(String path) throws IOException;

  /** Gives a file another name in its folder, replacing what has that name; atomic. */
  void rename(String from, String to) throws IOException;

  /** Makes the names in a folder durable; the empty path is the repository's own folder. */
  void syncDirectory(String path) throws IOException;
}
