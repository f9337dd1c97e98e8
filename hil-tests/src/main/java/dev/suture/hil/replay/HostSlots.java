package dev.suture.hil.replay;

import dev.suture.background.Pacer;
import dev.suture.protocol.Sha256;
import dev.suture.protocol.Slot;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.RetryableException;
import dev.suture.protocol.manifest.ImageIdentity;
import dev.suture.protocol.manifest.Manifest;
import dev.suture.protocol.manifest.PatchComponent;
import dev.suture.protocol.manifest.RestartScope;
import dev.suture.protocol.verity.VerityTreeBuilder;
import dev.suture.slot.SlotDevice;
import dev.suture.slot.SlotFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Slots whose files lie in a folder of this machine. Mounting is reading every byte: image, hash
 * tree, root.
 */
final class HostSlots implements SlotDevice {
  private final Path slots;
  private final BootChoice choice;

  /** The slots below this folder, at a start that the bootloader chose so. */
  HostSlots(Path slots, BootChoice choice) {
    this.slots = slots;
    this.choice = choice;
  }

  @Override
  public void mount(Slot slot, Manifest manifest) throws DeviceException {
    for (PatchComponent component : manifest.components()) {
      verify(slot, component, FailureCode.SLOT_UNMOUNTABLE);
    }
  }

  @Override
  public void unmount(Manifest manifest) {}

  @Override
  public void readBack(Slot slot, PatchComponent component, Pacer pacer) throws DeviceException {
    verify(slot, component, FailureCode.READ_BACK_MISMATCH);
  }

  @Override
  public void prepareStart(Slot slot, Manifest manifest) {
    if (manifest.hasOs()) {
      throw new UnsupportedOperationException("a recording has no patch of the OS");
    }
  }

  private void verify(Slot slot, PatchComponent component, FailureCode code)
      throws DeviceException {
    Path file = slots.resolve(SlotFiles.imagePath(slot, component.name()));
    ImageIdentity identity = component.image();
    byte[] bytes;
    try {
      bytes = Files.readAllBytes(file);
    } catch (IOException e) {
      throw new DeviceException(code, file.getFileName() + ": expected a file, got " + e, e);
    }
    int imageBytes = Math.toIntExact(identity.bytes());
    long wanted = imageBytes + VerityTreeBuilder.treeBytes(imageBytes);
    if (bytes.length < wanted) {
      throw new DeviceException(
          code, file.getFileName() + ": expected " + wanted + " bytes, got " + bytes.length);
    }
    MessageDigest digest = Sha256.newDigest();
    digest.update(bytes, 0, imageBytes);
    Sha256 got = Sha256.ofBytes(digest.digest());
    if (!got.equals(identity.sha256())) {
      throw new DeviceException(
          code, file.getFileName() + ": expected " + identity.sha256() + ", got " + got);
    }
    boolean[] fits = {true};
    try {
      VerityTreeBuilder tree =
          new VerityTreeBuilder(
              imageBytes,
              identity.veritySalt(),
              (position, block) -> {
                int at = imageBytes + Math.toIntExact(position);
                fits[0] &= Arrays.equals(bytes, at, at + block.length, block, 0, block.length);
              });
      tree.update(bytes, 0, imageBytes);
      if (!tree.finish().equals(identity.verityRoot()) || !fits[0]) {
        throw new DeviceException(
            code, file.getFileName() + ": expected the signed dm-verity tree, got another one");
      }
    } catch (RetryableException e) {
      throw new IllegalStateException("this sink does not fail", e);
    }
  }

  @Override
  public void beginSwitch() {
    throw new IllegalStateException("switch: nothing here does that");
  }

  @Override
  public void switchTo(Optional<Manifest> from, Slot slot, Optional<Manifest> to) {
    throw new IllegalStateException("switch: nothing here does that");
  }

  @Override
  public boolean isSwitching() {
    return false;
  }

  @Override
  public BootChoice bootChoice() {
    return choice;
  }

  @Override
  public Optional<Slot> decided() {
    return Optional.empty();
  }

  @Override
  public void decide(Slot running, List<String> mustBeUp) {}

  @Override
  public Optional<Instant> decidedAt() {
    return Optional.empty();
  }

  @Override
  public List<String> mustBeUp() {
    return List.of();
  }

  @Override
  public void restart(RestartScope scope) {
    throw new IllegalStateException("restart: nothing here does that");
  }
}
