package dev.suture.hil.replay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.suture.attempt.Phase;
import dev.suture.hil.HostProcess;
import dev.suture.hil.Project;
import dev.suture.protocol.Slot;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.MethodOrderer.OrderAnnotation;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * One real installation on the emulated device, cut at every flush and between: the states that its
 * disk may be left in are checked on this machine, many of them boot, some finish the installation
 * by themselves. Prints how many; {@code -Dsuture.seed=N} chooses others.
 */
@TestMethodOrder(OrderAnnotation.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(value = 40, unit = TimeUnit.MINUTES)
@Isolated("it has two devices of its own at a time")
class DiskReplayHilTest {
  private static final long SEED = Long.getLong("suture.seed", 1);
  private static final int EACH = Integer.getInteger("suture.states.each", 1);
  private static final BootSweep.Amount BOOTS =
      new BootSweep.Amount(
          Integer.getInteger("suture.boots.min", 8),
          Duration.ofSeconds(Integer.getInteger("suture.boots.seconds", 60)),
          Integer.getInteger("suture.boots.finish", 1));
  private static final Duration LIMIT = Duration.ofMinutes(1);
  private static final Path FOLDER = Project.root().resolve("target/hil/disk-replay");

  private final Recording recording = Recording.make(FOLDER);
  private final StatePlan plan = new StatePlan(recording.log(), SEED);
  private final Map<DiskState, StateCheck.Findings> findings = new LinkedHashMap<>();

  @AfterAll
  void close() {
    recording.close();
  }

  @Test
  @Order(1)
  void log_replayedToItsEnd_isTheDiskBitForBit() throws IOException {
    Path image = FOLDER.resolve("replayed.img");
    Recording.copy(recording.base(), image, FOLDER);
    try (DiskHistory history = new DiskHistory(recording.log(), image, 0)) {
      history.become(DiskState.landed(recording.log().entries().size()));
    }

    assertThat(Files.mismatch(image, recording.after())).isEqualTo(-1);

    Files.delete(image);
    long flushes = recording.log().entries().stream().filter(WriteLog.Entry::isFlush).count();
    System.out.printf(
        Locale.ROOT,
        "disk replay: %d entries, %d flushes recorded%n",
        recording.log().entries().size(),
        flushes);
    assertThat(flushes).as("flushes in the record of an installation").isGreaterThan(50);
  }

  @Test
  @Order(2)
  void state_eachAfterAndBetweenFlushes_isBaseOrAWholePatch() {
    List<DiskState> states = new ArrayList<>(plan.flushBoundaries());
    states.addAll(plan.betweenFlushes(EACH));
    states.addAll(plan.aroundWritesTo(recording.partition("state")));
    long start = System.nanoTime();

    findings.putAll(new HostSweep(recording, FOLDER.resolve("host")).check(states));

    System.out.printf(
        Locale.ROOT,
        "disk replay: %d states checked in %.1f s, seed %d%n",
        findings.size(),
        (System.nanoTime() - start) / 1e9,
        SEED);
    assertThat(findings)
        .allSatisfy(
            (state, found) -> assertThat(found.complaints()).as("state " + state).isEmpty());
    assertThat(findings.values()).extracting(StateCheck.Findings::runs).contains(Slot.BASE, Slot.A);
    for (Phase phase : List.of(Phase.NOTICED, Phase.FETCHED, Phase.WRITING, Phase.ARMED)) {
      assertThat(findings.values())
          .as("a state in phase " + phase)
          .anyMatch(found -> found.situation().startsWith(phase.name()));
    }
  }

  /** The harness's own test: each damage is one that no power cut does, and is noticed. */
  @Test
  @Order(3)
  void check_plantedDamage_isNoticed() throws IOException {
    Path folder = FOLDER.resolve("planted");
    Files.createDirectories(folder);
    StateCheck check = new StateCheck(folder, recording.provision());
    Path state = folder.resolve("state.img");
    Path data = folder.resolve("active.img");
    recording.partition("state").extract(recording.after(), state, folder.resolve("tools.log"));
    recording.partition("data").extract(recording.after(), data, folder.resolve("tools.log"));
    assertThat(check.check(state, data).complaints()).isEmpty();

    assertThat(damaged(check, state, data, "rm /slots/a/tls.img")).contains("slot a");
    assertThat(damaged(check, state, data, "rm /slots/a/manifest.json")).contains("slot a");
    assertThat(damaged(check, state, data, "rm /suture/journal")).contains("journal");
    assertThat(damaged(check, state, data, "rm /suture/trust.0", "rm /suture/trust.1"))
        .contains("trust state");
    assertThat(damaged(check, state, data, "rm /suture/device.json")).contains("device.json");
    // A directory whose link count is wrong: only e2fsck sees that.
    assertThat(damaged(check, state, data, "sif /slots links_count 7")).contains("e2fsck");
    Path oneByte = folder.resolve("one-byte");
    Files.write(oneByte, new byte[] {1});
    assertThat(
            damaged(
                check, state, data, "rm /suture/journal", "write " + oneByte + " /suture/journal"))
        .contains("journal");
    try (FileChannel channel = FileChannel.open(state, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.allocate(512), 0);
      channel.write(ByteBuffer.allocate(512), 512 * 1024);
    }
    assertThat(check.check(state, data).complaints().toString()).contains("activation record");
  }

  private static String damaged(StateCheck check, Path state, Path data, String... commands) {
    Path folder = state.resolveSibling("damage");
    Path copy = folder.resolve("data.img");
    Recording.copy(data, copy, folder);
    // What the running device had not written yet comes first, or it would undo the damage.
    HostProcess.run(
        List.of("e2fsck", "-p", copy.toString()),
        LIMIT,
        Map.of(),
        folder.resolve("tools.log"),
        line -> {});
    for (String command : commands) {
      HostProcess.run(
              List.of("debugfs", "-w", "-R", command, copy.toString()),
              LIMIT,
              Map.of(),
              folder.resolve("tools.log"),
              line -> {})
          .orThrow();
    }
    return check.check(state, copy).complaints().toString();
  }

  @Test
  @Order(4)
  void state_booted_runsBaseOrAWholePatchAndFinishes() {
    List<DiskState> first = plan.aroundWritesTo(recording.partition("state"));
    long start = System.nanoTime();

    List<BootSweep.Result> results =
        new BootSweep(recording, FOLDER.resolve("boots"), findings, result -> {})
            .boot(first, plan.toBoot(first, findings), plan.toFinish(findings), BOOTS);

    System.out.printf(
        Locale.ROOT,
        "disk replay: %d states booted in %.1f s, %d of them finished the installation%n",
        results.size(),
        (System.nanoTime() - start) / 1e9,
        results.stream().filter(BootSweep.Result::finish).count());
    assertThat(results)
        .allSatisfy(result -> assertThat(result.complaints()).as(result.toString()).isEmpty())
        .hasSizeGreaterThanOrEqualTo(BOOTS.bootsMin());
    assertThat(results)
        .extracting(BootSweep.Result::state)
        .as("all states next to a write of the record")
        .containsAll(first);
    assertThat(results).extracting(BootSweep.Result::ran).contains("base", "a");
  }
}
