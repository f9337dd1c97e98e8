package dev.suture.sim;

import dev.suture.background.Pacer;
import dev.suture.durable.WritableFile;
import dev.suture.protocol.ComponentName;
import dev.suture.protocol.Sha256;
import dev.suture.protocol.Slot;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.RetryableException;
import dev.suture.protocol.failure.SutureException;
import dev.suture.protocol.manifest.ImageIdentity;
import dev.suture.protocol.manifest.Manifest;
import dev.suture.protocol.manifest.OsParts;
import dev.suture.protocol.manifest.PatchComponent;
import dev.suture.protocol.manifest.RestartScope;
import dev.suture.protocol.verity.VerityTreeBuilder;
import dev.suture.slot.SlotDevice;
import dev.suture.slot.SlotFiles;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** The kernel's side of slots: dm-verity is checked for the whole image, and for its tree. */
public final class SimSlotDevice implements SlotDevice {
  /** When everything is decided. */
  public static final Instant DECIDED_AT = Instant.parse("2026-11-30T12:00:00Z");

  private Optional<Character> refusedOsSlot = Optional.empty();
  private final SimBootRecord record;
  private final SimDisk disk;
  private final SimPower power;
  private final String slotsDirectory;
  private final BootChoice choice;
  private final SortedMap<ComponentName, byte[]> mounted = new TreeMap<>();
  private Optional<Manifest> mountedManifest = Optional.empty();
  private Slot mountedSlot = Slot.BASE;
  private Optional<Slot> decided = Optional.empty();
  private List<String> mustBeUp = Collections.emptyList();
  private boolean switching;
  private long mountCount;

  /** A kernel that has just started: base is mounted. */
  public SimSlotDevice(SimFlash flash, String slotsDirectory, BootChoice choice) {
    this.record = flash.record();
    this.disk = flash.disk();
    this.power = flash.power();
    this.slotsDirectory = slotsDirectory;
    this.choice = choice;
  }

  /** The images that are mounted over base, by component. */
  public SortedMap<ComponentName, byte[]> mounted() {
    return Collections.unmodifiableSortedMap(mounted);
  }

  /** The slot that they are from; base if there are none. */
  public Slot mountedSlot() {
    return mountedSlot;
  }

  /** How often what is mounted was changed. */
  long mountCount() {
    return mountCount;
  }

  /** The manifest that they were mounted by. */
  public Optional<Manifest> mountedManifest() {
    return mountedManifest;
  }

  /** Where an image is on the disk. */
  public String imagePath(Slot slot, ComponentName component) {
    return slotsDirectory + "/" + SlotFiles.imagePath(slot, component);
  }

  @Override
  public void mount(Slot slot, Manifest manifest) throws DeviceException {
    power.require();
    if (!mounted.isEmpty()) {
      throw new AssertionError("mount: slot " + mountedSlot + " is mounted already");
    }
    show(slot, manifest, verified(slot, manifest));
    record.osIsUp(choice.run());
    if (isMarked(SimPublisher.HANGS) || isMarked(SimPublisher.HANGS_LATER) && !choice.trial()) {
      throw new Hang();
    }
  }

  private SortedMap<ComponentName, byte[]> verified(Slot slot, Manifest manifest)
      throws DeviceException {
    SortedMap<ComponentName, byte[]> images = new TreeMap<>();
    for (PatchComponent component : manifest.components()) {
      images.put(component.name(), verified(slot, component, FailureCode.SLOT_UNMOUNTABLE));
    }
    return images;
  }

  private void show(Slot slot, Manifest manifest, SortedMap<ComponentName, byte[]> images) {
    mounted.putAll(images);
    mountedManifest = Optional.of(manifest);
    mountedSlot = slot;
    mountCount++;
  }

  @Override
  public void unmount(Manifest manifest) {
    power.require();
    showBase();
  }

  private void showBase() {
    mounted.clear();
    mountedManifest = Optional.empty();
    mountedSlot = Slot.BASE;
    mountCount++;
  }

  @Override
  public void beginSwitch() {
    power.require();
    switching = true;
  }

  @Override
  public void switchTo(Optional<Manifest> from, Slot slot, Optional<Manifest> to)
      throws DeviceException {
    power.require();
    if (!from.equals(mountedManifest)) {
      throw new AssertionError("switch: expected from what is mounted, got " + from);
    }
    if (!switching) {
      throw new AssertionError("switch: expected that one was begun, got none");
    }
    SortedMap<ComponentName, byte[]> images =
        to.isPresent() ? verified(slot, to.get()) : new TreeMap<>();
    showBase();
    to.ifPresent(manifest -> show(slot, manifest, images));
    if (isMarked(SimPublisher.HANGS)) {
      throw new Hang();
    }
  }

