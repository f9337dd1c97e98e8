package dev.suture.sim;

import dev.suture.protocol.Slot;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.slot.ActivationRecord;
import dev.suture.slot.ActivationRecordCodec;
import dev.suture.slot.BootControl;
import dev.suture.slot.MiscMedium;
import dev.suture.slot.MiscRecord;
import dev.suture.slot.SlotDevice.BootChoice;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * The partition {@code misc} beside two detail copies, and a bootloader that knows no more than
 * AOSP's 32 bytes in it: it starts the slot of the highest priority that has tries, takes one of it
 * unless it is called successful, and marks nothing.
 */
public final class SimMisc extends SimBootRecord implements MiscMedium {
  /** The area behind the copies. */
  public static final int MISC = 2;

  private static final int CONTROL = 2048;
  private static final int CONTROL_BYTES = 32;
  private static final int CRC = CONTROL + 28;
  private static final int SLOT_INFO = CONTROL + 12;
  private static final List<Slot> SLOTS = List.of(Slot.A, Slot.B, Slot.BASE);

  /** What recovery was told last. */
  private static final byte OF_OTHERS = 'r';

  /** The partition of a freshly flashed device. */
  public SimMisc(SimPower power) {
    super(
        power,
        ActivationRecordCodec.encode(ActivationRecord.factory('a')),
        new byte[ActivationRecordCodec.BYTES],
        factory());
  }

  private static byte[] factory() {
    byte[] misc = new byte[BYTES];
    Arrays.fill(misc, 0, 32, OF_OTHERS);
    Arrays.fill(misc, CONTROL + CONTROL_BYTES, BYTES, OF_OTHERS);
    misc[CONTROL] = 'c';
    misc[CONTROL + 4] = 'B';
    misc[CONTROL + 5] = 'C';
    misc[CONTROL + 6] = 'A';
    misc[CONTROL + 7] = 'B';
    misc[CONTROL + 8] = 1;
    misc[CONTROL + 9] = 3;
    misc[SLOT_INFO + 4] = (byte) 0xf1;
    return sealed(misc);
  }

  @Override
  public SimMisc copy(SimPower other) {
    return copied(new SimMisc(other));
  }

  @Override
  BootControl control(SimWiring wiring) {
    return new MiscRecord(wiring.misc(this), wiring.medium(this));
  }

  @Override
  public byte[] read() {
    return read(MISC);
  }

  @Override
  public void write(byte[] control) throws DeviceException {
    byte[] misc = read(MISC);
    System.arraycopy(control, 0, misc, CONTROL, CONTROL_BYTES);
    write(MISC, misc);
  }

  @Override
  BootChoice bootloader(Function<Slot, SimFirmware.Fit> fits) {
    byte[] misc = read(MISC);
    if (!isReadable()) {
      if (!makesUpRecords()) {
        return new BootChoice(Slot.BASE, false, 'a');
      }
      misc = madeUp(misc);
    }
    int best = -1;
    for (int slot = 0; slot < (misc[CONTROL + 9] & 7); slot++) {
      if (tries(misc, slot) > 0
          && (misc[SLOT_INFO + 2 * slot + 1] & 1) == 0
          && (best < 0 || priority(misc, slot) > priority(misc, best))) {
        best = slot;
      }
    }
    if (best < 0) {
      throw new AssertionError("no slot is left: a device that starts nothing any more");
    }
    boolean isSuccessful = misc[SLOT_INFO + 2 * best] < 0;
    if (!isSuccessful) {
      misc[SLOT_INFO + 2 * best] -= (byte) (counted() << 4);
    }
    misc[CONTROL] = (byte) ('a' + best);
    boolean isCounted = Arrays.equals(misc, peek(MISC)) || isWritten(MISC, sealed(misc));
    return isCounted
        ? withOwnOs(
            new BootChoice(
                SLOTS.get(best), priority(misc, best) == 15, 'a', Optional.empty(), true),
            fits)
        : new BootChoice(Slot.BASE, false, 'a');
  }

  /** As U-Boot's {@code ab_select}: two slots, of which each may be started. */
  private static byte[] madeUp(byte[] misc) {
    byte[] made = misc.clone();
    System.arraycopy(factory(), CONTROL, made, CONTROL, CONTROL_BYTES);
    made[CONTROL + 9] = 2;
    made[SLOT_INFO] = 0x7f;
    made[SLOT_INFO + 2] = 0x7f;
    made[SLOT_INFO + 4] = 0;
    return made;
  }

  /** The disk tore the 32 bytes. */
  @Override
  public void loseRecord() {
    byte[] misc = peek(MISC);
    misc[SLOT_INFO] ^= 1;
    overwrite(MISC, misc);
  }

  /** {@code bootctl set-slot-as-unbootable}. */
  @Override
  public void markBad(Slot slot) {
    byte[] misc = read(MISC);
    misc[SLOT_INFO + 2 * SLOTS.indexOf(slot)] = 0;
    isWritten(MISC, sealed(misc));
  }

  private static int priority(byte[] misc, int slot) {
    return misc[SLOT_INFO + 2 * slot] & 0xf;
  }

  private static int tries(byte[] misc, int slot) {
    return misc[SLOT_INFO + 2 * slot] >> 4 & 7;
  }

  @Override
  public boolean isValid(int copy) {
    byte[] bytes = seen(copy).array();
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getInt()
        == crc(Arrays.copyOfRange(bytes, 4, bytes.length));
  }

  /** Whether the 32 bytes are whole, and others still find what they wrote. */
  @Override
  boolean isReadable() {
    byte[] misc = seen(MISC).array();
    return Arrays.equals(misc, sealed(misc))
        && misc[0] == OF_OTHERS
        && misc[BYTES - 1] == OF_OTHERS;
  }

  private static byte[] sealed(byte[] misc) {
    byte[] sealed = misc.clone();
    ByteBuffer.wrap(sealed)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt(CRC, crc(Arrays.copyOfRange(misc, CONTROL, CRC)));
    return sealed;
  }
}
