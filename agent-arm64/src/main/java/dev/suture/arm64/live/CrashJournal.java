package dev.suture.arm64.live;

import dev.suture.arm64.process.BoundedProcess;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How often processes of units crashed in this boot, as systemd told its journal. Systemd itself
 * remembers how a unit ended only until it has started it again.
 */
final class CrashJournal {
  private static final String PROGRAM = "journalctl";
  private static final long LIMIT_MILLIS = 30_000;

  /** Who crashes more often has long been found out. */
  private static final int LINES_MAX = 1_000;

  private static final int OUTPUT_BYTES_MAX = 256 << 10;

  /** "Unit process exited", as systemd alone says it: _PID is the journal's own word. */
  private static final List<String> WORDS =
      List.of(
          "--no-pager",
          "--quiet",
          "--boot",
          "--lines=" + LINES_MAX,
          "--output=cat",
          "--output-fields=UNIT",
          "MESSAGE_ID=98e322203f7a4ed290d09fe03c09fe15",
          "_PID=1",
          "EXIT_CODE=killed",
          "EXIT_CODE=dumped");

  private final BoundedProcess process = new BoundedProcess(OUTPUT_BYTES_MAX);
  private final String program;

  /** That of the device. */
  CrashJournal() {
    this(PROGRAM);
  }

  /** Another program that is called alike. */
  CrashJournal(String program) {
    this.program = program;
  }

  /**
   * How often a process of each of these units was ended by the signal of a crash in this boot, as
   * far as the journal reaches back; a unit of which it says nothing is not there.
   *
   * @throws DeviceException {@code KERNEL_CALL_FAILED} if it cannot be asked
   */
  Map<String, Long> crashes(Collection<String> units) throws DeviceException {
    List<String> command = new ArrayList<>(List.of(program));
    command.addAll(WORDS);
    CrashSignal.numbers().forEach(number -> command.add("EXIT_STATUS=" + number));
    units.forEach(unit -> command.add("UNIT=" + unit));
    Map<String, Long> crashes = new HashMap<>();
    for (String line : run(command).split("\n", -1)) {
      if (units.contains(line)) {
        crashes.merge(line, 1L, Long::sum);
      }
    }
    return crashes;
  }

  private String run(List<String> command) throws DeviceException {
    BoundedProcess.Ended ended;
    try {
      ended = process.run(command, BoundedProcess.SYSTEM_ENVIRONMENT, LIMIT_MILLIS);
    } catch (IOException e) {
      throw new DeviceException(FailureCode.KERNEL_CALL_FAILED, "run " + program + ": " + e, e);
    }
    if (!ended.code().isPresent() || ended.code().getAsInt() != 0) {
      throw new DeviceException(
          FailureCode.KERNEL_CALL_FAILED,
          program
              + ": expected exit code 0 within "
              + LIMIT_MILLIS
              + " ms, got "
              + ended.lastLine());
    }
    return ended.output();
  }
}
