package dev.suture.hil.replay;

import dev.suture.hil.Device;
import dev.suture.hil.HarnessException;
import dev.suture.hil.SerialLog;
import dev.suture.hil.StatusWatcher;
import dev.suture.hil.qemu.QemuRig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * An emulated device that boots one state of a recorded disk after the other. One caller at a time.
 */
final class BootLane implements AutoCloseable {
  private static final Pattern BOOTLOADER =
      Pattern.compile("suture: run=(base|a|b) trial=([01]) os=[ab] record=(ok|damaged)");
  private static final Pattern RUNS = Pattern.compile("26\\.1 runs on slot (base|a|b)");
  private static final Duration RUN_LIMIT = Duration.ofMinutes(15);
  private static final Duration BOOT_LIMIT = Duration.ofMinutes(5);
  private static final Duration FINISH_LIMIT = Duration.ofMinutes(5);

  private final Recording recording;
  private final Path folder;
  private final Path image;
  private final QemuRig rig;
  private @Nullable DiskHistory history;
  private int cut;

  /**
   * A device that is off.
   *
   * @param folder for its disk and logs; made if absent
   */
  BootLane(Recording recording, Path folder) {
    this.recording = recording;
    this.folder = folder;
    this.image = folder.resolve("state.img");
    this.rig = QemuRig.onImage(folder.resolve("device"), RUN_LIMIT, image);
  }

  /**
   * How a boot went.
   *
   * @param state of the disk
   * @param finish whether it was to finish the installation as well
   * @param seconds from power-on until the agent said what runs, or until it had finished
   * @param ran what ran after the start; {@code -} if that was not said
   * @param complaints what was wrong; empty if nothing was
   */
  record Boot(
      DiskState state, boolean finish, double seconds, String ran, List<String> complaints) {}

  /**
   * Boots a state through the real bootloader until the agent says what runs.
   *
   * @param finish whether it must then finish the installation by itself, with broker and mirror
   */
  Boot boot(DiskState state, StateCheck.Findings expected, boolean finish) {
    become(state);
    long start = System.nanoTime();
    String ran = "-";
    SerialLog.Mark mark = rig.mark();
    StatusWatcher.Mark reports = recording.bench().watcher().mark();
    rig.serialLog().add("harness: disk state " + state + (finish ? ", to finish" : ""));
    rig.powerOn();
    try {
      Matcher runs = match(RUNS, rig.awaitSerial(mark, RUNS, BOOT_LIMIT));
      ran = runs.group(1);
      Optional<String> complaint = compare(expected, mark, ran);
      if (complaint.isEmpty() && finish) {
        rig.awaitSerial(mark, Device.AGENT_READY, BOOT_LIMIT);
        recording
            .bench()
            .watcher()
            .awaitStatus(
                reports,
                Recording.RELEASE + " by itself",
                status -> status.isActive(Recording.RELEASE),
                FINISH_LIMIT);
      }
      return new Boot(state, finish, seconds(start), ran, complaint.stream().toList());
    } catch (HarnessException e) {
      return new Boot(state, finish, seconds(start), ran, List.of(String.valueOf(e.getMessage())));
    } finally {
      rig.powerOff();
    }
  }

  private Optional<String> compare(StateCheck.Findings expected, SerialLog.Mark mark, String ran) {
    Matcher chosen = match(BOOTLOADER, rig.awaitSerial(mark, BOOTLOADER, BOOT_LIMIT));
    String wanted =
        "run=" + expected.runs().word() + " trial=" + (expected.trial() ? 1 : 0) + " record=ok";
    String got =
        "run=" + chosen.group(1) + " trial=" + chosen.group(2) + " record=" + chosen.group(3);
    if (!wanted.equals(got)) {
      return Optional.of("bootloader: expected " + wanted + ", got " + got);
    }
    if (!ran.equals(expected.runs().word())) {
      return Optional.of("agent: expected slot " + expected.runs().word() + ", got " + ran);
    }
    return Optional.empty();
  }

  private static Matcher match(Pattern pattern, SerialLog.Line line) {
    Matcher matcher = pattern.matcher(line.text());
    if (!matcher.find()) {
      throw new IllegalStateException("the line was found by this pattern: " + line.text());
    }
    return matcher;
  }

  private static double seconds(long startNanos) {
    return (System.nanoTime() - startNanos) / 1e9;
  }

  private void become(DiskState state) {
    DiskHistory current = history;
    if (current == null || state.cut() < cut) {
      if (current != null) {
        current.close();
      }
      Recording.copy(recording.base(), image, folder);
      current = new DiskHistory(recording.log(), image, 0);
      history = current;
    }
    current.become(state);
    cut = state.cut();
  }

  @Override
  public void close() {
    rig.close();
    if (history != null) {
      history.close();
    }
  }
}
