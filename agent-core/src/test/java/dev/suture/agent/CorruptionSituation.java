package dev.suture.agent;

import dev.suture.protocol.failure.SutureException;
import dev.suture.sim.CacheFate;
import dev.suture.sim.PowerCut;
import dev.suture.sim.SimDevice;
import dev.suture.sim.SimFlash;
import dev.suture.sim.SimPublisher;
import dev.suture.slot.ActivationRecord;
import java.util.Collections;
import java.util.Set;
import java.util.TreeSet;

/** Where a device is when something on it goes bad. Level (a) was installed before. */
enum CorruptionSituation {
  /** Nothing is under way. */
  PATCH_ACTIVE("26.1 (a)", "a/"),
  /** Level (b) was on trial, failed, and is remembered. */
  REVERTED("26.1 (a)", "a/"),
  /** Level (b) is on trial from the next start on. */
  TRIAL_PENDING("26.1 (b)", "b/"),
  /** Level (b) is being written. */
  HALF_WRITTEN("26.1 (b)", "a/"),
  /** Base is active again; the next start makes it so. */
  REMOVAL_ARMED("26.1", "");

  private static final String BEFORE = "26.1 (a)";

  /** Durable operations of a rebuild before the power fails. */
  private static final int OPERATIONS_OF_A_REBUILD = 9;

  private final String release;
  private final String mounted;

  CorruptionSituation(String release, String mounted) {
    this.release = release;
    this.mounted = mounted;
  }

  /** The device in this situation, switched off. */
  SimFlash prepared(SimPublisher publisher) throws SutureException {
    SimDevice device = new SimDevice(publisher);
    publisher.release(SimPublisher.level("a"));
    device.settle();
    switch (this) {
      case PATCH_ACTIVE -> {}
      case REVERTED -> {
        publish(device, SimPublisher.level("b").sick());
        device.settle();
      }
      case TRIAL_PENDING -> {
        publish(device, SimPublisher.level("b"));
        until(device, "ARMED");
      }
      case HALF_WRITTEN -> {
        publish(device, SimPublisher.level("b"));
        until(device, "WRITING");
        device.flash().power().cutIn(OPERATIONS_OF_A_REBUILD);
        try {
          device.step();
          throw new AssertionError("expected a power cut");
        } catch (PowerCut e) {
          device.powerOn(CacheFate.landed());
        }
      }
      case REMOVAL_ARMED -> {
        device.agent().requestRemoval();
        until(device, "ARMED");
      }
    }
    device.flash().disk().syncAll();
    device.flash().power().off();
    return device.flash();
  }

  private static void publish(SimDevice device, SimPublisher.Release level) {
    device.publisher().release(level);
    device.notices().send(device.publisher().version());
  }

  private static void until(SimDevice device, String stage) {
    while (!device.stage().equals(stage)) {
      device.step();
    }
  }

  /** Whether the next start needs this file to go on as it should. */
  boolean mounts(String place) {
    return !mounted.isEmpty() && place.startsWith(SimDevice.slotPath(mounted));
  }

  /**
   * The releases that the device may run in the end. Without what it needs for the trial it may be
   * the one before, never anything else.
   *
   * @param isRecordLost whether no copy of the {@link ActivationRecord} is valid any more
   */
  Set<String> ends(Corruption corruption, boolean isRecordLost) {
    Set<String> all = new TreeSet<>(Collections.singleton(release));
    boolean isTrialLost =
        this == TRIAL_PENDING && (mounts(corruption.place()) || corruption.isState("journal"));
    boolean isAttemptLost = isRecordLost && (this == TRIAL_PENDING || this == HALF_WRITTEN);
    if (isTrialLost || isAttemptLost) {
      all.add(BEFORE);
    }
    return all;
  }
}
