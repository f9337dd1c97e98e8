package dev.suture.slot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.suture.protocol.Sha256;
import dev.suture.protocol.Slot;
import dev.suture.protocol.failure.DeviceException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Programs of others read what we write, and we read what they write: fw_printenv and fw_setenv of
 * libubootenv, and a C program that was compiled from AOSP's published layout.
 */
class BootSlotToolsTest {
  private static final int BYTES = 0x800;
  private static final long SECONDS_MAX = 60;
  private static final Sha256 ID = Sha256.ofHex("a1".repeat(32));

  @TempDir Path folder;

  private final MemoryMedium medium = new MemoryMedium(BYTES);

  private byte[] run(String... command) throws IOException, InterruptedException {
    Path out = folder.resolve("out");
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(out.toFile()).start();
    assertThat(process.waitFor(SECONDS_MAX, TimeUnit.SECONDS)).isTrue();
    byte[] output = Files.readAllBytes(out);
    assertThat(process.exitValue())
        .as("%s: %s", String.join(" ", command), new String(output, StandardCharsets.ISO_8859_1))
        .isZero();
    return output;
  }

  private String text(String... command) throws IOException, InterruptedException {
    return new String(run(command), StandardCharsets.ISO_8859_1);
  }

  /** With the configuration that names this environment, at an offset in one file. */
  private String environmentTool(String tool, String... arguments)
      throws IOException, InterruptedException {
    Path disk = folder.resolve("disk");
    Path config = folder.resolve("fw_env.config");
    byte[] content = Arrays.copyOf(new byte[0x400], 0x400 + 2 * BYTES);
    System.arraycopy(medium.areas[0], 0, content, 0x400, BYTES);
    System.arraycopy(medium.areas[1], 0, content, 0x400 + BYTES, BYTES);
    Files.write(disk, content);
    Files.writeString(config, disk + " 0x400 0x800\n" + disk + " 0xc00 0x800\n");
    List<String> command =
        new ArrayList<>(
            List.of(tool, "-c", config.toString(), "-f", folder.resolve("none").toString()));
    Files.write(folder.resolve("none"), new byte[0]);
    command.addAll(List.of(arguments));
    String output = text(command.toArray(new String[0]));
    byte[] after = Files.readAllBytes(disk);
    medium.areas[0] = Arrays.copyOfRange(after, 0x400, 0x400 + BYTES);
    medium.areas[1] = Arrays.copyOfRange(after, 0x400 + BYTES, 0x400 + 2 * BYTES);
    return output;
  }

  private static ActivationRecord onTrial(long sequence) {
    return new ActivationRecord(
        sequence,
        Slot.A,
        1,
        Optional.of(Slot.B),
        3,
        new SlotContent(SlotContent.State.WHOLE, Optional.of(ID)),
        new SlotContent(SlotContent.State.WHOLE, Optional.of(ID)),
        'a');
  }

  @ParameterizedTest
  @EnumSource(EnvironmentNames.class)
  void fwPrintenv_whatWeWrote_isReadByItVariableForVariable(EnvironmentNames names)
      throws Exception {
    EnvironmentRecord record = new EnvironmentRecord(medium, names, true, RecordLock.NONE);
    record.store(onTrial(1));
    StringBuilder expected = new StringBuilder();
    names
        .variables(onTrial(1))
        .forEach((name, value) -> expected.append(name).append('=').append(value).append('\n'));
    assertThat(environmentTool("fw_printenv")).isEqualTo(expected.toString());
    // Each copy by itself as well.
    for (int copy = 0; copy < 2; copy++) {
      byte[] kept = medium.areas[copy];
      medium.areas[copy] = new byte[BYTES];
      assertThat(environmentTool("fw_printenv")).isEqualTo(expected.toString());
      medium.areas[copy] = kept;
    }
  }

