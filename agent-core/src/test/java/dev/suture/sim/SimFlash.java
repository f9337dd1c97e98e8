package dev.suture.sim;

import dev.suture.protocol.Sha256;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Map;

/**
 * Everything of a device that outlives its power.
 *
 * @param power its power
 * @param disk the data partition
 * @param record the raw partition of the activation record
 */
public record SimFlash(SimPower power, SimDisk disk, SimRecordMedium record) {
  /** Freshly flashed. */
  public static SimFlash factory() {
    SimPower power = new SimPower();
    return new SimFlash(power, new SimDisk(power), new SimRecordMedium(power));
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

  /** Tells apart what a device can find after a start. */
  public Sha256 durableState() {
    MessageDigest digest = Sha256.newDigest();
    for (Map.Entry<String, byte[]> file : disk.durable().entrySet()) {
      digest.update(file.getKey().getBytes(StandardCharsets.UTF_8));
      digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(file.getValue().length).array());
      digest.update(file.getValue());
    }
    digest.update(record.peek(0));
    digest.update(record.peek(1));
    return Sha256.ofBytes(digest.digest());
  }
}
