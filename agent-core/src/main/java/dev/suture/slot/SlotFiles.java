package dev.suture.slot;

import dev.suture.durable.AtomicFiles;
import dev.suture.durable.DurableFiles;
import dev.suture.durable.RewritableFile;
import dev.suture.protocol.ComponentName;
import dev.suture.protocol.Slot;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.RetryableException;
import dev.suture.protocol.manifest.Manifest;
import java.util.Set;

/**
 * The files of slots A and B: {@code SLOT/COMPONENT.img} (image and hash tree), and the signed
 * documents that say what they must be, so that a slot is verified at every start without network.
 */
public final class SlotFiles {
  /** Longest proof that is read. */
  public static final int PROOF_BYTES_MAX = 8 << 20;

  private static final String IMAGE = ".img";
  private static final String MANIFEST = "manifest.json";
  private static final String PROOF = "proof.json";

  private final DurableFiles files;

  /**
   * Slots below a root.
   *
   * @param files its root is the directory that holds {@code a} and {@code b}
   */
  public SlotFiles(DurableFiles files) {
    this.files = files;
  }

  /**
   * The documents of a slot as stored; verified by nobody yet.
   *
   * @param proof the metadata that stands for the manifest
   * @param manifest what the images must be
   */
  @SuppressWarnings("ArrayRecordComponent")
  public record Documents(byte[] proof, byte[] manifest) {}

  /** Path of an image below the root. */
  public static String imagePath(Slot slot, ComponentName component) {
    return slot.word() + "/" + component.word() + IMAGE;
  }

  /**
   * Empties a slot of everything but images that will be overwritten anyway. Durable on return: its
   * documents are gone, so it cannot be mounted.
   */
  public void prepare(Slot slot, Set<ComponentName> kept)
      throws DeviceException, RetryableException {
    files.makeDirectory(slot.word());
    for (String name : files.list(slot.word())) {
      boolean keep = kept.stream().anyMatch(component -> name.equals(component.word() + IMAGE));
      if (!keep) {
        files.delete(slot.word() + "/" + name);
      }
    }
    files.syncDirectory(slot.word());
  }

  /** An empty image file, to be written from its start. */
  public SlotImage createImage(Slot slot, ComponentName component)
      throws DeviceException, RetryableException {
    return new SlotImage(files.create(imagePath(slot, component)));
  }

  /**
   * An image file with what it holds already, as far as it can be used; empty if there is none.
   *
   * @param bytes what it will hold: what is behind is cut off
   */
  public SlotImage openImage(Slot slot, ComponentName component, long bytes)
      throws DeviceException, RetryableException {
    String path = imagePath(slot, component);
    long held = files.size(path);
    if (held <= 0) {
      return createImage(slot, component);
    }
    RewritableFile file = files.reopen(path);
    try {
      if (held > bytes) {
        file.truncate(bytes);
      }
      return new SlotImage(file, Math.min(held, bytes));
    } catch (DeviceException | RetryableException | RuntimeException e) {
      file.close();
      throw e;
    }
  }

  /**
   * Stores the signed documents of a slot whose images are written. Durable on return, and so are
   * the images' names.
   */
  public void seal(Slot slot, Documents documents) throws DeviceException, RetryableException {
    AtomicFiles.replace(files, slot.word() + "/" + PROOF, documents.proof());
    AtomicFiles.replace(files, slot.word() + "/" + MANIFEST, documents.manifest());
  }

  /**
   * The documents of a slot.
   *
   * @throws DeviceException {@code SLOT_UNMOUNTABLE} if one is missing
   */
  public Documents documents(Slot slot) throws DeviceException, RetryableException {
    return new Documents(
        document(slot, PROOF, PROOF_BYTES_MAX), document(slot, MANIFEST, Manifest.BYTES_MAX));
  }

  private byte[] document(Slot slot, String name, int bytesMax)
      throws DeviceException, RetryableException {
    return files
        .read(slot.word() + "/" + name, bytesMax)
        .orElseThrow(
            () ->
                new DeviceException(
                    FailureCode.SLOT_UNMOUNTABLE,
                    "slot " + slot.word() + ": expected " + name + ", got no such file"));
  }

  /** Bytes that can still be written. */
  public long usableBytes() throws DeviceException, RetryableException {
    return files.usableBytes();
  }

  /** Bytes that the images of a slot take now. */
  public long imageBytes(Slot slot) throws DeviceException, RetryableException {
    long bytes = 0;
    for (String name : files.list(slot.word())) {
      if (name.endsWith(IMAGE)) {
        bytes += Math.max(0, files.size(slot.word() + "/" + name));
      }
    }
    return bytes;
  }
}
