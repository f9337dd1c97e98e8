package dev.suture.publisher.delta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.suture.delta.BaseImage;
import dev.suture.delta.DeltaApplier;
import dev.suture.delta.FullPayload;
import dev.suture.delta.VerifyingSink;
import dev.suture.protocol.Sha256;
import dev.suture.protocol.delta.DeltaHeader;
import dev.suture.protocol.manifest.ImageIdentity;
import dev.suture.protocol.verity.VerityTreeBuilder;
import dev.suture.publisher.Problem;
import dev.suture.publisher.PublisherException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DeltaGeneratorTest {
  private static final Sha256 SALT = Sha256.of(new byte[] {1});

  @TempDir Path folder = Path.of("replaced by JUnit");

  /** Both ways of matching; what is returned is of the better one. */
  private DeltaStats roundTrip(byte[] base, byte[] unpadded) throws Exception {
    roundTrip(base, unpadded, Matching.WINDOWS);
    return roundTrip(base, unpadded, Matching.SUFFIX_ARRAY);
  }

  /** Writes both images, makes the delta twice, applies it as a device does. */
  private DeltaStats roundTrip(byte[] base, byte[] unpadded, Matching matching) throws Exception {
    byte[] image = padded(unpadded);
    Path baseFile = Files.write(folder.resolve("base.img"), base);
    Path imageFile = Files.write(folder.resolve("new.img"), image);
    Path delta = folder.resolve("delta");
    DeltaStats stats = DeltaGenerator.generate(baseFile, imageFile, delta, matching, Progress.NONE);
    assertThat(stats.deltaBytes()).isEqualTo(Files.size(delta));
    assertThat(stats.predictedBytes() + stats.surpriseBytes() + stats.newBytes())
        .isEqualTo(image.length)
        .isEqualTo(stats.imageBytes());
    Path again = folder.resolve("again");
    assertThat(DeltaGenerator.generate(baseFile, imageFile, again, matching, Progress.NONE))
        .isEqualTo(stats);
    assertThat(again).hasSameBinaryContentAs(delta);

    ImageIdentity identity = identity(image);
    ByteArrayOutputStream rebuilt = new ByteArrayOutputStream();
    VerifyingSink sink = new VerifyingSink(rebuilt::write, identity, (position, block) -> {});
    try (InputStream in = Files.newInputStream(delta)) {
      DeltaApplier.apply(
          in, Files.size(delta), Sha256.of(base), identity, new MemoryBase(base), sink);
    }
    sink.finish();
    assertThat(rebuilt.toByteArray()).isEqualTo(image);
    return stats;
  }

  private record MemoryBase(byte[] content) implements BaseImage {
    @Override
    public long bytes() {
      return content.length;
    }

    @Override
    public void read(long position, byte[] target, int offset, int length) {
      System.arraycopy(content, Math.toIntExact(position), target, offset, length);
    }

    @Override
    public void close() {}
  }

  private static ImageIdentity identity(byte[] image) throws Exception {
    VerityTreeBuilder tree = new VerityTreeBuilder(image.length, SALT, (position, block) -> {});
    tree.update(image, 0, image.length);
    return new ImageIdentity(image.length, Sha256.of(image), tree.finish(), SALT);
  }

  private static byte[] padded(byte[] image) {
    int block = ImageIdentity.BLOCK_BYTES;
    return Arrays.copyOf(image, Math.max(1, (image.length + block - 1) / block) * block);
  }

  private static byte[] noise(Random random, int bytes) {
    byte[] noise = new byte[bytes];
    random.nextBytes(noise);
    return noise;
  }

  /** Changes, inserts, deletes, moves and doubles parts. */
  private static byte[] edited(Random random, byte[] base, int edits) throws IOException {
    byte[] image = base;
    for (int i = 0; i < edits; i++) {
      int at = random.nextInt(image.length);
      int length = 1 + random.nextInt(Math.min(5000, image.length - at));
      byte[] head = Arrays.copyOf(image, at);
      byte[] part = Arrays.copyOfRange(image, at, at + length);
      byte[] tail = Arrays.copyOfRange(image, at + length, image.length);
      image =
          switch (random.nextInt(6)) {
            case 0 -> join(head, noise(random, random.nextInt(300)), part, tail);
            case 1 -> tail.length + head.length == 0 ? image : join(head, tail);
            case 2 -> join(tail, part, head);
            case 3 -> join(head, part, part, tail);
            case 4 -> join(head, new byte[length], tail);
            default -> {
              for (int j = 0; j < part.length; j += 1 + random.nextInt(40)) {
                part[j] += (byte) random.nextInt(3);
              }
              yield join(head, part, tail);
            }
          };
    }
    return image;
  }

  private static byte[] join(byte[]... parts) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      out.write(part);
    }
    return out.toByteArray();
  }

  @Test
  void roundTrip_ofRandomEdits_makesTheImage() throws Exception {
    long seed = Long.getLong("suture.seed", 1);
    System.out.println("DeltaGeneratorTest -Dsuture.seed=" + seed);
    Random random = new Random(seed);
    for (int i = 0; i < 60; i++) {
      byte[] base = noise(random, 1 + random.nextInt(200_000));
      if (random.nextBoolean()) {
        // Few different bytes: every window occurs in many places.
        for (int j = 0; j < base.length; j++) {
          base[j] &= (byte) (j % 1000 < 500 ? 1 : 0);
        }
      }
      byte[] image = edited(random, base, random.nextInt(30));
      try {
        roundTrip(base, image);
      } catch (Exception | AssertionError e) {
        throw new AssertionError("seed " + seed + ", round " + i, e);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 8, 15, 16, 17, 31, 4095, 4096})
  void roundTrip_ofSmallBases_makesTheImage(int baseBytes) throws Exception {
    Random random = new Random(baseBytes);
    byte[] base = noise(random, baseBytes);
    roundTrip(base, base);
    roundTrip(base, noise(random, 5000));
    roundTrip(base, join(new byte[100], base));
    roundTrip(new byte[baseBytes], new byte[100_000]);
  }

  @Test
  void delta_ofEqualImages_isBelow300Bytes() throws Exception {
    byte[] image = noise(new Random(64), 64 << 20);
    DeltaStats stats = roundTrip(image, image);
    assertThat(stats.deltaBytes()).isLessThan(300);
    assertThat(stats.copies()).isEqualTo(1);
  }

  @Test
  void delta_ofMovedBytes_costsOnlyWhatChanged() throws Exception {
    Random random = new Random(5);
    byte[] base = noise(random, 1 << 20);
    byte[] image = base.clone();
    for (int i = 0; i < image.length; i += 50) {
      image[i]++;
    }
    // Halves exchanged, three bytes in front, one byte in fifty another one.
    byte[] moved =
        join(
            new byte[] {1, 2, 3},
            Arrays.copyOfRange(image, 1 << 19, 1 << 20),
            Arrays.copyOf(image, 1 << 19));
    DeltaStats stats = roundTrip(base, moved);

    assertThat(stats.newBytes()).isLessThan(5000);
    assertThat(stats.deltaBytes()).isLessThan(40_000);
  }

  /** The virtual machine that runs this test, with code moved and its jumps adjusted. */
  @Test
  void delta_ofAnEditedElfFile_isSmall() throws Exception {
    byte[] base =
        Files.readAllBytes(Path.of(System.getProperty("java.home"), "lib", "server", "libjvm.so"));
    byte[] image =
        join(
            Arrays.copyOf(base, 5_000_000),
            noise(new Random(1), 64),
            Arrays.copyOfRange(base, 5_000_000, base.length));
    int changed = 0;
    for (int i = 4_000_000; i < 8_000_000; i++) {
      // call rel32
      if ((image[i] & 0xff) == 0xe8 && (image[i + 4] == 0 || image[i + 4] == -1)) {
        image[i + 1] = (byte) (image[i + 1] + 64);
        changed++;
        i += 4;
      }
    }
    DeltaStats stats = roundTrip(base, image);

    assertThat(changed).isGreaterThan(10_000);
    assertThat(stats.newBytes()).isLessThan(10_000);
    assertThat(stats.deltaBytes()).isLessThan(2L * changed);
  }

  /** With a share of 100, an image of 400,000 bytes is long, and 4,000 bytes of delta are small. */
  private static final int SMALL_SHARE = 100;

  private static final int LONG_BYTES = 400_000;

  /** The stages of making a delta; that it is the same without the quick way, if it is sorted. */
  private Set<String> stages(byte[] base, byte[] image) throws Exception {
    Path baseFile = Files.write(folder.resolve("base.img"), base);
    Path imageFile = Files.write(folder.resolve("new.img"), padded(image));
    Path delta = folder.resolve("delta");
    Set<String> stages = new HashSet<>();
    Progress seen =
        (stage, done, total) -> {
          synchronized (stages) {
            stages.add(stage);
          }
        };
    DeltaGenerator.generate(baseFile, imageFile, delta, Matching.SUFFIX_ARRAY, seen, SMALL_SHARE);
    if (stages.contains("sorting")) {
      Path sorted = folder.resolve("sorted");
      DeltaGenerator.generate(baseFile, imageFile, sorted, Matching.SUFFIX_ARRAY, Progress.NONE);
      assertThat(delta).hasSameBinaryContentAs(sorted);
    }
    return stages;
  }

  @Test
  void generate_longImageThatHardlyDiffers_sortsNothing() throws Exception {
    Random random = new Random(10);
    byte[] base = noise(random, LONG_BYTES);
    byte[] image = join(noise(random, 300), base, noise(random, 300));
    assertThat(stages(base, image)).contains("comparing").doesNotContain("sorting");
    assertThat(Files.size(folder.resolve("delta"))).isLessThan(LONG_BYTES / SMALL_SHARE);
  }

  @Test
  void generate_longImageWithMuchThatIsNew_isSorted() throws Exception {
    Random random = new Random(11);
    byte[] base = noise(random, LONG_BYTES);
    assertThat(stages(base, join(noise(random, 5_000), base))).contains("sorting");
  }

  @Test
  void generate_longImageOfManyRanges_isSorted() throws Exception {
    Random random = new Random(12);
    byte[] base = noise(random, LONG_BYTES);
    byte[] image = base.clone();
    int range = 40;
    for (int at = 0; at + 2 * range <= LONG_BYTES; at += 2 * range) {
      System.arraycopy(base, at, image, at + range, range);
      System.arraycopy(base, at + range, image, at, range);
    }
    assertThat(stages(base, image)).contains("sorting");
  }

  @ParameterizedTest
  @ValueSource(ints = {FullPayloadWriter.LEVEL_MIN, 3, FullPayloadWriter.LEVEL_MAX})
  void fullPayload_ofAnImage_makesTheImage(int level) throws Exception {
    Random random = new Random(9);
    byte[] image = padded(join(noise(random, 3_000_000), new byte[9_000_000]));
    Path file = Files.write(folder.resolve("new.img"), image);
    ByteArrayOutputStream payload = new ByteArrayOutputStream();
    long bytes = FullPayloadWriter.write(file, level, payload, Progress.NONE);

    assertThat(bytes).isEqualTo(payload.size()).isBetween(3_000_000L, 3_010_000L);
    ByteArrayOutputStream expanded = new ByteArrayOutputStream();
    ImageIdentity identity = identity(image);
    VerifyingSink sink = new VerifyingSink(expanded::write, identity, (position, block) -> {});
    FullPayload.expand(
        new ByteArrayInputStream(payload.toByteArray()), payload.size(), identity, sink);
    sink.finish();
    assertThat(expanded.toByteArray()).isEqualTo(image);
  }

  @Test
  void generate_ofTwoImages_reportsRisingProgressToItsEnd() throws Exception {
    byte[] base = noise(new Random(2), 1 << 20);
    byte[] image = base.clone();
    for (int i = 0; i < image.length; i += 10) {
      image[i]++;
    }
    Path baseFile = Files.write(folder.resolve("base.img"), base);
    Path imageFile = Files.write(folder.resolve("new.img"), image);
    Map<String, List<Long>> stages = new HashMap<>();
    DeltaGenerator.generate(
        baseFile,
        imageFile,
        folder.resolve("delta"),
        Matching.SUFFIX_ARRAY,
        (stage, done, total) -> {
          assertThat(total).isEqualTo(1 << 20);
          stages.computeIfAbsent(stage, name -> new ArrayList<>()).add(done);
        });

    assertThat(stages).containsOnlyKeys("comparing", "sorting", "predicting");
    assertThat(stages.get("comparing")).isSorted().endsWith(1L << 20);
    assertThat(stages.get("sorting")).isSorted().endsWith(1L << 20);
    assertThat(stages.get("predicting")).isSorted();
  }

  @Test
  void generate_whenInterrupted_stopsAndLeavesNoFile() throws Exception {
    Path base = Files.write(folder.resolve("base.img"), noise(new Random(2), 1 << 20));
    Path delta = folder.resolve("delta");
    Thread.currentThread().interrupt();
    assertThatThrownBy(
            () -> DeltaGenerator.generate(base, base, delta, Matching.SUFFIX_ARRAY, Progress.NONE))
        .isInstanceOf(InterruptedException.class);
    assertThat(delta).doesNotExist();

    assertThatThrownBy(
            () ->
                DeltaGenerator.generate(
                    base,
                    base,
                    delta,
                    Matching.SUFFIX_ARRAY,
                    (stage, done, total) -> Thread.currentThread().interrupt()))
        .isInstanceOf(InterruptedException.class);
    assertThat(delta).doesNotExist();
  }

  /** A build number, a date: what would take the longest by far is not begun. */
  @Test
  void generate_ofImagesThatHardlyDiffer_sortsNothing() throws Exception {
    byte[] base = noise(new Random(4), 1 << 20);
    byte[] image = base.clone();
    for (int i = 0; i < 20; i++) {
      image[1000 + i]++;
      image[900_000 + 3 * i]++;
      image[image.length - 1 - i]++;
    }
    Path baseFile = Files.write(folder.resolve("base.img"), base);
    Path imageFile = Files.write(folder.resolve("new.img"), image);
    List<String> stages = new ArrayList<>();
    DeltaGenerator.generate(
        baseFile,
        imageFile,
        folder.resolve("delta"),
        Matching.SUFFIX_ARRAY,
        (stage, done, total) -> stages.add(stage));

    assertThat(stages).contains("comparing").doesNotContain("sorting");
    assertThat(roundTrip(base, image).surpriseBytes()).isEqualTo(40);
  }

  @Test
  void of_lengthsOfABase_dependsOnNothingElse() {
    long most = Matching.SUFFIX_ARRAY_BASE_BYTES_MAX;
    assertThat(Matching.of(1, false)).isEqualTo(Matching.SUFFIX_ARRAY);
    assertThat(Matching.of(most, false)).isEqualTo(Matching.SUFFIX_ARRAY);
    assertThat(Matching.of(most + 1, false)).isEqualTo(Matching.WINDOWS);
    assertThat(Matching.of(1, true)).isEqualTo(Matching.WINDOWS);
  }

  /** What the parallel collector leaves of -Xmx4g; and no base takes more windows than 512 MiB. */
  @Test
  void heapBytes_longestBases_areAsPromised() {
    assertThat(Matching.SUFFIX_ARRAY.heapBytes(500_000_000)).isLessThan((4L << 30) / 9 * 8);
    assertThat(Matching.SUFFIX_ARRAY.heapBytes(10_000_000)).isLessThan(112L << 20);
    assertThat(Matching.WINDOWS.heapBytes(10_000_000)).isEqualTo(30_000_000 + (16L << 20));
    assertThat(Matching.WINDOWS.heapBytes(ImageIdentity.BYTES_MAX))
        .isEqualTo(Matching.WINDOWS.heapBytes(512L << 20));
  }

  @Test
  void requireHeap_oneByteTooLittle_isRefusedWithBothFiguresAndAWayOut() throws Exception {
    long needed = Matching.SUFFIX_ARRAY.heapBytes(500_000_000);
    Matching.SUFFIX_ARRAY.requireHeap(500_000_000, needed);
    assertThatThrownBy(() -> Matching.SUFFIX_ARRAY.requireHeap(500_000_000, needed - 1))
        .isInstanceOfSatisfying(
            PublisherException.class,
            e -> {
              assertThat(e.problem()).isEqualTo(Problem.HEAP_TOO_SMALL);
              assertThat(e.details().attempted()).contains("500000000 bytes");
              assertThat(e.details().expected()).isEqualTo(needed + " bytes of heap");
              assertThat(e.details().todo())
                  .contains("SUTURE_PUBLISH_JAVA_OPTS=-Xmx3774m", "--low-memory", "the same");
            });
  }

  /** A file with a hole: nothing of it is read. */
  @Test
  void generate_ofABaseTooLongToSort_isRefused() throws Exception {
    Path base = folder.resolve("base.img");
    try (RandomAccessFile file = new RandomAccessFile(base.toFile(), "rw")) {
      file.setLength(ImageIdentity.BYTES_MAX);
    }
    Path image = Files.write(folder.resolve("new.img"), new byte[4096]);
    Path delta = folder.resolve("delta");
    assertThatThrownBy(
            () -> DeltaGenerator.generate(base, image, delta, Matching.SUFFIX_ARRAY, Progress.NONE))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(
            "base: expected at most 2147483638 bytes to sort suffixes of, got 2147483648: ");
    assertThat(delta).doesNotExist();
  }

  @Test
  void generate_ofAnEmptyFile_isRefused() throws Exception {
    Path empty = Files.write(folder.resolve("empty.img"), new byte[0]);
    Path image = Files.write(folder.resolve("new.img"), new byte[4096]);
    assertThatThrownBy(
            () ->
                DeltaGenerator.generate(
                    empty, image, folder.resolve("delta"), Matching.SUFFIX_ARRAY, Progress.NONE))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("image: expected 1 to 2147483648 bytes, got 0: ");
  }

  @Test
  void header_ofADelta_statesTheImages() throws Exception {
    byte[] base = noise(new Random(1), 10_000);
    byte[] image = padded(base);
    roundTrip(base, image);
    DeltaHeader header =
        DeltaHeader.decode(
            Arrays.copyOf(Files.readAllBytes(folder.resolve("delta")), DeltaHeader.BYTES));

    assertThat(header.baseSha256()).isEqualTo(Sha256.of(base));
    assertThat(header.imageSha256()).isEqualTo(Sha256.of(image));
    assertThat(header.baseBytes()).isEqualTo(10_000);
    assertThat(header.imageBytes()).isEqualTo(12_288);
  }
}
