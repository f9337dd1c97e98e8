package dev.suture.slot;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Two copies and a {@code misc} in memory, and which of them was written when. */
final class MemoryMedium implements RecordMedium, MiscMedium {
  static final int MISC = 2;

  final byte[][] areas;
  final List<Integer> written = new ArrayList<>();

  /** Zeros. */
  MemoryMedium(int copyBytes) {
    areas = new byte[][] {new byte[copyBytes], new byte[copyBytes], new byte[MiscMedium.BYTES]};
  }

  @Override
  public byte[] read(int copy) {
    return areas[copy].clone();
  }

  @Override
  public void write(int copy, byte[] bytes) {
    written.add(copy);
    areas[copy] = bytes.clone();
  }

  @Override
  public byte[] read() {
    return read(MISC);
  }

  @Override
  public void write(byte[] control) {
    byte[] misc = read();
    System.arraycopy(control, 0, misc, BootloaderControl.AT, control.length);
    write(MISC, misc);
  }

  byte[] control() {
    return Arrays.copyOfRange(
        areas[MISC], BootloaderControl.AT, BootloaderControl.AT + BootloaderControl.BYTES);
  }
}
