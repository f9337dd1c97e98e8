package dev.suture.arm64.daemon;

import dev.suture.protocol.Slot;
import dev.suture.slot.SlotDevice.BootChoice;

/** What the boot script put on the kernel command line. */
final class KernelCommandLine {
  private KernelCommandLine() {}

  /**
   * Reads {@code suture.run}, {@code suture.trial} and {@code suture.os}. What is missing or has no
   * valid value means base: a device whose boot script says nothing runs base.
   */
  static BootChoice parse(String commandLine) {
    Slot run = Slot.BASE;
    boolean trial = false;
    char osSlot = 'a';
    for (String word : commandLine.trim().split("\\s+", -1)) {
      int equals = word.indexOf('=');
      String value = word.substring(equals + 1);
      switch (equals < 0 ? "" : word.substring(0, equals)) {
        case "suture.run" -> {
          for (Slot slot : Slot.values()) {
            run = slot.word().equals(value) ? slot : run;
          }
        }
        case "suture.trial" -> trial = value.equals("1");
        case "suture.os" -> osSlot = value.equals("b") ? 'b' : 'a';
        default -> {
          // Another's word.
        }
      }
    }
    return new BootChoice(run, trial, osSlot);
  }
}
