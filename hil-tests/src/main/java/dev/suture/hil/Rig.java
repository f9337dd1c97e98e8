package dev.suture.hil;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.regex.Pattern;

/**
 * One device that can be flashed, switched on, cut off and talked to from outside. What it is made
 * of, an emulator or a board on a bench, is the implementation's business. One caller at a time;
 * every wait has a limit, and every failure is a {@link HarnessException} with the tail of the
 * serial log.
 */
public interface Rig extends AutoCloseable {
  /**
   * Writes the factory's image and this provisioning to the device, which must be off. Whatever the
   * device held before is gone.
   */
  void flash(Provisioning provisioning);

  /** Switches the device on and returns at once; it starts booting. */
  void powerOn();

  /** Cuts the power, without any warning to what runs. Does nothing if the device is off. */
  void powerOff();

  /** A place in the serial log, after all that has been read so far. */
  SerialLog.Mark mark();

  /**
   * Waits for a line of the serial console.
   *
   * @param from lines before it do not count
   * @param line found anywhere in a line
   * @param limit at most this long
   * @return the first such line
   */
  SerialLog.Line awaitSerial(SerialLog.Mark from, Pattern line, Duration limit);

  /**
   * Runs a command line in the device's root shell, which is not the agent's console.
   *
   * @param command for the device's {@code sh}
   * @param limit covers waiting for the shell as well, so it may be called while the device boots
   */
  CommandResult exec(String command, Duration limit);

  /** Where this machine reaches the device's HTTPS port. */
  InetSocketAddress https();

  /** The address under which the device reaches this machine. */
  String hostAddress();

  /** All that the serial console said since the rig was made. */
  SerialLog serialLog();

  /** Hints for a person who wants to look around, one a line. */
  String howToLookAround();

  /** Switches the device off and lets go of everything; the serial log stays. */
  @Override
  void close();
}
