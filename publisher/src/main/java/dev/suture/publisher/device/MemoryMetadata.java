package dev.suture.publisher.device;

import dev.suture.trust.tuf.LocalMetadata;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** What a device would have stored. */
final class MemoryMetadata implements LocalMetadata {
  private final Map<String, byte[]> files = new HashMap<>();

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
