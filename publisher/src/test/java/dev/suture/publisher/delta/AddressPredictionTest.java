package dev.suture.publisher.delta;

import static org.assertj.core.api.Assertions.assertThat;

import dev.suture.delta.DeltaApplier;
import dev.suture.protocol.Sha256;
import dev.suture.protocol.delta.DeltaHeader;
import dev.suture.protocol.manifest.ImageIdentity;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real libraries of arm64, edited in the source and built again. */
class AddressPredictionTest {
  private static final int FUNCTIONS = 3000;
  private static final long SEED = 5;
  private static final int MACHINE_AT = 18;
  private static final byte X86_64 = 62;

  @TempDir Path folder = Path.of("replaced by JUnit");

  private byte[] image(byte[]... files) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] file : files) {
      byte[] padded = Arrays.copyOf(file, (file.length + 4095) / 4096 * 4096);
      out.write(padded, 0, padded.length);
    }
    return out.toByteArray();
  }

  /** Makes the delta, applies it as a device does, and compares. */
  private DeltaStats roundTrip(byte[] base, byte[] image) throws Exception {
    Path baseFile = Files.write(folder.resolve("base.img"), base);
    Path imageFile = Files.write(folder.resolve("new.img"), image);
    Path delta = folder.resolve("delta");
    DeltaStats stats =
        DeltaGenerator.generate(baseFile, imageFile, delta, Matching.SUFFIX_ARRAY, Progress.NONE);
    assertThat(Files.size(delta)).isEqualTo(stats.deltaBytes());
    Sha256 zeros = Sha256.of(new byte[0]);
    ImageIdentity identity = new ImageIdentity(image.length, Sha256.of(image), zeros, zeros);
    ByteArrayOutputStream rebuilt = new ByteArrayOutputStream();
    try (InputStream in = new BufferedInputStream(Files.newInputStream(delta))) {
      DeltaApplier.apply(
          in,
          Files.size(delta),
          Sha256.of(base),
          identity,
          new MappedBase(MappedImage.map(baseFile)),
          rebuilt::write);
    }
    assertThat(rebuilt.toByteArray()).isEqualTo(image);
    return stats;
  }

  private DeltaHeader header() throws Exception {
    return DeltaHeader.decode(
        Arrays.copyOf(Files.readAllBytes(folder.resolve("delta")), DeltaHeader.BYTES));
  }

  private static byte[] ofAnotherMachine(byte[] library) {
    byte[] other = library.clone();
    other[MACHINE_AT] = X86_64;
    return other;
  }

  @Test
  void delta_ofAnEditedLibrary_costsLittleForWhatMerelyMoved() throws Exception {
    byte[] base = Arm64Program.library(folder, FUNCTIONS, 0, SEED);
    byte[] image = Arm64Program.library(folder, FUNCTIONS, 100, SEED);

    DeltaStats predicted = roundTrip(image(base), image(image));
    assertThat(header().spans()).isGreaterThanOrEqualTo(6);
    DeltaStats bytewise = roundTrip(image(ofAnotherMachine(base)), image(ofAnotherMachine(image)));
    assertThat(header().spans()).isZero();

    System.out.printf(
        "edited library of %d bytes: delta %d bytes with addresses predicted, %d without%n",
        image.length, predicted.deltaBytes(), bytewise.deltaBytes());
    assertThat(predicted.deltaBytes()).isLessThan(bytewise.deltaBytes() / 4);
    assertThat(predicted.surpriseBytes()).isLessThan(bytewise.surpriseBytes() / 8);
  }

  @Test
  void delta_ofSeveralLibrariesInAnImage_keepsTheirAddressesApart() throws Exception {
    byte[] first = Arm64Program.library(folder, 400, 0, 1);
    byte[] firstEdited = Arm64Program.library(folder, 400, 40, 1);
    byte[] second = Arm64Program.library(folder, 500, 0, 2);
    byte[] secondEdited = Arm64Program.library(folder, 500, 50, 2);
    DeltaStats alone = roundTrip(image(first), image(firstEdited));
    DeltaStats both =
        roundTrip(image(first, second, new byte[9000]), image(firstEdited, secondEdited));
    assertThat(header().segments()).isGreaterThanOrEqualTo(4);
    assertThat(both.deltaBytes()).isLessThan(4 * alone.deltaBytes());
  }

  /** Modules of a kernel: their relocations count by section, their symbols too. */
  @Test
  void delta_ofFilesThatAreNotLinked_costsLittleForWhatMerelyMoved() throws Exception {
    byte[] base = Files.readAllBytes(Arm64Program.object(folder, 800, 0, SEED));
    byte[] image = Files.readAllBytes(Arm64Program.object(folder, 800, 100, SEED));
    byte[] other = Files.readAllBytes(Arm64Program.object(folder, 300, 0, 9));
    byte[] otherEdited = Files.readAllBytes(Arm64Program.object(folder, 300, 30, 9));

    DeltaStats predicted = roundTrip(image(base, other), image(image, otherEdited));
    assertThat(header().segments()).isEqualTo(2);
    assertThat(header().spans()).isGreaterThanOrEqualTo(4);
    DeltaStats bytewise =
        roundTrip(
            image(ofAnotherMachine(base), ofAnotherMachine(other)),
            image(ofAnotherMachine(image), ofAnotherMachine(otherEdited)));
    assertThat(header().spans()).isZero();

    System.out.printf(
        "edited objects of %d bytes: delta %d bytes with tables predicted, %d without%n",
        image.length + otherEdited.length, predicted.deltaBytes(), bytewise.deltaBytes());
    assertThat(predicted.deltaBytes()).isLessThan(bytewise.deltaBytes() / 2);
  }

  /** Like the kernel's image, in which no ELF header tells what is where. */
  @Test
  void delta_ofAKernel_costsLittleForWhatMerelyMoved() throws Exception {
    byte[] base = new SmallKernel(0, SEED).bytes();
    byte[] image = new SmallKernel(400, SEED).bytes();
    DeltaStats predicted = roundTrip(base, image);
    assertThat(header().segments()).isEqualTo(2);
    assertThat(header().spans()).isGreaterThanOrEqualTo(6);
    DeltaStats bytewise = roundTrip(ofAnotherMagic(base), ofAnotherMagic(image));
    assertThat(header().spans()).isZero();

    System.out.printf(
        "edited kernel of %d bytes: delta %d bytes with addresses predicted, %d without%n",
        image.length, predicted.deltaBytes(), bytewise.deltaBytes());
    assertThat(predicted.deltaBytes()).isLessThan(bytewise.deltaBytes() / 4);
  }

  private static byte[] ofAnotherMagic(byte[] kernel) {
    byte[] other = kernel.clone();
    other[56] = 0;
    return other;
  }

  @Test
  void delta_ofAnUnchangedLibrary_isBelow300Bytes() throws Exception {
    byte[] library = Arm64Program.library(folder, FUNCTIONS, 0, SEED);
    assertThat(roundTrip(image(library), image(library)).deltaBytes()).isLessThan(300);
  }

  /** Whatever is in them, and wherever they are cut: files need not be what they seem. */
  @Test
  void delta_ofDamagedLibraries_makesTheImage() throws Exception {
    long seed = Long.getLong("suture.seed", 1);
    System.out.println("AddressPredictionTest -Dsuture.seed=" + seed);
    Random random = new Random(seed);
    byte[] base = Arm64Program.library(folder, 200, 0, SEED);
    byte[] image = Arm64Program.library(folder, 200, 20, SEED);
    byte[] object = Files.readAllBytes(Arm64Program.object(folder, 200, 0, SEED));
    byte[] editedObject = Files.readAllBytes(Arm64Program.object(folder, 200, 20, SEED));
    for (int i = 0; i < 60; i++) {
      boolean linked = i % 3 != 0;
      byte[] from = damaged(linked ? base : object, random);
      byte[] edited = linked ? image : editedObject;
      byte[] to = damaged(random.nextInt(4) == 0 ? from : edited, random);
      try {
        roundTrip(image(from), image(to));
      } catch (Exception | AssertionError e) {
        throw new AssertionError("seed " + seed + ", round " + i, e);
      }
    }
  }

  private static byte[] damaged(byte[] library, Random random) {
    byte[] damaged = library.clone();
    int edits = random.nextInt(6);
    for (int i = 0; i < edits; i++) {
      // In the headers, in the tables, anywhere.
      int within = List.of(64, 512, 4096, damaged.length).get(random.nextInt(4));
      int at = random.nextInt(Math.min(within, damaged.length));
      damaged[at] = (byte) (random.nextBoolean() ? random.nextInt(256) : damaged[at] + 1);
    }
    if (random.nextInt(5) == 0) {
      damaged = Arrays.copyOf(damaged, 64 + random.nextInt(damaged.length - 64));
    }
    return damaged;
  }
}
