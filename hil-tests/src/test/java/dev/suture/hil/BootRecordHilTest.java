package dev.suture.hil;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.suture.protocol.Sha256;
import dev.suture.protocol.Slot;
import dev.suture.slot.ActivationRecord;
import dev.suture.slot.BootControl;
import dev.suture.slot.EnvironmentNames;
import dev.suture.slot.EnvironmentRecord;
import dev.suture.slot.MiscMedium;
import dev.suture.slot.MiscRecord;
import dev.suture.slot.RecordLock;
import dev.suture.slot.RecordMedium;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The agent's adapters and a real U-Boot take turns on one disk, which loses its power while either
 * writes. Behind every start a program of somebody else reads the record from the disk and must say
 * what the agent reads. {@code -Dsuture.boots=50} starts each so often, {@code -Dsuture.seed=N} in
 * another way.
 */
@Timeout(value = 30, unit = TimeUnit.MINUTES)
class BootRecordHilTest {
  private static final int BOOTS = Integer.getInteger("suture.boots", 8);
  private static final long SEED = Long.getLong("suture.seed", 1);
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final Path FOLDER = Project.root().resolve("target/hil/boot-record");
  private static final int SECTOR_BYTES = 512;
  private static final long STATE_AT = 2048L * SECTOR_BYTES;
  private static final long MISC_AT = 4096L * SECTOR_BYTES;
  private static final int ENVIRONMENT_BYTES = 4096;
  private static final long DETAILS_DISTANCE = 512 << 10;
  private static final int CONTROL_AT = 2048;

  /** Most starts are over by then. */
  private static final int CUT_MILLIS_MAX = 900;

  private static final Sha256 ID = Sha256.of(new byte[] {1});
  private static final Pattern SAID =
      Pattern.compile(
          "suture: run=(base|a|b) trial=([01]) os=a record=(ok|damaged) counted=([01])");

  /** The forms of the record. */
  enum Kind {
    SUTURE,
    RAUC,
    MISC;

    String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** The power failed in the agent's write. */
  private static final class Cut extends Error {
    private static final long serialVersionUID = 1;
  }

  /** The disk as the agent sees it; fails in one of the next writes if it is told to. */
  private static final class Disk {
    final Path file;
    private final Random random;
    int cutIn;

    Disk(Path file, Random random) {
      this.file = file;
      this.random = random;
    }

    byte[] read(long at, int bytes) {
      try (RandomAccessFile disk = new RandomAccessFile(file.toFile(), "r")) {
        byte[] read = new byte[bytes];
        disk.seek(at);
        disk.readFully(read);
        return read;
      } catch (IOException e) {
        throw new HarnessException(file + ": cannot be read", e);
      }
    }

    void write(long at, byte[] bytes) {
      boolean isCut = cutIn > 0 && --cutIn == 0;
      try (RandomAccessFile disk = new RandomAccessFile(file.toFile(), "rw")) {
        for (int i = 0; i < bytes.length; i += SECTOR_BYTES) {
          if (!isCut || random.nextBoolean()) {
            disk.seek(at + i);
            disk.write(bytes, i, Math.min(SECTOR_BYTES, bytes.length - i));
          }
        }
      } catch (IOException e) {
        throw new HarnessException(file + ": cannot be written", e);
      }
      if (isCut) {
        throw new Cut();
      }
    }

    RecordMedium copies(long first, long second, int bytes) {
      return new RecordMedium() {
        @Override
        public byte[] read(int copy) {
          return Disk.this.read(copy == 0 ? first : second, bytes);
        }

        @Override
        public void write(int copy, byte[] content) {
          Disk.this.write(copy == 0 ? first : second, content);
        }
      };
    }

    MiscMedium misc() {
      return new MiscMedium() {
        @Override
        public byte[] read() {
          return Disk.this.read(MISC_AT, BYTES);
        }

        @Override
        public void write(byte[] control) {
          byte[] sector = Disk.this.read(MISC_AT + CONTROL_AT, SECTOR_BYTES);
          System.arraycopy(control, 0, sector, 0, control.length);
          Disk.this.write(MISC_AT + CONTROL_AT, sector);
        }
      };
    }
  }

  private static BootControl control(Kind kind, Disk disk) {
    if (kind == Kind.MISC) {
      return new MiscRecord(
          disk.misc(), disk.copies(STATE_AT, STATE_AT + DETAILS_DISTANCE, SECTOR_BYTES));
    }
    return new EnvironmentRecord(
        disk.copies(STATE_AT + (64 << 10), STATE_AT + (192 << 10), ENVIRONMENT_BYTES),
        EnvironmentNames.ofWord(kind.word()),
        true,
        RecordLock.NONE);
  }

