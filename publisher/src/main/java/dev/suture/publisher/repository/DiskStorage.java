package dev.suture.publisher.repository;

import dev.suture.publisher.Folders;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A folder on a disk. */
final class DiskStorage implements RepositoryStorage {
  private final Path root;

  DiskStorage(Path root) {
    this.root = root;
  }

  @Override
  public Optional<byte[]> read(String path, int bytesMax) throws IOException {
    Optional<InputStream> file = open(path);
    if (file.isEmpty()) {
      return Optional.empty();
    }
    try (InputStream in = file.get()) {
      return Optional.of(in.readNBytes(bytesMax + 1));
    }
  }

  @Override
  public Optional<InputStream> open(String path) throws IOException {
    try {
      return Optional.of(Files.newInputStream(root.resolve(path)));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  @Override
  public List<String> list(String directory) throws IOException {
    List<String> names = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(root.resolve(directory))) {
      for (Path file : files) {
        names.add(String.valueOf(file.getFileName()));
      }
    } catch (NoSuchFileException e) {
      return List.of();
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    return names;
  }

  @Override
  public void makeDirectory(String path) throws IOException {
    Folders.make(root.resolve(path));
  }

  @Override
  public void write(String path, InputStream content) throws IOException {
    Files.copy(content, root.resolve(path), StandardCopyOption.REPLACE_EXISTING);
  }

  @Override
  public void sync(String path) throws IOException {
    try (FileChannel channel = FileChannel.open(root.resolve(path), StandardOpenOption.WRITE)) {
      channel.force(true);
    }
  }

  @Override
  public void rename(String from, String to) throws IOException {
    Files.move(root.resolve(from), root.resolve(to), StandardCopyOption.ATOMIC_MOVE);
  }

  @Override
  public void syncDirectory(String path) throws IOException {
    Folders.sync(root.resolve(path));
  }
}
