package dev.suture.trustcli;

import dev.suture.durable.AtomicFiles;
import dev.suture.durable.DurableFiles;
import dev.suture.durable.NioFiles;
import dev.suture.protocol.failure.SutureException;
import dev.suture.trust.tuf.LocalMetadata;
import java.nio.file.Path;
import java.util.Optional;

/** Believed metadata as files of one folder. */
final class MetadataFolder implements LocalMetadata {
  private final DurableFiles files;

  /** An existing folder. */
  MetadataFolder(Path folder) {
    this.files = new NioFiles(folder);
  }

  @Override
  public Optional<byte[]> load(String name, int bytesMax) throws SutureException {
    return files.read(name, bytesMax);
  }

  @Override
  public void store(String name, byte[] bytes) throws SutureException {
    AtomicFiles.replace(files, name, bytes);
  }

  @Override
  public void delete(String name) throws SutureException {
    files.delete(name);
    files.syncDirectory("");
  }
}