  private static Disk disk(Kind kind, Random random) throws IOException {
    Files.createDirectories(FOLDER);
    Path file = FOLDER.resolve(kind.word() + ".img");
    Path table = FOLDER.resolve("table");
    Files.deleteIfExists(file);
    Files.deleteIfExists(FOLDER.resolve(kind.word() + ".dtb"));
    try (RandomAccessFile made = new RandomAccessFile(file.toFile(), "rw")) {
      made.setLength(4 << 20);
    }
    Files.writeString(
        table, "label: gpt\nstart=2048, size=2048, name=state\nstart=4096, size=2048, name=misc\n");
    run("sh", "-c", "sfdisk --quiet " + file + " <" + table);
    return new Disk(file, random);
  }

  private static String run(String... command) {
    return HostProcess.run(
            List.of(command), LIMIT, Map.of(), FOLDER.resolve("commands.log"), line -> {})
        .orThrow()
        .text();
  }

  private static List<String> boot(Kind kind, Disk disk) {
    return List.of(
        Project.root().resolve("qemu/boot-record").toString(),
        "--kind",
        kind.word(),
        "--disk",
        disk.file.toString(),
        "--workdir",
        FOLDER.toString());
  }

  /** What such a bootloader starts, by the record alone. */
  private static Slot expected(ActivationRecord record) {
    if (record.trial().isPresent() && record.tries() > 0) {
      return record.trial().get();
    }
    return record.isWornOut() ? Slot.BASE : record.active();
  }

  private static ActivationRecord counted(ActivationRecord record) {
    Slot run = expected(record);
    boolean isTrial = record.isOnTrial(run);
    return new ActivationRecord(
        record.sequence(),
        record.active(),
        record.starts() + (isTrial || run == Slot.BASE ? 0 : 1),
        record.trial(),
        record.tries() - (isTrial ? 1 : 0),
        record.a(),
        record.b(),
        record.osSlot());
  }

  /** What an agent may do behind a start that came up; nothing, if it crashed. */
  private static Optional<ActivationRecord> next(ActivationRecord record, Slot run, Random random) {
    if (record.trial().isPresent() && record.tries() == 0 && !record.isOnTrial(run)) {
      return Optional.of(record.failed(record.trial().get()));
    }
    if (record.isWornOut() && run == Slot.BASE) {
      return Optional.of(record.activeFailed());
    }
    int die = random.nextInt(4);
    if (record.isOnTrial(run)) {
      return switch (die) {
        case 0 -> Optional.of(record.confirmed(run));
        case 1 -> Optional.of(record.failed(run));
        default -> Optional.empty();
      };
    }
    boolean isAlive = record.active() == run && record.starts() > 0;
    if (die < 2) {
      return isAlive ? Optional.of(record.alive()) : Optional.empty();
    }
    return record.trial().isPresent() || die == 3 && isAlive
        ? Optional.empty()
        : Optional.of(record.onTrial(record.free(), ID, 3));
  }

  private static String program() {
    Path program = FOLDER.resolve("bootloader_control");
    run(
        "gcc",
        "-o",
        program.toString(),
        Project.root().resolve("agent-core/src/test/c/bootloader_control.c").toString());
    return program.toString();
  }

