package dev.suture.publisher.image;

import static org.assertj.core.api.Assertions.assertThat;

import dev.suture.publisher.ErofsImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Images as {@code mkfs.erofs} makes them. */
class ErofsFilesTest {
  private static final String NO_TAILS = "-Enoinline_data";
  private static final int DEPTH = 40;

  /** Names that are text, if not a nice one. */
  private static final List<String> ODD_NAMES =
      List.of(
          "a b", "\u00fc\u4e2d\ud83d\ude00", "line\nfeed", "\u001b[2J", "<b>&\"'", "\u202ex", "-");

  @TempDir Path tree = Path.of("replaced by JUnit");

  /** What is to be found: content by path. */
  private final Map<String, byte[]> expected = new TreeMap<>();

  private final Random random = new Random(7);

  private void file(String path, int bytes) throws IOException {
    byte[] content = new byte[bytes];
    random.nextBytes(content);
    Path file = tree.resolve(path);
    Files.createDirectories(file.resolveSibling("."));
    Files.write(file, content);
    if (bytes > 0) {
      expected.put("/" + path, content);
    }
  }

  private void makeTree() throws IOException {
    for (int bytes : new int[] {0, 1, 11, 4095, 4096, 4097, 8192, 12_000, 100_000}) {
      file("sizes/" + bytes, bytes);
    }
    for (String name : ODD_NAMES) {
      file("odd/" + name + "/" + name, 5000);
    }
    // erofs-utils 1.5 itself fails for a name of 255 bytes.
    file("long/" + "n".repeat(254), 10);
    file("d/".repeat(DEPTH) + "deep", 3);
    // A folder of many blocks.
    for (int i = 0; i < 700; i++) {
      file("many/a file with a number " + i, 1 + i % 3);
    }
    file("links/b", 4242);
    Files.createLink(tree.resolve("links/c"), tree.resolve("links/b"));
    Files.createLink(tree.resolve("zz"), tree.resolve("links/b"));
    Files.createSymbolicLink(tree.resolve("links/sym"), Path.of("b"));
    Files.createSymbolicLink(tree.resolve("links/loop"), Path.of(".."));
    Files.createSymbolicLink(tree.resolve("links/far"), Path.of("x/".repeat(500)));
    Files.createDirectories(tree.resolve("empty"));
  }

  /** Puts the ranges together: content by path. */
  private static Map<String, byte[]> contents(byte[] image, ErofsListing listing) {
    assertThat(listing.refusal()).isEmpty();
    Map<String, byte[]> contents = new TreeMap<>();
    Map<String, Long> sizes = new HashMap<>();
    for (FileRange range : listing.ranges()) {
      sizes.merge(range.path(), range.offset() + range.bytes(), Math::max);
    }
    sizes.forEach((path, bytes) -> contents.put(path, new byte[Math.toIntExact(bytes)]));
    for (FileRange range : listing.ranges()) {
      System.arraycopy(
          image,
          (int) range.start(),
          contents.get(range.path()),
          (int) range.offset(),
          (int) range.bytes());
    }
    return contents;
  }

  private static ErofsListing read(byte[] image) throws IOException {
    return ErofsFiles.read(new MemoryBytes(image));
  }

  @ParameterizedTest
  @ValueSource(strings = {"-x-1 -Enoinline_data", "-x-1", "-x2", "-Eforce-inode-extended -x-1"})
  void read_imageOfMkfs_hasEveryFileOnceAndItsBytes(String options) throws Exception {
    makeTree();
    byte[] image = ErofsImage.of(tree, options.split(" ", -1));

    Map<String, byte[]> got = contents(image, read(image));
    assertThat(got.keySet()).containsExactlyElementsOf(expected.keySet());
    got.forEach((path, content) -> assertThat(content).as(path).isEqualTo(expected.get(path)));
  }

  @Test
  void read_nameThatIsNoText_isShownAllTheSame() throws Exception {
    file("marker", 5000);
    byte[] image = ErofsImage.of(tree, "-x-1", NO_TAILS);
    int at = indexOf(image, "marker");
    image[at] = (byte) 0xff;
    assertThat(contents(image, read(image)).keySet()).containsExactly("/\ufffdarker");
  }

