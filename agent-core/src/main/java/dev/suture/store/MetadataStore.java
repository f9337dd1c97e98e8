package dev.suture.store;

import dev.suture.durable.AtomicFiles;
import dev.suture.durable.DurableFiles;
import dev.suture.protocol.Envelope;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.RetryableException;
import java.util.Optional;

/**
 * The newest signed index that was accepted, byte for byte: the high-water mark against rollback.
 */
public final class MetadataStore {
  private static final String FILE = "index.json";
  private static final String RECORD_ASIDE = "activation-record.damaged";

  private final DurableFiles files;

  /** The metadata below this root. */
  public MetadataStore(DurableFiles files) {
    this.files = files;
  }

  /** The envelope as it was accepted, if there is one. */
  public Optional<byte[]> index() throws DeviceException, RetryableException {
    return files.read(FILE, Envelope.BYTES_MAX);
  }

  /** Replaces the accepted envelope. Durable on return. */
  public void accept(byte[] envelope) throws DeviceException, RetryableException {
    AtomicFiles.replace(files, FILE, envelope);
  }

  /** Keeps a damaged index under another name. Durable on return. */
  public void keepIndexAside() throws DeviceException, RetryableException {
    files.rename(FILE, FILE + ".damaged");
    files.syncDirectory("");
  }

  /** Keeps the bytes of a damaged activation record. Durable on return. */
  public void keepRecordAside(byte[] raw) throws DeviceException, RetryableException {
    AtomicFiles.replace(files, RECORD_ASIDE, raw);
  }
}
