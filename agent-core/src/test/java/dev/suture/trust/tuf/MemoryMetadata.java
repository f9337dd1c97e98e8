package dev.suture.trust.tuf;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Believed metadata in memory. */
final class MemoryMetadata implements LocalMetadata {
  /** By file name. */
  final Map<String, byte[]> files = new TreeMap<>();

  @Override
  public Optional<byte[]> load(String name, int bytesMax) {
    return Optional.ofNullable(files.get(name));
  }

  @Override
  public void store(String name, byte[] bytes) {
    files.put(name, bytes);
  }

  @Override
  public void delete(String name) {
    files.remove(name);
  }
}
