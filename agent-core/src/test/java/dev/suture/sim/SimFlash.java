package dev.suture.sim;

import java.util.List;

/**
 * Everything of a device that outlives its power.
 *
 * @param power its power
 * @param disk the data partition
 * @param record where agent and bootloader meet
 */
public record SimFlash(SimPower power, SimDisk disk, SimBootRecord record) {
  /** Freshly flashed. */
  public static SimFlash factory() {
    return factory(SimRecordKind.RAW);
  }

  /** Freshly flashed, with another kind of activation record. */
  public static SimFlash factory(SimRecordKind kind) {
    SimPower power = new SimPower();
    return new SimFlash(power, new SimDisk(power), kind.factory(power));
  }

  /** The same, caches included, for another device. */
  public SimFlash copy() {
    SimPower copy = power.copy();
    return new SimFlash(copy, disk.copy(copy), record.copy(copy));
  }

  /** Power again; what was cached had this fate. */
  public void powerOn(CacheFate fate) {
    disk.powerOn(fate);
    record.powerOn(fate);
    power.on();
  }

  /** What the power would find unsynced if it failed now, in a fixed order. */
  public List<CacheFate.Part> unsynced() {
    List<CacheFate.Part> parts = disk.unsynced();
    parts.addAll(record.unsynced());
    return parts;
  }

  /** Tells apart what a device can find after a start. */
  public StateId durableState() {
    StateId.Builder id = new StateId.Builder();
    disk.identify(id);
    record.identify(id);
    return id.build();
  }

  /**
   * Tells apart what a cut of the power can leave: what is durable, what is not, and since when, in
   * operations.
   */
  public StateId stateWithCache() {
    StateId.Builder id = new StateId.Builder();
    disk.identifyWithCache(id);
    record.identifyWithCache(id);
    return id.build();
  }

  void watch(Witness witness) {
    disk.watch(witness);
    record.watch(witness);
  }
}
