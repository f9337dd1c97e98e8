package dev.suture.slot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.suture.protocol.ComponentName;
import dev.suture.protocol.Slot;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.SutureException;
import dev.suture.protocol.manifest.ImageIdentity;
import dev.suture.sim.CacheFate;
import dev.suture.sim.SimDisk;
import dev.suture.sim.SimPower;
import java.util.Arrays;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SlotImageTest {
  private static final int BLOCK = ImageIdentity.BLOCK_BYTES;
  private static final ComponentName TLS = new ComponentName("tls");
  private static final String PATH = SlotFiles.imagePath(Slot.A, TLS);

  private final SimPower power = new SimPower();
  private final SimDisk disk = new SimDisk(power);
  private final SlotFiles slots = new SlotFiles(disk);

  private static byte[] image(int blocks) {
    byte[] image = new byte[blocks * BLOCK];
    new Random(7).nextBytes(image);
    return image;
  }

  /** Writes an image in pieces of three blocks; returns how many bytes were written. */
  private long write(byte[] image) throws SutureException {
    try (SlotImage file = slots.openImage(Slot.A, TLS, image.length)) {
      for (int at = 0; at < image.length; at += 3 * BLOCK) {
        file.write(at, image, at, Math.min(3 * BLOCK, image.length - at));
      }
      file.sync();
      assertThat(file.writtenBytes() + file.keptBytes()).isEqualTo(image.length);
      return file.writtenBytes();
    }
  }

  private void assertOnDisk(byte[] image) {
    power.off();
    disk.powerOn(CacheFate.lost());
    power.on();
    assertThat(disk.durable(PATH)).hasValue(image);
  }

  @Test
  void write_noFile_isWritten() throws SutureException {
    byte[] image = image(10);
    slots.prepare(Slot.A, Set.of(TLS));
    assertThat(write(image)).isEqualTo(image.length);
    disk.syncDirectory("a");
    assertOnDisk(image);
  }

  @Test
  void write_sameContent_nothingIsWritten() throws SutureException {
    byte[] image = image(10);
    disk.put(PATH, image);
    assertThat(write(image)).isZero();
    assertOnDisk(image);
  }

  @Test
  void write_blocksDiffer_onlyTheseAreWritten() throws SutureException {
    byte[] image = image(10);
    byte[] old = image.clone();
    for (int block : new int[] {0, 4, 5, 9}) {
      old[block * BLOCK + 17] ^= 1;
    }
    disk.put(PATH, old);
    assertThat(write(image)).isEqualTo(4L * BLOCK);
    assertOnDisk(image);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 4096, 5000, 40959, 40961, 60000})
  void write_oldOneIsShorterOrLonger_isTheNewOne(int oldBytes) throws SutureException {
    byte[] image = image(10);
    disk.put(PATH, Arrays.copyOf(image, oldBytes));
    int whole = Math.min(oldBytes / BLOCK, 10);
    assertThat(write(image)).isEqualTo((10L - whole) * BLOCK);
    assertOnDisk(image);
  }

  @Test
  void write_oldOneCannotBeRead_isWritten() throws SutureException {
    byte[] image = image(10);
    disk.put(PATH, image);
    disk.fault(SimDisk.Fault.nth(2, SimDisk.Operation.READ, PATH::equals, FailureCode.STORAGE_IO));
    assertThat(write(image)).isEqualTo(3L * BLOCK);
    assertOnDisk(image);
  }

  @Test
  void write_cutAnywhere_thenAgain_isTheNewOne() throws SutureException {
    byte[] image = image(10);
    for (int seed = 0; seed < 40; seed++) {
      byte[] old = image(11);
      new Random(100 + seed).nextBytes(old);
      disk.put(PATH, old);
      try (SlotImage file = slots.openImage(Slot.A, TLS, image.length)) {
        file.write(0, image, 0, image.length);
      }
      power.off();
      disk.powerOn(CacheFate.torn(seed));
      power.on();
      assertThat(write(image)).isBetween(1L, (long) image.length);
      assertOnDisk(image);
    }
  }
}
