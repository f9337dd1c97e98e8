package dev.suture.hil;

import static org.assertj.core.api.Assertions.assertThat;

import dev.suture.hil.qemu.QemuRig;
import dev.suture.hil.replay.Partition;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer.OrderAnnotation;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Somebody changes what the bootloader reads while the device is off: it boots what is signed, or
 * nothing.
 */
@TestMethodOrder(OrderAnnotation.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class VerifiedBootHilTest {
  private static final Duration RUN_LIMIT = Duration.ofMinutes(10);
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final Path FOLDER = Project.root().resolve("target/hil/verified-boot");
  private static final Pattern DECIDED = Pattern.compile("suture: run=");
  private static final Pattern REFUSED = Pattern.compile("suture: OS slot [ab] refused: ");
  private static final Pattern NOTHING_LEFT =
      Pattern.compile("suture: no OS slot is left to boot, the board is reset");
  private static final Pattern KERNEL_STARTS = Pattern.compile("Starting kernel");
  private static final String CONFIGURATION = "/configurations/os";
  private static final String COMMAND_LINE =
      "console=ttyAMA0 rdinit=/init quiet panic=1"
          + " suture.run=base suture.trial=0 suture.os=%s suture.record=ok";
  private static final String SOMETHING_ELSE = "expected a FIT";
  private static final byte[] NOTHING = {};
  private static final int TOTAL_SIZE_AT = 4;
  private static final int RECORD_BYTES = 512;
  private static final long RECORD_COPY_1_AT = 512 << 10;
  private static final int BLOCK_BYTES = 4_096;
  private static final Pattern OWN_REFUSED = Pattern.compile("suture: OS of slot a refused: ");
  private static final Pattern OWN_STARTED =
      Pattern.compile("initramfs: OS of the patch in slot a: its image cannot be opened");
  private static final Pattern RELEASE_STARTED =
      Pattern.compile(
          "os: start: suture.run=a suture.trial=0 suture.os=a suture.record=ok"
              + " suture.patched_os_refused=a uptime");

  private final Bench bench =
      Bench.start(FOLDER, device -> new QemuRig(device, RUN_LIMIT), line -> {}, line -> {});
  private final QemuRig rig = (QemuRig) bench.rig();
  private final BootFiles files = flashed();
  private final Fit whole = files.read('a');
  private String kernelsPlace = "";

  private BootFiles flashed() {
    rig.flash(bench.provisioning());
    return BootFiles.onDisk(rig.disk(), FOLDER);
  }

  @BeforeEach
  void putRight() {
    rig.powerOff();
    rig.nextRunsWith(List.of());
    files.write('a', whole.bytes());
    files.write('b', whole.bytes());
    writeTo("fit_a", 0, new byte[BLOCK_BYTES]);
  }

  @AfterAll
  void close() {
    bench.close();
  }

  @Test
  @Order(1)
  void boot_unchanged_chosenSlotRuns_withFreshSeeds() {
    SerialLog.Mark start = rig.mark();

    bench.boot();

    assertThat(rig.serialLog().find(start, REFUSED)).isEmpty();
    assertThat(commandLine()).isEqualTo(COMMAND_LINE.formatted("a"));
    assertThat(bench.device().run("dmesg").orThrow().text())
        .as("the kernel has its seeds, though its device tree is signed")
        .contains("KASLR enabled", "random: crng init done");
    kernelsPlace = kernelsPlace();
    System.out.printf(
        "verified boot: %.1f s from the bootloader's decision to the start of the kernel%n",
        rig.awaitSerial(start, KERNEL_STARTS, LIMIT)
            .secondsSince(rig.awaitSerial(start, DECIDED, LIMIT)));
  }

  /** What is changed in the chosen slot's FIT, each by itself. */
  Stream<Named<UnaryOperator<Fit>>> changes() {
    return Stream.of(
        change("a bit of the kernel", fit -> fit.withBitFlipped("/images/kernel", "data")),
        change("a bit of the OS's root hash", fit -> fit.withBitFlippedIn(OsImage.verityRoot())),
        change("a bit of the device tree", fit -> fit.withBitFlipped("/images/fdt", "data")),
        change(
            "a bit of the signature",
            fit -> fit.withBitFlipped(CONFIGURATION + "/signature", "value")),
        change(
            "a letter in the configuration", fit -> fit.withBitFlipped(CONFIGURATION, "ramdisk")),
        // Of the other device: whole, signed under the same name, for the same machine.
        change(
            "the key that signed it",
            fit -> BootFiles.ofFactory(Project.systemdFactory(), FOLDER).read('a')));
  }

  private static Named<UnaryOperator<Fit>> change(String what, UnaryOperator<Fit> made) {
    return Named.of(what, made);
  }

  @ParameterizedTest
  @MethodSource("changes")
  @Order(2)
  void boot_chosenSlotChanged_isRefused_andTheOtherOneRuns(UnaryOperator<Fit> change) {
    byte[] changed = change.apply(whole).bytes();
    assertThat(changed).isNotEqualTo(whole.bytes());
    files.write('a', changed);
    SerialLog.Mark start = rig.mark();

    bench.boot();

    assertThat(rig.serialLog().find(start, REFUSED))
        .singleElement()
        .extracting(SerialLog.Line::text)
        .isEqualTo("suture: OS slot a refused: not signed by the key of this board, or damaged");
    assertThat(rig.serialLog().find(start, KERNEL_STARTS)).hasSize(1);
    assertThat(commandLine()).isEqualTo(COMMAND_LINE.formatted("b") + " suture.os_refused=a");
    rig.awaitSerial(start, Pattern.compile("initramfs: OS slot a was refused"), LIMIT);
    rig.awaitSerial(start, Pattern.compile("SUT-413 .*OS slot a: expected"), LIMIT);
  }

  /** Two files that nobody signed, of the kinds that the bootloader could be asked to boot. */
  Stream<Arguments> pairs() {
    byte[] kernel = kernel();
    return Stream.of(
        Arguments.of(
            Named.of("a kernel alone", kernel),
            SOMETHING_ELSE,
            Named.of("a kernel as a legacy image", legacyImage(kernel)),
            SOMETHING_ELSE),
        Arguments.of(
            Named.of("half a FIT", Arrays.copyOf(whole.bytes(), whole.bytes().length / 2)),
            SOMETHING_ELSE,
            Named.of("a FIT of a wrong length", whole.withBitFlippedAt(TOTAL_SIZE_AT).bytes()),
            SOMETHING_ELSE),
        Arguments.of(
            Named.of("a FIT without a signature", unsigned(whole)),
            "not signed",
            Named.of("nothing", NOTHING),
            "expected /b/os.fit"));
  }

  private static byte[] kernel() {
    return read(Project.factory().resolve("stages/kernel/Image"));
  }

  private static byte[] read(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new HarnessException(file + ": cannot be read", e);
    }
  }

  private byte[] legacyImage(byte[] kernel) {
    String options = "mkimage -A arm64 -O linux -T kernel -C none -a 40400000 -e 40400000";
    List<String> command = new ArrayList<>(List.of(options.split(" ", -1)));
    command.addAll(List.of("-d", "FILE", "FILE"));
    return files.changedBy(command, kernel);
  }

  private byte[] unsigned(Fit fit) {
    byte[] shorter =
        files.changedBy(List.of("fdtput", "-r", "FILE", CONFIGURATION + "/signature"), fit.bytes());
    int blocks = (shorter.length + BLOCK_BYTES - 1) / BLOCK_BYTES;
    return Arrays.copyOf(shorter, blocks * BLOCK_BYTES);
  }

  @ParameterizedTest
  @MethodSource("pairs")
  @Order(3)
  void boot_bothSlotsAreNotSigned_nothingBoots(byte[] a, String whyA, byte[] b, String whyB) {
    replace('a', a);
    replace('b', b);
    rig.nextRunsWith(List.of("--", "-drive", "if=pflash,format=raw,index=1,file=" + environment()));
    SerialLog.Mark start = rig.mark();

    rig.powerOn();

    SerialLog.Line end = rig.awaitSerial(start, NOTHING_LEFT, LIMIT);
    assertThat(rig.serialLog().find(start, REFUSED))
        .extracting(SerialLog.Line::text)
        .satisfiesExactly(
            line -> assertThat(line).startsWith("suture: OS slot a refused: ").contains(whyA),
            line -> assertThat(line).startsWith("suture: OS slot b refused: ").contains(whyB));
    rig.awaitSerial(SerialLog.Mark.after(end), DECIDED, LIMIT);
    assertThat(rig.serialLog().find(start, KERNEL_STARTS)).isEmpty();
  }

  // A stored environment, which U-Boot would load if its device tree did not say otherwise.
  private static Path environment() {
    Path flash = FOLDER.resolve("environment.flash");
    Path text = FOLDER.resolve("environment.txt");
    try {
      Files.writeString(text, "verify=no\nbootcmd=echo no command of this board\n");
    } catch (IOException e) {
      throw new HarnessException(text + ": cannot be written", e);
    }
    BootFiles.run(FOLDER, "mkenvimage", "-s", "0x40000", "-o", flash.toString(), text.toString());
    BootFiles.run(FOLDER, "truncate", "-s", "64M", flash.toString());
    return flash;
  }

  private void replace(char slot, byte[] content) {
    if (content.length == 0) {
      files.delete(slot);
    } else {
      files.write(slot, content);
    }
  }

  /** Nobody signs the record, so what it says must not reach the kernel's command line. */
  @Test
  @Order(4)
  void boot_recordWithQuotesAndWords_commandLineIsTheScripts() {
    writeRecord(
        "su_active=\"a' = 'b' -a 'x rdinit=/bin/busybox\"",
        "su_starts=1\" rdinit=/bin/busybox '",
        "su_trial=record ok rdinit=/bin/busybox",
        "su_tries=0",
        "su_os=\"b' rdinit=/bin/busybox '\"");

    bench.boot();

    assertThat(commandLine()).isEqualTo(COMMAND_LINE.formatted("a"));
    assertThat(kernelsPlace()).as("another at each start").isNotEqualTo(kernelsPlace);
  }

  /** What is not the OS that a patch brought, in its place. */
  Stream<Arguments> ownFits() {
    Fit own = own();
    return Stream.of(
        Arguments.of(
            Named.of("a bit of the kernel", own.withBitFlipped("/images/kernel", "data").bytes()),
            "not signed"),
        Arguments.of(Named.of("no signature", unsigned(own)), "not signed"),
        Arguments.of(
            Named.of("more than is read", own.withBitFlippedAt(TOTAL_SIZE_AT).bytes()),
            "expected a FIT of at most"));
  }

  private static Fit own() {
    return new Fit(read(Project.factory().resolve("os-patch/new/boot.img")));
  }

  @ParameterizedTest
  @MethodSource("ownFits")
  @Order(5)
  void boot_ownOsOfTheSlotChanged_isRefused_andThatOfTheReleaseRuns(byte[] fit, String why) {
    writeTo("fit_a", 0, fit);
    activateA(0);
    SerialLog.Mark start = rig.mark();

    rig.powerOn();

    rig.awaitSerial(start, RELEASE_STARTED, LIMIT);
    assertThat(rig.serialLog().find(start, OWN_REFUSED))
        .singleElement()
        .extracting(SerialLog.Line::text)
        .asString()
        .contains(why);
    assertThat(rig.serialLog().find(start, KERNEL_STARTS)).hasSize(1);
  }

  /** Its root file system is missing, so that no agent of it says that it is alive. */
  @Test
  @Order(6)
  void boot_ownOsNeverComesUp_isStartedFiveTimesInAll() {
    writeTo("fit_a", 0, own().bytes());
    activateA(3);
    SerialLog.Mark start = rig.mark();

    rig.powerOn();

    rig.awaitSerial(start, RELEASE_STARTED, LIMIT);
    assertThat(rig.serialLog().find(start, OWN_STARTED)).hasSize(2);
    assertThat(rig.serialLog().find(start, OWN_REFUSED))
        .singleElement()
        .extracting(SerialLog.Line::text)
        .asString()
        .contains("started too often");
  }

  private void activateA(int starts) {
    writeRecord(
        "su_active=a",
        "su_starts=" + starts,
        "su_trial=none",
        "su_tries=0",
        "su_a=whole",
        "su_b=empty",
        "su_a_id=" + "1".repeat(64),
        "su_b_id=-",
        "su_os=a");
  }

  // Both copies.
  private void writeRecord(String... variables) {
    byte[] record = record(variables);
    writeTo("state", 0, record);
    writeTo("state", RECORD_COPY_1_AT, record);
  }

  private void writeTo(String partition, long at, byte[] bytes) {
    long first = Partition.of(rig.disk(), partition, FOLDER.resolve("tools.log")).firstByte();
    try (FileChannel disk = FileChannel.open(rig.disk(), StandardOpenOption.WRITE)) {
      disk.write(ByteBuffer.wrap(bytes), first + at);
    } catch (IOException e) {
      throw new HarnessException(rig.disk() + ": cannot be written", e);
    }
  }

  // A copy with a right checksum, as the bootloader's `env import -c` takes it.
  private static byte[] record(String... more) {
    byte[] text =
        ("su_v=1\0su_seq=7\0" + String.join("\0", more) + "\0\0")
            .getBytes(StandardCharsets.US_ASCII);
    byte[] variables = Arrays.copyOf(text, RECORD_BYTES - Integer.BYTES);
    CRC32 checksum = new CRC32();
    checksum.update(variables);
    return ByteBuffer.allocate(RECORD_BYTES)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt((int) checksum.getValue())
        .put(variables)
        .array();
  }

  private String kernelsPlace() {
    return bench.device().run("grep ' _stext$' /proc/kallsyms").orThrow().text();
  }

  private String commandLine() {
    return bench.device().run("cat /proc/cmdline").orThrow().text();
  }
}
