package dev.suture.store;

import dev.suture.durable.AtomicFiles;
import dev.suture.durable.DurableFiles;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.RetryableException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32;

/**
 * What the device believes, in two copies that are written in turn: the high-water mark against
 * rollback must not hang on one bit. A copy is, big-endian: magic {@code SUTT}, format, sequence (8
 * bytes), length and CRC-32 of the content; then the content.
 */
public final class MetadataStore {
  private static final List<String> COPIES =
      Collections.unmodifiableList(Arrays.asList("trust.0", "trust.1"));
  private static final String RECORD_ASIDE = "activation-record.damaged";
  private static final String ASIDE = ".damaged";

  private static final int MAGIC = 0x5355_5454;
  private static final int FORMAT = 1;
  private static final int HEADER_BYTES = 24;

  /** Nobody saves as often; so that there is always a next one. */
  private static final long SEQUENCE_MAX = 1L << 62;

  private final DurableFiles files;
  private final int contentBytesMax;

  /** Whether the newest copy is known to be durable under its name: this store saved it. */
  private boolean isNewestDurable;

  /**
   * The metadata below this root.
   *
   * @param contentBytesMax longest content that is read
   */
  public MetadataStore(DurableFiles files, int contentBytesMax) {
    this.files = files;
    this.contentBytesMax = contentBytesMax;
  }

  /**
   * What was found.
   *
   * @param content of the newest copy that is as it was written; nothing on a new device
   * @param damage what is wrong with the copies that are not; they are kept aside
   */
  @SuppressWarnings("ArrayRecordComponent")
  public record Found(Optional<byte[]> content, List<String> damage) {}

  /** One copy. */
  @SuppressWarnings("ArrayRecordComponent")
  record Copy(String name, long sequence, byte[] content) {}

  /** The newest copy. Damaged ones are kept under another name, durable on return. */
  public Found load() throws DeviceException, RetryableException {
    List<String> damage = new ArrayList<>();
    Optional<Copy> newest = newest(damage, true);
    return new Found(newest.map(Copy::content), damage);
  }

  /**
   * Replaces the content. Durable on return; if it fails, or power fails inside, the old content or
   * the new is the newest. The copy of what was before is still there, whatever failed before.
   */
  public void save(byte[] content) throws DeviceException, RetryableException {
    Optional<Copy> newest = newest(new ArrayList<>(), false);
    if (newest.isPresent() && !isNewestDurable) {
      // Its name may be in the cache only: a save failed, or the agent died, before the directory
      // was synced. The other copy may then be the newest on the disk, and must not be written over
      // before this one is durable. A sync that failed is not tried again, so it is written anew.
      replace(newest.get());
    }
    replace(
        new Copy(
            newest.isPresent() && newest.get().name().equals(COPIES.get(0))
                ? COPIES.get(1)
                : COPIES.get(0),
            newest.map(Copy::sequence).orElse(0L) + 1,
            content));
  }

  private void replace(Copy copy) throws DeviceException, RetryableException {
    isNewestDurable = false;
    AtomicFiles.replace(files, copy.name(), encode(copy.sequence(), copy.content()));
    isNewestDurable = true;
  }

  private Optional<Copy> newest(List<String> damage, boolean keepAside)
      throws DeviceException, RetryableException {
    Optional<Copy> newest = Optional.empty();
    for (String name : COPIES) {
      if (files.size(name) < 0) {
        continue;
      }
      try {
        Copy copy = read(name);
        if (!newest.isPresent() || copy.sequence() > newest.get().sequence()) {
          newest = Optional.of(copy);
        }
      } catch (IllegalArgumentException e) {
        damage.add(String.valueOf(e.getMessage()));
        if (keepAside) {
          files.rename(name, name + ASIDE);
          files.syncDirectory("");
        }
      }
    }
    return newest;
  }

  private Copy read(String name) throws DeviceException, RetryableException {
    long length = files.size(name);
    if (length < HEADER_BYTES || length > HEADER_BYTES + (long) contentBytesMax) {
      throw new IllegalArgumentException(
          name
              + ": expected "
              + HEADER_BYTES
              + " to "
              + (HEADER_BYTES + (long) contentBytesMax)
              + " bytes, got "
              + length);
    }
    return decode(name, files.read(name, HEADER_BYTES + contentBytesMax).orElse(new byte[0]));
  }

  /**
   * Reads one copy.
   *
   * @throws IllegalArgumentException if it is not as it was written
   */
  static Copy decode(String name, byte[] bytes) {
    if (bytes.length < HEADER_BYTES) {
      throw new IllegalArgumentException(name + ": expected a header, got the end");
    }
    ByteBuffer header = ByteBuffer.wrap(bytes);
    expect(name, "magic", MAGIC, header.getInt());
    expect(name, "format", FORMAT, header.getInt());
    long sequence = header.getLong();
    expect(name, "length", bytes.length - HEADER_BYTES, header.getInt());
    byte[] content = Arrays.copyOfRange(bytes, HEADER_BYTES, bytes.length);
    expect(name, "CRC-32", crc(sequence, content), header.getInt());
    if (sequence < 1 || sequence > SEQUENCE_MAX) {
      throw new IllegalArgumentException(
          name + " sequence: expected 1 to " + SEQUENCE_MAX + ", got " + sequence);
    }
    return new Copy(name, sequence, content);
  }

  private static void expect(String name, String what, int expected, int got) {
    if (expected != got) {
      throw new IllegalArgumentException(
          name
              + " "
              + what
              + ": expected "
              + Integer.toHexString(expected)
              + ", got "
              + Integer.toHexString(got));
    }
  }

  static byte[] encode(long sequence, byte[] content) {
    ByteBuffer bytes = ByteBuffer.allocate(HEADER_BYTES + content.length);
    bytes.putInt(MAGIC).putInt(FORMAT).putLong(sequence).putInt(content.length);
    bytes.putInt(crc(sequence, content)).put(content);
    return bytes.array();
  }

  /** The sequence is covered too: a flipped bit in it must not make an old copy the newest. */
  private static int crc(long sequence, byte[] content) {
    CRC32 crc = new CRC32();
    crc.update(ByteBuffer.allocate(Long.BYTES).putLong(sequence).array(), 0, Long.BYTES);
    crc.update(content, 0, content.length);
    return (int) crc.getValue();
  }

  /** Keeps the bytes of a damaged activation record. Durable on return. */
  public void keepRecordAside(byte[] raw) throws DeviceException, RetryableException {
    AtomicFiles.replace(files, RECORD_ASIDE, raw);
  }
}
