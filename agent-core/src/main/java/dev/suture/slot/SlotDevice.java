package dev.suture.slot;

import dev.suture.protocol.Slot;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.manifest.Manifest;
import dev.suture.protocol.manifest.PatchComponent;
import dev.suture.protocol.manifest.RestartScope;
import java.util.Optional;

/**
 * What the kernel does with slots. Images are given to it only with the signed identity that they
 * must have.
 */
public interface SlotDevice {
  /**
   * Mounts the images of a slot over the base images, each through dm-verity with its signed root.
   * All of them or none: after a failure base is what is mounted.
   *
   * @throws DeviceException {@code SLOT_UNMOUNTABLE}; {@code BASE_IN_USE} if services were started
   *     on base already, which would go on running old code below a patch that says it is active
   */
  void mount(Slot slot, Manifest manifest) throws DeviceException;

  /** Takes away whatever {@link #mount} mounted: base is what is mounted on return. */
  void unmount(Manifest manifest) throws DeviceException;

  /**
   * Reads a whole image back from the disk through dm-verity, past every cache, and compares its
   * digest.
   *
   * @throws DeviceException {@code READ_BACK_MISMATCH}
   */
  void readBack(Slot slot, PatchComponent component) throws DeviceException;

  /** What the bootloader chose to run, and whether as a trial. */
  BootChoice bootChoice();

  /**
   * What this boot's agent decided to run, if it did already (the agent was restarted, the device
   * was not).
   */
  Optional<Slot> decided();

  /** Remembers until the next boot what runs. */
  void decide(Slot running) throws DeviceException;

  /**
   * Restarts with this scope. Does not return when the scope is {@code REBOOT}.
   *
   * @throws DeviceException {@code KERNEL_CALL_FAILED}
   */
  void restart(RestartScope scope) throws DeviceException;

  /**
   * What the bootloader chose.
   *
   * @param run the slot it counted down for, or the active one, or base
   * @param trial whether it is on trial
   * @param osSlot which OS slot booted, {@code a} or {@code b}
   */
  record BootChoice(Slot run, boolean trial, char osSlot) {}
}
