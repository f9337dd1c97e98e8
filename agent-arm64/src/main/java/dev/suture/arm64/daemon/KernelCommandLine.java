package dev.suture.arm64.daemon;

import dev.suture.agent.BootControlConfig;
import dev.suture.protocol.Slot;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.slot.EnvironmentNames;
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

  /** As {@link #parse(String, BootControlConfig)} where the record is the raw one. */
  static BootChoice parse(String commandLine) {
    return parse(commandLine, BootControlConfig.RAW);
  }

  /**
   * Reads {@code suture.run}, {@code suture.trial}, {@code suture.os}, {@code suture.patched_os}
   * and {@code suture.counted}. What is missing or has no valid value means base: a device whose
   * boot script says nothing runs base.
   *
   * <p>Without {@code suture.run}, what RAUC's boot script or an Android bootloader says counts
   * where the record is theirs, {@code rauc.slot=A|B|base} and {@code
   * androidboot.slot_suffix=_a|_b|_c}; both count every start. Where the record is another, such a
   * word is about something else.
   */
  static BootChoice parse(String commandLine, BootControlConfig bootControl) {
    Optional<Slot> run = Optional.empty();
    Optional<Slot> foreign = Optional.empty();
    boolean isRunSaid = false;
    boolean trial = false;
    boolean counted = false;
    char osSlot = 'a';
    Optional<Slot> patchedOs = Optional.empty();
    for (String word : commandLine.trim().split("\\s+", -1)) {
      int equals = word.indexOf('=');
      String value = word.substring(equals + 1);
      switch (equals < 0 ? "" : word.substring(0, equals)) {
        case "suture.run" -> {
          isRunSaid = true;
          for (Slot slot : Slot.values()) {
            run = slot.word().equals(value) ? Optional.of(slot) : run;
          }
        }
        case "suture.patched_os" -> {
          for (Slot slot : List.of(Slot.A, Slot.B)) {
            patchedOs = slot.word().equals(value) ? Optional.of(slot) : patchedOs;
          }
        }
        case "suture.trial" -> trial = value.equals("1");
        // Our own boot script for the raw record leaves ordinary starts to the agent.
        case "suture.counted" ->
            counted = value.equals("1") && bootControl.kind() != BootControlConfig.Kind.RAW;
        case "suture.os" -> osSlot = value.equals("b") ? 'b' : 'a';
        case "rauc.slot" -> {
          if (isOfRauc(bootControl)) {
            foreign = foreign(value, List.of("A", "B", "base"), foreign);
          }
        }
        case "androidboot.slot_suffix" -> {
          if (bootControl.kind() == BootControlConfig.Kind.MISC) {
            foreign = foreign(value, List.of("_a", "_b", "_c"), foreign);
          }
        }
        default -> {
          // Another's word.
        }
      }
    }
    return isRunSaid || !foreign.isPresent()
        ? new BootChoice(run.orElse(Slot.BASE), trial, osSlot, patchedOs, counted)
        : new BootChoice(foreign.get(), false, osSlot, patchedOs, true);
  }

  private static boolean isOfRauc(BootControlConfig bootControl) {
    return bootControl
        .environment()
        .filter(environment -> environment.names() == EnvironmentNames.RAUC)
        .isPresent();
  }

  /** The slot of this word, of those for A, B and base. */
  private static Optional<Slot> foreign(String word, List<String> words, Optional<Slot> before) {
    int index = words.indexOf(word);
    return index < 0 ? before : Optional.of(List.of(Slot.A, Slot.B, Slot.BASE).get(index));
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