  @Test
  void read_chunksOrCompressedFiles_hasNoNamesAndSaysWhy() throws Exception {
    file("zeros", 1);
    Files.write(tree.resolve("zeros"), new byte[100_000]);
    ErofsListing compressed = read(ErofsImage.of(tree, "-x-1", "-zlz4"));
    assertThat(compressed.ranges()).isEmpty();
    assertThat(compressed.refusal().orElseThrow()).startsWith("no EROFS that is understood: ");
    ErofsListing chunks = read(ErofsImage.of(tree, "-x-1", "--chunksize=4096"));
    assertThat(chunks.ranges()).isEmpty();
    assertThat(chunks.refusal().orElseThrow()).contains("chunks");
  }

  @Test
  void read_otherBytes_hasNoNames() throws Exception {
    for (int length : new int[] {0, 1, 1023, 1024, 1151, 1152, 4096}) {
      assertThat(read(new byte[length]).refusal()).isPresent();
    }
  }

  @Test
  void read_folderWithinItself_isRefused() throws Exception {
    file("outer/inner/x", 1);
    byte[] image = ErofsImage.of(tree, "-x-1", NO_TAILS);
    // The entry of "inner" leads to the root.
    int name = indexOf(image, "inner");
    byte[] root = Arrays.copyOfRange(image, 1024 + 14, 1024 + 16);
    int entry = entryOf(name);
    Arrays.fill(image, entry, entry + 8, (byte) 0);
    System.arraycopy(root, 0, image, entry, 2);
    assertThat(read(image).refusal().orElseThrow()).contains("a folder in two places");
  }

  /** Where the entry is whose name is at a place: three entries, then their names. */
  private static int entryOf(int name) {
    int first = name - 3; // Behind "." and "..".
    return first - ENTRY_BYTES;
  }

  private static final int ENTRY_BYTES = 12;

  private static int indexOf(byte[] image, String text) {
    byte[] wanted = text.getBytes(StandardCharsets.UTF_8);
    for (int at = 0; at + wanted.length <= image.length; at++) {
      if (Arrays.equals(image, at, at + wanted.length, wanted, 0, wanted.length)) {
        return at;
      }
    }
    throw new AssertionError("expected " + text + " in the image");
  }

  /** Every byte that is no file's. */
  @Test
  void read_everyBitOfMetadataFlipped_endsWithoutException() throws Exception {
    for (int i = 0; i < 12; i++) {
      file("f" + i % 3 + "/" + "file" + i, 1 + 1000 * i);
    }
    Files.createLink(tree.resolve("hard"), tree.resolve("f0/file3"));
    Files.createSymbolicLink(tree.resolve("sym"), Path.of("f0"));
    byte[] image = ErofsImage.of(tree, "-x-1");
    boolean[] isData = new boolean[image.length];
    for (FileRange range : read(image).ranges()) {
      Arrays.fill(isData, (int) range.start(), (int) range.end(), true);
    }
    int flips = 0;
    int named = 0;
    for (int at = 0; at < image.length; at++) {
      for (int bit = 0; bit < 8 && !isData[at]; bit++) {
        image[at] ^= (byte) (1 << bit);
        ErofsListing listing = read(image);
        checkOrder(listing, image.length);
        named += listing.refusal().isEmpty() ? 1 : 0;
        flips++;
        image[at] ^= (byte) (1 << bit);
      }
    }
    System.out.printf("erofs: %d bits of metadata flipped, %d still with names%n", flips, named);
    assertThat(flips).isGreaterThan(10_000);
    assertThat(named).isBetween(1, flips - 1);
  }

  private static void checkOrder(ErofsListing listing, int imageBytes) {
    long end = 0;
    for (FileRange range : listing.ranges()) {
      assertThat(range.bytes()).isPositive();
      assertThat(range.start()).isGreaterThanOrEqualTo(end);
      end = range.end();
    }
    assertThat(end).isLessThanOrEqualTo(imageBytes);
  }
}
