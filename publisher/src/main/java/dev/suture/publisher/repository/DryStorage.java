package dev.suture.publisher.repository;

import java.io.ByteArrayInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A folder as it would be: what is written stays in memory, and payloads are only read. */
final class DryStorage implements RepositoryStorage {
  private final RepositoryStorage disk;
  private final Map<String, byte[]> written = new HashMap<>();

  DryStorage(RepositoryStorage disk) {
    this.disk = disk;
  }

  @Override
  public Optional<byte[]> read(String path, int bytesMax) throws IOException {
    byte[] content = written.get(path);
    return content == null ? disk.read(path, bytesMax) : Optional.of(content);
  }

  @Override
  public Optional<InputStream> open(String path) throws IOException {
    byte[] content = written.get(path);
    return content == null ? disk.open(path) : Optional.of(new ByteArrayInputStream(content));
  }

  @Override
  public List<String> list(String directory) throws IOException {
    List<String> names = new ArrayList<>(disk.list(directory));
    for (String path : written.keySet()) {
      if (DurableFiles.folderOf(path).equals(directory)) {
        names.add(path.substring(directory.length() + 1));
      }
    }
    return names;
  }

  @Override
  public void makeDirectory(String path) {}

  @Override
  public void write(String path, InputStream content) throws IOException {
    if (path.startsWith(Repository.METADATA)) {
      written.put(path, content.readAllBytes());
    } else {
      content.transferTo(OutputStream.nullOutputStream());
      written.put(path, new byte[0]);
    }
  }

  @Override
  public void sync(String path) {}

  @Override
  public void rename(String from, String to) throws IOException {
    byte[] content = written.remove(from);
    if (content == null) {
      throw new FileNotFoundException(from);
    }
    written.put(to, content);
  }

  @Override
  public void syncDirectory(String path) {}
}
