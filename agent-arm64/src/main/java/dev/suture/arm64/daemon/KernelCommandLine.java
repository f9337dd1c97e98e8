package dev.suture.arm64.daemon;

import dev.suture.protocol.Slot;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.slot.SlotDevice.BootChoice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** What the boot script put on the kernel command line. */
final class KernelCommandLine {
  private static final String REFUSED = "suture.os_refused=";

  private static final Path COMMAND_LINE = Path.of("/proc/cmdline");

  private KernelCommandLine() {}

  /** The running kernel's. */
  static String read() throws DeviceException {
    try {
      return Files.readString(COMMAND_LINE);
    } catch (IOException e) {
      throw new DeviceException(
          FailureCode.KERNEL_CALL_FAILED, "read " + COMMAND_LINE + ": " + e.getMessage(), e);
    }
  }

  /**
   * Reads {@code suture.run}, {@code suture.trial}, {@code suture.os} and {@code
   * suture.patched_os}. What is missing or has no valid value means base: a device whose boot
   * script says nothing runs base.
   */
  static BootChoice parse(String commandLine) {
    Slot run = Slot.BASE;
    boolean trial = false;
    char osSlot = 'a';
    Optional<Slot> patchedOs = Optional.empty();
    for (String word : commandLine.trim().split("\\s+", -1)) {
      int equals = word.indexOf('=');
      String value = word.substring(equals + 1);
      switch (equals < 0 ? "" : word.substring(0, equals)) {
        case "suture.run" -> {
          for (Slot slot : Slot.values()) {
            run = slot.word().equals(value) ? slot : run;
          }
        }
        case "suture.patched_os" -> {
          for (Slot slot : List.of(Slot.A, Slot.B)) {
            patchedOs = slot.word().equals(value) ? Optional.of(slot) : patchedOs;
          }
        }
        case "suture.trial" -> trial = value.equals("1");
        case "suture.os" -> osSlot = value.equals("b") ? 'b' : 'a';
        default -> {
          // Another's word.
        }
      }
    }
    return new BootChoice(run, trial, osSlot, patchedOs);
  }

  /** Reads {@code suture.os_refused}: the OS slot that was to be started, and was not. */
  static Optional<Character> refusedOsSlot(String commandLine) {
    Optional<Character> refused = Optional.empty();
    for (String word : commandLine.trim().split("\\s+", -1)) {
      if (word.equals(REFUSED + 'a') || word.equals(REFUSED + 'b')) {
        refused = Optional.of(word.charAt(REFUSED.length()));
      }
    }
    return refused;
  }
}
