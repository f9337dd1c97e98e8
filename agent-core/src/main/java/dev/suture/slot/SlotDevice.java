package dev.suture.slot;

import dev.suture.background.Pacer;
import dev.suture.protocol.Slot;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.RetryableException;
import dev.suture.protocol.manifest.Manifest;
import dev.suture.protocol.manifest.PatchComponent;
import dev.suture.protocol.manifest.RestartScope;
import java.time.Instant;
import java.util.List;
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
   * Says that a switch begins, before anything is done for it that only its end, or a restart of
   * the whole device, puts right. From the call on, until {@link #decide}, {@link #isSwitching} is
   * true.
   *
   * @throws DeviceException {@code STORAGE_IO}; then it has not begun
   */
  void beginSwitch() throws DeviceException;

  /**
   * Changes what is mounted while services run: from what is mounted now to the images of another
   * slot, or to base. Every image of the slot is verified and ready before the first one is seen;
   * what was seen before stays with the processes that use it, and goes away with the last of them.
   * The switch was begun.
   *
   * @param from what is mounted now; empty for base
   * @param slot where the images are; of no account if {@code to} is empty
   * @param to what is mounted on return; empty for base
   * @throws DeviceException {@code SLOT_UNMOUNTABLE}, {@code KERNEL_CALL_FAILED} or {@code
   *     STORAGE_IO}: only a restart of the whole device tells what is mounted then
   */
  void switchTo(Optional<Manifest> from, Slot slot, Optional<Manifest> to) throws DeviceException;

  /** Whether a switch was begun in this boot and nobody said how it ended: the agent died in it. */
  boolean isSwitching();

  /**
   * Reads a whole image back from the disk through dm-verity, past every cache, and compares its
   * digest.
   *
   * @param pacer is told each byte that was read
   * @throws DeviceException {@code READ_BACK_MISMATCH}
   * @throws RetryableException what the pacer throws
   */
  void readBack(Slot slot, PatchComponent component, Pacer pacer)
      throws DeviceException, RetryableException;

  /**
   * Gives the bootloader what it starts for a slot: the OS of the patch, or nothing, so that the OS
   * of the release starts. The images of the slot are written and read back; the slot is marked
   * unusable. Durable and read back on return.
   *
   * @throws DeviceException {@code STORAGE_IO} or {@code READ_BACK_MISMATCH}; what the bootloader
   *     would start is unknown then
   */
  void prepareStart(Slot slot, Manifest manifest) throws DeviceException;

  /** Tells what guards trials of a whole OS from outside the agent that this one is confirmed. */
  default void trialConfirmed() {}

  /** What the bootloader chose to run, and whether as a trial. */
  BootChoice bootChoice();

  /**
   * The OS slot, {@code a} or {@code b}, that the bootloader was to start and did not, because what
   * is in it is damaged or not signed: the other one runs, and is the last one.
   */
  default Optional<Character> refusedOsSlot() {
    return Optional.empty();
  }

  /**
   * What this boot's agent decided to run, if it did already (the agent was restarted, the device
   * was not).
   */
  Optional<Slot> decided();

  /**
   * Remembers until the next boot what runs; a switch is over with it.
   *
   * @param mustBeUp names of services that the switch restarted and that were up before it; what
   *     was remembered of earlier ones is forgotten
   * @throws DeviceException {@code STORAGE_IO}; then what was remembered before counts
   */
  void decide(Slot running, List<String> mustBeUp) throws DeviceException;

  /**
   * When {@link #decide} was called last in this boot, to the second, by the device's clock then;
   * empty if it was not, or that is not known.
   */
  Optional<Instant> decidedAt();

  /** What {@link #decide} remembered in this boot; empty if nothing was decided. */
  List<String> mustBeUp();

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
   * @param osSlot which OS slot of the release booted, or would without {@code patchedOs}: {@code
   *     a} or {@code b}
   * @param patchedOs the slot whose own OS booted; empty if it is the release's
   * @param counted whether the bootloader took a try or a start of {@code run}, which it does not
   *     tell apart; otherwise it counts trials, and what has an OS of its own
   */
  record BootChoice(
      Slot run, boolean trial, char osSlot, Optional<Slot> patchedOs, boolean counted) {
    /** Starts of what is active are not counted, but those of an OS of its own. */
    public BootChoice(Slot run, boolean trial, char osSlot, Optional<Slot> patchedOs) {
      this(run, trial, osSlot, patchedOs, false);
    }

    /** The OS of the release booted. */
    public BootChoice(Slot run, boolean trial, char osSlot) {
      this(run, trial, osSlot, Optional.empty());
    }
  }
}