  /** Reads the disk without any code of ours, and compares. */
  private static void assertReadByOthers(Kind kind, Disk disk, ActivationRecord record)
      throws IOException {
    if (kind == Kind.MISC) {
      Path misc = FOLDER.resolve("misc");
      Files.write(misc, disk.read(MISC_AT, MiscMedium.BYTES));
      String said = run(program(), "print", misc.toString());
      for (Slot slot : List.of(Slot.A, Slot.B)) {
        boolean isTrial = record.isOnTrial(slot);
        boolean isActive = record.active() == slot;
        int tries =
            isTrial ? record.tries() : isActive ? ActivationRecord.STARTS_MAX - record.starts() : 0;
        assertThat(said)
            .contains(
                String.format(
                    "%s priority=%d tries=%d successful=0",
                    slot.word(), isTrial ? 15 : isActive ? 14 : 0, tries));
      }
      assertThat(said).contains("c priority=1 tries=7 successful=1");
      return;
    }
    Path config = FOLDER.resolve("fw_env.config");
    Files.writeString(config, disk.file + " 0x110000 0x1000\n" + disk.file + " 0x130000 0x1000\n");
    String said = run("fw_printenv", "-c", config.toString());
    if (kind == Kind.SUTURE) {
      assertThat(said)
          .contains("su_active=" + record.active().word() + "\n")
          .contains("su_starts=" + record.starts() + "\n")
          .contains("su_tries=" + record.tries() + "\n");
      return;
    }
    for (Slot slot : List.of(Slot.A, Slot.B)) {
      if (record.isOnTrial(slot) || record.active() == slot) {
        int left =
            record.isOnTrial(slot) ? record.tries() : ActivationRecord.STARTS_MAX - record.starts();
        assertThat(said)
            .contains("BOOT_" + slot.word().toUpperCase(Locale.ROOT) + "_LEFT=" + left + "\n");
      }
    }
    assertThat(said)
        .contains(
            "BOOT_ORDER="
                + record.trial().map(slot -> slot.word().toUpperCase(Locale.ROOT) + " ").orElse("")
                + (record.active() == Slot.BASE
                    ? ""
                    : record.active().word().toUpperCase(Locale.ROOT) + " ")
                + "base\n");
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void agentAndBootloader_powerFailsInBoth_bothAlwaysReadTheSame(Kind kind) throws Exception {
    Random random = new Random(SEED);
    Disk disk = disk(kind, random);
    BootControl control = control(kind, disk);
    control.store(ActivationRecord.factory('a'));
    Map<Slot, Integer> runs = new EnumMap<>(Slot.class);
    int cutStarts = 0;
    int cutWrites = 0;
    for (int boot = 1; boot <= BOOTS; boot++) {
      ActivationRecord before = control.load();
      if (random.nextInt(4) == 0) {
        HostProcess emulator =
            HostProcess.start(
                "qemu/boot-record", boot(kind, disk), Map.of(), FOLDER.resolve("cut.log"));
        Await.pause(random.nextInt(CUT_MILLIS_MAX));
        emulator.kill();
        cutStarts++;
        before = assertEither(control.load(), before, counted(before), boot);
        assertReadByOthers(kind, disk, before);
      }
      String console = run(boot(kind, disk).toArray(new String[0]));
      Matcher said = SAID.matcher(console);
      assertThat(said.find()).as("boot %d: %s", boot, console).isTrue();
      Slot run = Slot.ofWord(said.group(1));
      ActivationRecord after = control.load();
      assertThat(said.group(3) + said.group(4)).as("boot %d", boot).isEqualTo("ok1");
      assertThat(run).as("boot %d of %s", boot, before).isEqualTo(expected(before));
      assertThat(said.group(2)).isEqualTo(before.isOnTrial(run) ? "1" : "0");
      assertThat(after).as("boot %d", boot).isEqualTo(counted(before));
      assertReadByOthers(kind, disk, after);
      runs.merge(run, 1, Integer::sum);
      Optional<ActivationRecord> next = next(after, run, random);
      if (next.isPresent()) {
        if (random.nextInt(3) == 0) {
          disk.cutIn = 1 + random.nextInt(kind == Kind.MISC ? 3 : 2);
          assertThatThrownBy(() -> control.store(next.get())).isInstanceOf(Cut.class);
          cutWrites++;
          ActivationRecord left = withSequence(control.load(), after.sequence());
          assertEither(
              left,
              withSequence(after, after.sequence()),
              withSequence(next.get(), after.sequence()),
              boot);
        } else {
          control.store(next.get());
          assertThat(control.load()).isEqualTo(next.get());
        }
      }
    }
    System.out.printf(
        "boot record %-6s %d boots: base %d, a %d, b %d; and %d cut in the bootloader, %d in the agent's"
            + " writes%n",
        kind,
        BOOTS,
        runs.getOrDefault(Slot.BASE, 0),
        runs.getOrDefault(Slot.A, 0),
        runs.getOrDefault(Slot.B, 0),
        cutStarts,
        cutWrites);
  }

  /** The details of a decision that was not written may be newer than it, and say the same. */
  private static ActivationRecord withSequence(ActivationRecord record, long sequence) {
    return new ActivationRecord(
        sequence,
        record.active(),
        record.starts(),
        record.trial(),
        record.tries(),
        record.a(),
        record.b(),
        record.osSlot());
  }

  private static ActivationRecord assertEither(
      ActivationRecord got, ActivationRecord one, ActivationRecord other, int boot) {
    assertThat(Arrays.asList(one, other)).as("boot %d", boot).contains(got);
    return got;
  }
}
