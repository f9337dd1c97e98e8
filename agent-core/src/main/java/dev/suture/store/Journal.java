package dev.suture.store;

import dev.suture.durable.AtomicFiles;
import dev.suture.durable.DurableFiles;
import dev.suture.protocol.Baseline;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.RetryableException;

/** The journal: one small file, replaced as a whole. */
public final class Journal {
  private static final String FILE = "journal";

  private final DurableFiles files;

  /** The journal below this root. */
  public Journal(DurableFiles files) {
    this.files = files;
  }

  /**
   * What is remembered.
   *
   * @param baseline the OS release that runs; a device without a journal remembers nothing about it
   * @throws DeviceException {@code JOURNAL_DAMAGED} if there is one that cannot be read; it is left
   *     where it is
   */
  public JournalState load(Baseline baseline) throws DeviceException, RetryableException {
    long length = files.size(FILE);
    if (length > JournalCodec.BYTES_MAX) {
      throw new DeviceException(
          FailureCode.JOURNAL_DAMAGED,
          "journal: expected at most " + JournalCodec.BYTES_MAX + " bytes, got " + length);
    }
    byte[] bytes = files.read(FILE, JournalCodec.BYTES_MAX).orElse(null);
    if (bytes == null) {
      return JournalState.empty(baseline);
    }
    try {
      return JournalCodec.decode(bytes);
    } catch (IllegalArgumentException e) {
      throw new DeviceException(FailureCode.JOURNAL_DAMAGED, String.valueOf(e.getMessage()), e);
    }
  }

  /** Replaces the journal. Durable on return. */
  public void save(JournalState state) throws DeviceException, RetryableException {
    AtomicFiles.replace(files, FILE, JournalCodec.encode(state));
  }

  /**
   * Keeps a damaged journal under another name, so that the device can go on. Durable on return.
   */
  public void keepAside() throws DeviceException, RetryableException {
    files.rename(FILE, FILE + ".damaged");
    files.syncDirectory("");
  }
}
