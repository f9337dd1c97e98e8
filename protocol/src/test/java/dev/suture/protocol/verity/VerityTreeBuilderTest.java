package dev.suture.protocol.verity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.suture.protocol.Sha256;
import dev.suture.protocol.manifest.ImageIdentity;
import java.io.BufferedOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class VerityTreeBuilderTest {
  private static final int BLOCK = ImageIdentity.BLOCK_BYTES;

  /** SHA-256 of {@code suture verity salt v1 tls}. */
  private static final Sha256 SALT =
      Sha256.ofHex("b1927b8d2332e11df3f255c8e61ff2ef64b18b8f365705b1011ccfe461d201d6");

  /** Bytes of the image that {@code seq 1000000000 1999999999} prints: every block differs. */
  private static final class SeqImage extends InputStream {
    private final byte[] line = "1000000000\n".getBytes(StandardCharsets.US_ASCII);
    private int at;
    private long left;

    SeqImage(long bytes) {
      left = bytes;
    }

    @Override
    public int read(byte[] target, int offset, int length) {
      int now = (int) Math.min(length, left);
      left -= now;
      for (int i = 0; i < now; i++) {
        target[offset + i] = next();
      }
      return now == 0 ? -1 : now;
    }

    @Override
    public int read() {
      if (left == 0) {
        return -1;
      }
      left--;
      return next();
    }

    private byte next() {
      if (at == line.length) {
        at = 0;
        int digit = line.length - 2;
        while (line[digit] == '9') {
          line[digit--] = '0';
        }
        line[digit]++;
      }
      return line[at++];
    }
  }

  /** The tree as one array; complains about a block that comes twice or lies outside. */
  private static final class Tree implements BlockSink {
    final byte[] bytes;
    private final BitSet seen = new BitSet();

    Tree(long imageBytes) {
      bytes = new byte[Math.toIntExact(VerityTreeBuilder.treeBytes(imageBytes))];
    }

    @Override
    public void write(long positionBehindImage, byte[] block) {
      int position = Math.toIntExact(positionBehindImage);
      assertThat(position % BLOCK).isZero();
      assertThat(seen.get(position / BLOCK)).isFalse();
      seen.set(position / BLOCK);
      System.arraycopy(block, 0, bytes, position, BLOCK);
    }

    void assertComplete() {
      assertThat(seen.cardinality()).isEqualTo(bytes.length / BLOCK);
    }
  }

  /**
   * The values were made by veritysetup 2.6.1 (Debian 12), BLOCKS being the first column, and SALT
   * the constant above:
   *
   * <pre>
   * seq 1000000000 1999999999 | head -c $((BLOCKS * 4096)) > image
   * veritysetup format --no-superblock --format=1 --hash=sha256 --salt=SALT \
   *     --data-block-size=4096 --hash-block-size=4096 --data-blocks=BLOCKS image tree
   * stat -c %s tree; sha256sum tree
   * </pre>
   */
  @ParameterizedTest
  @CsvSource({
    "1, 650ed9485e6c2416914336d7fa1684f22e14a79f9e99ce9befdc398fb6c81ca1, 0,"
        + " e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "2, 0ee760f6d832dcdf3796ceeccf6dda5c3b966a6a72d7b29334b6264251aa692f, 4096,"
        + " 3a78a717523af88838035b406e2da4a32fbeab4f7b42740f9f95fc2854f3a7e4",
    "128, d01d9055e773f26cc1b9834a892fa98af9f7fb565d2e6c5cb8f0c0d3d92aed41, 4096,"
        + " 05f25e1a60b8c781f1696402a218083b2a60e5dd0f1cf5dedbdd54db5aeba8ef",
    "129, 09bb05faec1c0a0b6787f6afc58d6846b487ef8979f464347fd948c0cac85455, 12288,"
        + " 81cf8fc293495ed032159e6bcbb7e799614716cab0742f31e4c49aed2b7372c9",
    "16384, 2b2f90f9d6086211ac6367550c6a66a449db36abd8b24f25ec5d14300909f2f7, 528384,"
        + " 3436c8bf313f185bc3f3946852c1b4a84aa58092db582698bd25cefa56e8474a",
    "16385, 36a594457db9b0a529df22c15bb60d1c3469ac43ec2767e46203eaaacd64b8dd, 540672,"
        + " d033e201a76faabd45ba7a22b753a6e77da27e307191026d2313ec80b19a2ab2",
  })
  void tree_recordedFromVeritysetup_isTheSame(
      long blocks, String root, long treeBytes, String treeSha256) throws Exception {
    long imageBytes = blocks * BLOCK;
    assertThat(VerityTreeBuilder.treeBytes(imageBytes)).isEqualTo(treeBytes);

    Tree tree = new Tree(imageBytes);
    VerityTreeBuilder builder = new VerityTreeBuilder(imageBytes, SALT, tree);
    feed(builder, new SeqImage(imageBytes), 65536);

    assertThat(builder.finish()).isEqualTo(Sha256.ofHex(root));
    tree.assertComplete();
    assertThat(Sha256.of(tree.bytes)).isEqualTo(Sha256.ofHex(treeSha256));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 127, 130, 1000, 16511})
  void tree_nextToVeritysetup_isTheSameByteForByte(long blocks, @TempDir Path folder)
      throws Exception {
    Path image = folder.resolve("image");
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(image))) {
      new SeqImage(blocks * BLOCK).transferTo(out);
    }
    Tree tree = new Tree(blocks * BLOCK);
    VerityTreeBuilder builder = new VerityTreeBuilder(blocks * BLOCK, SALT, tree);
    try (InputStream in = Files.newInputStream(image)) {
      feed(builder, in, 10_000);
    }

    Path peer = folder.resolve("tree");
    assertThat(builder.finish()).isEqualTo(veritysetup(image, blocks, peer));
    assertThat(tree.bytes).isEqualTo(Files.readAllBytes(peer));
  }

  @Test
  void update_inPiecesOfAnyLength_makesTheSameTree() throws Exception {
    long seed = System.nanoTime();
    System.out.println("VerityTreeBuilderTest seed " + seed);
    Random random = new Random(seed);
    byte[] image = new byte[300 * BLOCK];
    random.nextBytes(image);
    Tree whole = new Tree(image.length);
    VerityTreeBuilder atOnce = new VerityTreeBuilder(image.length, SALT, whole);
    atOnce.update(image, 0, image.length);
    Tree pieced = new Tree(image.length);
    VerityTreeBuilder inPieces = new VerityTreeBuilder(image.length, SALT, pieced);
    int done = 0;
    while (done < image.length) {
      int now = Math.min(image.length - done, random.nextInt(3 * BLOCK));
      inPieces.update(image, done, now);
      done += now;
    }

    assertThat(inPieces.finish()).as("seed %d", seed).isEqualTo(atOnce.finish());
    assertThat(pieced.bytes).isEqualTo(whole.bytes);
  }

  @Test
  void update_beyondTheImage_isRefused() throws Exception {
    VerityTreeBuilder builder = new VerityTreeBuilder(BLOCK, SALT, new Tree(BLOCK));
    builder.update(new byte[BLOCK], 0, BLOCK);

    assertThatThrownBy(() -> builder.update(new byte[1], 0, 1))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("verity tree: expected 4096 image bytes, got 1 at 4096");
  }

  @Test
  void finish_beforeTheEndOrTwice_isRefused() throws Exception {
    VerityTreeBuilder builder = new VerityTreeBuilder(BLOCK, SALT, new Tree(BLOCK));
    builder.update(new byte[BLOCK], 0, BLOCK - 1);
    assertThatThrownBy(builder::finish).isInstanceOf(IllegalStateException.class);

    builder.update(new byte[1], 0, 1);
    builder.finish();
    assertThatThrownBy(builder::finish).isInstanceOf(IllegalStateException.class);
  }

  @ParameterizedTest
  @ValueSource(longs = {0, -4096, 1, 4095, 4097, (2L << 30) + 4096, Long.MAX_VALUE, Long.MIN_VALUE})
  void treeBytes_ofAnImpossibleImage_isRefused(long imageBytes) {
    assertThatThrownBy(() -> VerityTreeBuilder.treeBytes(imageBytes))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("got " + imageBytes);
  }

  @Test
  void treeBytes_ofTheLargestImage_isThreeLevels() {
    assertThat(VerityTreeBuilder.treeBytes(ImageIdentity.BYTES_MAX))
        .isEqualTo((4096L + 32 + 1) * BLOCK);
  }

  private static void feed(VerityTreeBuilder builder, InputStream image, int pieceBytes)
      throws Exception {
    byte[] piece = new byte[pieceBytes];
    for (int got = image.read(piece); got >= 0; got = image.read(piece)) {
      builder.update(piece, 0, got);
    }
  }

  /** Has veritysetup write the tree; the root that it printed. */
  private static Sha256 veritysetup(Path image, long blocks, Path tree) throws Exception {
    Process process =
        new ProcessBuilder(
                program("veritysetup"),
                "format",
                "--no-superblock",
                "--format=1",
                "--hash=sha256",
                "--salt=" + SALT.hex(),
                "--data-block-size=" + BLOCK,
                "--hash-block-size=" + BLOCK,
                "--data-blocks=" + blocks,
                image.toString(),
                tree.toString())
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(output).isZero();
    Matcher root = Pattern.compile("Root hash:\\s+([0-9a-f]{64})").matcher(output);
    assertThat(root.find()).as(output).isTrue();
    return Sha256.ofHex(root.group(1));
  }

  /** Where a program is; Debian keeps this one outside an ordinary user's path. */
  private static String program(String name) throws IOException {
    String path = System.getenv("PATH") + File.pathSeparator + "/usr/sbin:/sbin";
    return Arrays.stream(path.split(File.pathSeparator))
        .map(folder -> Path.of(folder, name))
        .filter(Files::isExecutable)
        .findFirst()
        .orElseThrow(
            () -> new IOException(name + " is missing: install cryptsetup-bin, or run ./setup"))
        .toString();
  }
}