  @Override
  public boolean isSwitching() {
    return switching;
  }

  @Override
  public void readBack(Slot slot, PatchComponent component, Pacer pacer)
      throws DeviceException, RetryableException {
    power.require();
    byte[] image = verified(slot, component, FailureCode.READ_BACK_MISMATCH);
    if (!Sha256.of(image).equals(component.image().sha256())) {
      throw new DeviceException(
          FailureCode.READ_BACK_MISMATCH,
          "read back " + component.name() + ": expected " + component.image().sha256());
    }
    pacer.passed(image.length);
  }

  @Override
  public void prepareStart(Slot slot, Manifest manifest) throws DeviceException {
    power.require();
    String path = SimFirmware.partition(slot);
    byte[] fit = new byte[ImageIdentity.BLOCK_BYTES];
    if (manifest.component(OsParts.BOOT).isPresent()) {
      fit = verified(slot, manifest.component(OsParts.BOOT).get(), FailureCode.READ_BACK_MISMATCH);
    } else if (!disk.readPastCache(path).isPresent()) {
      return;
    }
    try (WritableFile partition = disk.create(path)) {
      partition.write(0, fit, 0, fit.length);
      partition.sync();
      disk.syncDirectory(path.substring(0, path.indexOf('/')));
    } catch (RetryableException e) {
      throw new DeviceException(FailureCode.STORAGE_IO, path + ": " + e.getMessage(), e);
    }
    if (!Arrays.equals(fit, disk.readPastCache(path).orElse(new byte[0]))) {
      throw new DeviceException(FailureCode.READ_BACK_MISMATCH, path + ": other bytes");
    }
  }

  private byte[] verified(Slot slot, PatchComponent component, FailureCode code)
      throws DeviceException {
    String path = imagePath(slot, component.name());
    ImageIdentity identity = component.image();
    byte[] file =
        disk.readPastCache(path)
            .orElseThrow(() -> new DeviceException(code, path + ": expected a file, got none"));
    int imageBytes = (int) identity.bytes();
    if (file.length < imageBytes + VerityTreeBuilder.treeBytes(imageBytes)) {
      throw new DeviceException(code, path + ": expected image and tree, got " + file.length);
    }
    try {
      boolean[] treeIsRight = {true};
      VerityTreeBuilder tree =
          new VerityTreeBuilder(
              imageBytes,
              identity.veritySalt(),
              (position, block) ->
                  treeIsRight[0] &= isAt(file, imageBytes + (int) position, block));
      tree.update(file, 0, imageBytes);
      if (!tree.finish().equals(identity.verityRoot()) || !treeIsRight[0]) {
        throw new DeviceException(
            code, path + ": expected verity root " + identity.verityRoot() + ", got another one");
      }
    } catch (DeviceException e) {
      throw e;
    } catch (SutureException e) {
      throw new IllegalStateException("this sink does not fail", e);
    }
    return Arrays.copyOf(file, imageBytes);
  }

  private static boolean isAt(byte[] file, int position, byte[] block) {
    return Arrays.equals(file, position, position + block.length, block, 0, block.length);
  }

  @Override
  public BootChoice bootChoice() {
    return choice;
  }

  @Override
  public Optional<Character> refusedOsSlot() {
    return refusedOsSlot;
  }

  /** The bootloader has refused this OS slot. */
  public void refusedOsSlot(char osSlot) {
    refusedOsSlot = Optional.of(osSlot);
  }

  @Override
  public Optional<Slot> decided() {
    return decided;
  }

  @Override
  public Optional<Instant> decidedAt() {
    return decided.map(slot -> DECIDED_AT);
  }

  @Override
  public List<String> mustBeUp() {
    power.require();
    return mustBeUp;
  }

  @Override
  public void decide(Slot running, List<String> services) {
    power.require();
    decided = Optional.of(running);
    mustBeUp = Collections.unmodifiableList(new ArrayList<>(services));
    switching = false;
  }

  @Override
  public void restart(RestartScope scope) {
    power.require();
    throw new Restart();
  }

  /** Whether something mounted begins with this mark. */
  boolean isMarked(byte[] mark) {
    for (Map.Entry<ComponentName, byte[]> image : mounted.entrySet()) {
      if (Arrays.equals(image.getValue(), 0, mark.length, mark, 0, mark.length)) {
        return true;
      }
    }
    return false;
  }
}
