package dev.suture.arm64.live;

import dev.suture.arm64.process.BoundedProcess;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Asks systemd, by its own command, within limits of time and output. */
final class Systemctl {
  private static final String PROGRAM = "systemctl";
  private static final long LIMIT_MILLIS = 30_000;
  private static final int OUTPUT_BYTES_MAX = 256 << 10;

  private final BoundedProcess process;
  private final String program;

  /** That of the device. */
  Systemctl() {
    this(PROGRAM);
  }

  /**
   * That of the device.
   *
   * @param progress called while it has time left
   */
  Systemctl(Runnable progress) {
    this(PROGRAM, progress);
  }

  /** Another program that is called alike. */
  Systemctl(String program) {
    this(program, () -> {});
  }

  private Systemctl(String program, Runnable progress) {
    this.program = program;
    process = new BoundedProcess(OUTPUT_BYTES_MAX, progress);
  }

  /**
   * Properties of units, of each in the order of the units.
   *
   * @throws DeviceException {@code KERNEL_CALL_FAILED}
   */
  List<Map<String, String>> show(List<String> units, List<String> properties)
      throws DeviceException {
    List<String> words =
        new ArrayList<>(List.of("show", "--property=" + String.join(",", properties), "--"));
    words.addAll(units);
    String output = run(words);
    List<Map<String, String>> all = new ArrayList<>();
    for (String block : output.strip().split("\n\n", -1)) {
      Map<String, String> one = new HashMap<>();
      for (String line : block.split("\n", -1)) {
        int equals = line.indexOf('=');
        if (equals > 0) {
          one.put(line.substring(0, equals), line.substring(equals + 1));
        }
      }
      all.add(one);
    }
    if (all.size() != units.size()) {
      throw failed(words, "properties of " + units.size() + " units", "of " + all.size());
    }
    return all;
  }

  /**
   * Runs one of its commands.
   *
   * @return what it printed
   * @throws DeviceException {@code KERNEL_CALL_FAILED} with what it printed, if it does not end
   *     well in its time
   */
  String run(List<String> words) throws DeviceException {
    List<String> command = new ArrayList<>(List.of(program, "--no-pager", "--no-ask-password"));
    command.addAll(words);
    BoundedProcess.Ended ended;
    try {
      ended = process.run(command, BoundedProcess.SYSTEM_ENVIRONMENT, LIMIT_MILLIS);
    } catch (IOException e) {
      throw new DeviceException(
          FailureCode.KERNEL_CALL_FAILED, "run " + String.join(" ", command) + ": " + e, e);
    }
    if (!ended.code().isPresent()) {
      throw failed(words, "an end within " + LIMIT_MILLIS + " ms", "none; " + ended.lastLine());
    }
    if (ended.code().getAsInt() != 0) {
      throw failed(words, "exit code 0", ended.code().getAsInt() + ": " + ended.lastLine());
    }
    return ended.output();
  }

  private static DeviceException failed(List<String> words, String expected, String got) {
    return new DeviceException(
        FailureCode.KERNEL_CALL_FAILED,
        "systemctl " + String.join(" ", words) + ": expected " + expected + ", got " + got);
  }
}
