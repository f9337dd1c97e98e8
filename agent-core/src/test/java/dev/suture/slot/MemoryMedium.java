package dev.suture.slot;

import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Two copies and a {@code misc} in memory, and which of them was written when. */
final class MemoryMedium implements RecordMedium, MiscMedium {
  static final int MISC = 2;

  final byte[][] areas;
  final List<Integer> written = new ArrayList<>();

  /** Areas that cannot be read until they are written. */
  final Set<Integer> unreadable = new HashSet<>();

  /** Zeros. */
  MemoryMedium(int copyBytes) {
    areas = new byte[][] {new byte[copyBytes], new byte[copyBytes], new byte[MiscMedium.BYTES]};
  }

  @Override
  public byte[] read(int copy) throws DeviceException {
    if (unreadable.contains(copy)) {
      throw new DeviceException(FailureCode.STORAGE_IO, "area " + copy + ": cannot be read");
    }
    return areas[copy].clone();
  }

  @Override
  public void write(int copy, byte[] bytes) {
    written.add(copy);
    unreadable.remove(copy);
    areas[copy] = bytes.clone();
  }

  @Override
  public byte[] read() throws DeviceException {
    return read(MISC);
  }

  @Override
  public void write(byte[] control) throws DeviceException {
    byte[] misc = read();
    System.arraycopy(control, 0, misc, BootloaderControl.AT, control.length);
    write(MISC, misc);
  }

  byte[] control() {
    return Arrays.copyOfRange(
        areas[MISC], BootloaderControl.AT, BootloaderControl.AT + BootloaderControl.BYTES);
  }
}
