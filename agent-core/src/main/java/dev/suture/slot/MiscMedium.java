package dev.suture.slot;

import dev.suture.protocol.failure.DeviceException;

/** The partition {@code misc} of an Android-style device, as far as the agent has to do with it. */
public interface MiscMedium {
  /** How much of it is read: what bootloader, recovery and the A/B decision share. */
  int BYTES = 4096;

  /** Its first {@link #BYTES}, which belong to the caller. */
  byte[] read() throws DeviceException;

  /**
   * Puts these 32 bytes at {@link BootloaderControl#AT}: one sector is read, changed and written;
   * every other byte stays as it is. Durable and read back from the medium on return; if power
   * fails inside, the sector is as before, or as written.
   */
  void write(byte[] control) throws DeviceException;
}