  /** Past the wrap of the flags, and each of us reads the other's newest write. */
  @Test
  void fwSetenv_takesTurnsWithUs_bothAlwaysReadTheNewest() throws Exception {
    EnvironmentRecord record =
        new EnvironmentRecord(medium, EnvironmentNames.RAUC, true, RecordLock.NONE);
    record.store(onTrial(1));
    for (int copy = 0; copy < 2; copy++) {
      medium.areas[copy][4] = (byte) (250 + copy);
    }
    for (int turn = 0; turn < 8; turn++) {
      int tries = 3 - turn / 2; // What is filled up again does not count.
      environmentTool("fw_setenv", "BOOT_B_LEFT", Integer.toString(tries));
      environmentTool("fw_setenv", "other", "turn " + turn);
      assertThat(record.load().tries()).isEqualTo(tries);
      store(record, turn);
      assertThat(environmentTool("fw_printenv", "BOOT_B_LEFT", "other"))
          .isEqualTo("BOOT_B_LEFT=" + record.load().tries() + "\nother=turn " + turn + "\n");
    }
  }

  private static void store(EnvironmentRecord record, int turn) throws DeviceException {
    ActivationRecord old = record.load();
    record.store(turn % 2 == 0 ? old.alive() : old.started());
  }

  /** But for what is behind the end, where libubootenv leaves what its memory held before. */
  @Test
  void fwSetenv_itsCopy_isWhatWeWouldWrite() throws Exception {
    EnvironmentRecord record =
        new EnvironmentRecord(medium, EnvironmentNames.RAUC, true, RecordLock.NONE);
    record.store(onTrial(1));
    environmentTool("fw_setenv", "BOOT_B_LEFT", "2");
    byte[] theirs = medium.areas[0];
    byte[] ours = UbootEnvironment.decode(theirs).encode(BYTES, theirs[4] & 0xff);
    int end = new String(theirs, StandardCharsets.ISO_8859_1).indexOf("\0\0", 5) + 2;
    assertThat(end).isGreaterThan(200);
    assertThat(Arrays.copyOfRange(ours, 4, end)).isEqualTo(Arrays.copyOfRange(theirs, 4, end));
  }

  private String compiled() throws IOException, InterruptedException {
    String program = folder.resolve("bootloader_control").toString();
    run("gcc", "-Wall", "-o", program, "src/test/c/bootloader_control.c");
    return program;
  }

  @Test
  void bootloaderControl_ofTheCompiler_isByteForByteOurs() throws Exception {
    String program = compiled();
    assertThat(text(program, "layout"))
        .isEqualTo("size=32 slot=2 magic=4 version=8 slot_info=12 crc32_le=28\n");
    MemoryMedium misc = new MemoryMedium(ActivationRecordCodec.BYTES);
    MiscRecord record = new MiscRecord(misc, misc);
    record.store(onTrial(1));
    assertThat(misc.control()).isEqualTo(run(program, "make", "14:4:0", "15:3:0", "1:7:1"));
    Path file = folder.resolve("misc");
    Files.write(file, misc.areas[MemoryMedium.MISC]);
    assertThat(text(program, "print", file.toString()))
        .isEqualTo(
            """
            suffix=_c magic=42414342 version=1 slots=3 recovery=0 merge=0
            a priority=14 tries=4 successful=0 corrupted=0
            b priority=15 tries=3 successful=0 corrupted=0
            c priority=1 tries=7 successful=1 corrupted=0
            """);
  }

  @Test
  void bootloaderControl_madeByTheProgram_isReadByUs() throws Exception {
    String program = compiled();
    MemoryMedium misc = new MemoryMedium(ActivationRecordCodec.BYTES);
    MiscRecord record = new MiscRecord(misc, misc);
    record.store(onTrial(1));
    misc.write(run(program, "make", "14:2:0", "15:1:0", "1:7:1"));
    assertThat(record.load().starts()).isEqualTo(3);
    assertThat(record.load().tries()).isEqualTo(1);
  }
}
