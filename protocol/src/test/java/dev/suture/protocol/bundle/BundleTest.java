package dev.suture.protocol.bundle;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.suture.protocol.FileRef;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.RejectedException;
import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BundleTest {
  private static final int BLOCK = 512;

  @TempDir Path directory;

  private static byte[] bundle(Map<String, ReadableSource> files) throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    BundleWriter.write(files, out);
    return out.toByteArray();
  }

  private static byte[] bundleOf(String... names) throws Exception {
    Map<String, ReadableSource> files = new LinkedHashMap<>();
    for (String name : names) {
      files.put(name, MemorySource.of("content of " + name));
    }
    return bundle(files);
  }

  private static String text(ReadableSource source) throws DeviceException {
    byte[] bytes = new byte[(int) source.size()];
    assertThat(source.read(0, bytes, 0, bytes.length)).isEqualTo(bytes.length);
    return new String(bytes, US_ASCII);
  }

  private static void assertMalformed(byte[] bundle, String because) {
    assertThatThrownBy(() -> BundleIndex.read(new MemorySource(bundle)))
        .isInstanceOfSatisfying(
            RejectedException.class,
            e -> assertThat(e.code()).isEqualTo(FailureCode.BUNDLE_MALFORMED))
        .hasMessageContaining(because);
  }

  private static List<String> run(Path output, String... command) throws Exception {
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    List<String> lines = Files.readAllLines(output);
    assertThat(process.exitValue()).as(String.join("\n", lines)).isZero();
    return lines;
  }

  @Test
  void read_ofWhatWasWritten_findsEveryFile() throws Exception {
    byte[] bytes = bundleOf("timestamp.json", "1.root.json", "targets/26.3.1/chromium.delta");
    MemorySource source = new MemorySource(bytes);

    BundleIndex index = BundleIndex.read(source);

    assertThat(index.entries().keySet())
        .containsExactly("1.root.json", "targets/26.3.1/chromium.delta", "timestamp.json");
    for (Map.Entry<String, BundleEntry> entry : index.entries().entrySet()) {
      assertThat(text(entry.getValue().within(source))).isEqualTo("content of " + entry.getKey());
    }
    assertThat(index.find("2.root.json")).isEmpty();
  }

  @Test
  void write_inAnyOrder_givesTheSameBytes() throws Exception {
    assertThat(bundleOf("b", "a/c", "a.json")).isEqualTo(bundleOf("a.json", "b", "a/c"));
  }

  @Test
  void tar_listsAndUnpacksABundle() throws Exception {
    String far = "f/".repeat(60) + "far";
    Path file = directory.resolve("patch.suture");
    Files.write(file, bundleOf("1.root.json", far, "a%2Fb/_c.json"));

    List<String> listed = run(directory.resolve("out"), "tar", "tvf", file.toString());
    assertThat(listed).hasSize(3);
    assertThat(listed.get(0)).startsWith("-rw-r--r-- 0/0").endsWith("1970-01-01 00:00 1.root.json");
    assertThat(listed.get(2)).endsWith(far);

    Path unpacked = Files.createDirectory(directory.resolve("unpacked"));
    run(
        directory.resolve("out"),
        "tar",
        "--no-same-owner",
        "-xf",
        file.toString(),
        "-C",
        unpacked.toString());
    assertThat(unpacked.resolve(far)).hasContent("content of " + far);
    assertThat(unpacked.resolve("a%2Fb/_c.json")).hasContent("content of a%2Fb/_c.json");
  }

  /** GNU tar can be told to write what we read: the format is not ours alone. */
  @Test
  void read_ofWhatGnuTarWrote_findsEveryFile() throws Exception {
    Files.writeString(directory.resolve("1.root.json"), "root");
    Files.writeString(directory.resolve("b.json"), "x".repeat(BLOCK));
    Path file = directory.resolve("made.tar");
    run(
        directory.resolve("out"),
        "tar",
        "--format=ustar",
        "--blocking-factor=1",
        "--numeric-owner",
        "--owner=0",
        "--group=0",
        "--mtime=@0",
        "--mode=0644",
        "-C",
        directory.toString(),
        "-cf",
        file.toString(),
        "1.root.json",
        "b.json");

    assertThat(Files.readAllBytes(file))
        .isEqualTo(
            bundle(
                Map.of(
                    "1.root.json", MemorySource.of("root"),
                    "b.json", MemorySource.of("x".repeat(BLOCK)))));
  }

  @Test
  void read_ofContentsAroundABlock_findsTheirOffsets() throws Exception {
    Map<String, ReadableSource> files = new TreeMap<>();
    for (int length : new int[] {0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 200_000}) {
      files.put("f" + length, new MemorySource(new byte[length]));
    }
    BundleIndex index = BundleIndex.read(new MemorySource(bundle(files)));

    assertThat(index.entries().values().stream().map(BundleEntry::length))
        .containsExactly(0L, 1L, 200_000L, 511L, 512L, 513L);
    assertThat(index.find("f0")).contains(new BundleEntry(BLOCK, 0));
    assertThat(index.find("f1")).contains(new BundleEntry(2L * BLOCK, 1));
    assertThat(index.find("f200000")).contains(new BundleEntry(4L * BLOCK, 200_000));
  }

  @Test
  void read_ofALargeBundle_readsHeadersOnly() throws Exception {
    byte[] bytes = bundle(Map.of("large", new MemorySource(new byte[1 << 20])));
    MemorySource source = new MemorySource(bytes);

    assertThat(BundleIndex.read(source).entries()).hasSize(1);

    assertThat(source.bytesRead()).isEqualTo(3 * BLOCK);
  }

  @Test
  void within_readsNothingBehindTheFile() throws Exception {
    MemorySource source = new MemorySource(bundleOf("a", "b"));
    ReadableSource file = BundleIndex.read(source).find("a").orElseThrow().within(source);
    byte[] target = new byte[100];

    assertThat(file.read(file.size() - 1, target, 7, 50)).isEqualTo(1);
    assertThat(target[7]).isEqualTo((byte) 'a');
    assertThat(file.read(file.size(), target, 0, 50)).isZero();
    assertThat(file.read(Long.MAX_VALUE, target, 0, 50)).isZero();
    assertThatThrownBy(() -> file.read(-1, target, 0, 50))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void read_ofTheMostFiles_isAccepted_andOneMoreIsNot() throws Exception {
    Map<String, ReadableSource> files = new TreeMap<>();
    for (int i = 0; i < BundleIndex.ENTRIES_MAX; i++) {
      files.put("f" + i, MemorySource.of(""));
    }
    byte[] most = bundle(files);
    assertThat(BundleIndex.read(new MemorySource(most)).entries()).hasSize(BundleIndex.ENTRIES_MAX);

    files.put("one-more", MemorySource.of(""));
    assertThatThrownBy(() -> bundle(files)).isInstanceOf(IllegalArgumentException.class);
    byte[] tooMany = Arrays.copyOf(most, most.length + BLOCK);
    byte[] header = new UstarHeader("one-more", 0).encode();
    System.arraycopy(header, 0, tooMany, BundleIndex.ENTRIES_MAX * BLOCK, BLOCK);
    assertMalformed(tooMany, "at most 1024");
  }

  @Test
  void read_ofNamesTwiceOrInAnotherOrder_isRefused() throws Exception {
    byte[] one = new UstarHeader("b", 0).encode();
    byte[] other = new UstarHeader("a", 0).encode();
    for (byte[] second : new byte[][] {one, other}) {
      byte[] bytes = new byte[4 * BLOCK];
      System.arraycopy(one, 0, bytes, 0, BLOCK);
      System.arraycopy(second, 0, bytes, BLOCK, BLOCK);
      assertMalformed(bytes, "ascending order");
    }
  }

  @Test
  void read_ofAnotherEnd_isRefused() throws Exception {
    byte[] bytes = bundleOf("a");
    assertMalformed(new byte[0], "got the end of 0");
    assertMalformed(new byte[2 * BLOCK], "at least one");
    assertMalformed(Arrays.copyOf(bytes, bytes.length - BLOCK), "length");
    assertMalformed(Arrays.copyOf(bytes, bytes.length + BLOCK), "length");
    byte[] more = Arrays.copyOf(bytes, bytes.length + 1);
    assertMalformed(more, "length");
    byte[] oneZero = bytes.clone();
    oneZero[bytes.length - 1] = 1;
    assertMalformed(oneZero, "two blocks of zeros");
    byte[] padding = bytes.clone();
    padding[2 * BLOCK - 1] = 1;
    assertMalformed(padding, "padding");
  }

  @Test
  void read_ofOtherKindsOfEntries_isRefused() throws Exception {
    for (char type : ("\0" + "1234567ABDKLMNSVXgx").toCharArray()) {
      byte[] bytes = bundleOf("a");
      int difference = type - '0';
      bytes[156] = (byte) type;
      byte[] sum =
          String.format(
                  java.util.Locale.ROOT,
                  "%06o",
                  Integer.parseInt(new String(bytes, 148, 6, US_ASCII), 8) + difference)
              .getBytes(US_ASCII);
      System.arraycopy(sum, 0, bytes, 148, 6);
      assertMalformed(bytes, "type: expected \"0\"");
    }
  }

  @Test
  void read_ofAWrongChecksum_saysSo() throws Exception {
    byte[] bytes = bundleOf("a");
    bytes[150] ^= 1;
    assertMalformed(bytes, "checksum: expected");
  }

  @Test
  void header_ofNamesThatAreNotFiles_isRefused() {
    List<String> wrong =
        new ArrayList<>(
            List.of("", "/", "/a", "a/", "a//b", ".", "..", "../a", "a/../b", "a/.b", ".a", "a b"));
    wrong.addAll(List.of("a\\b", "a\0b", "ä", "a~", "a\n", "x".repeat(101), "x".repeat(201)));
    wrong.add("d/" + "x".repeat(101));
    wrong.add("x".repeat(156) + "/" + "y".repeat(40));
    for (String name : wrong) {
      assertThatThrownBy(() -> new UstarHeader(name, 0))
          .as(name)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("name");
    }
  }

  @Test
  void header_ofTheLongestNames_isReadBack() {
    for (String name :
        List.of(
            "x".repeat(100),
            "d/" + "x".repeat(100),
            "a/".repeat(99) + "bb",
            "x".repeat(155) + "/" + "y".repeat(44),
            "x".repeat(99) + "/" + "y".repeat(100),
            "%_-+/a")) {
      for (long length : new long[] {0, 1, FileRef.BYTES_MAX}) {
        UstarHeader header = new UstarHeader(name, length);
        assertThat(UstarHeader.decode(header.encode())).isEqualTo(header);
      }
    }
  }

  @Test
  void header_ofLengthsOutOfRange_isRefused() {
    for (long length : new long[] {-1, Long.MIN_VALUE, FileRef.BYTES_MAX + 1, Long.MAX_VALUE}) {
      assertThatThrownBy(() -> new UstarHeader("a", length))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("size");
      assertThatThrownBy(() -> new BundleEntry(BLOCK, length))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void readAndWrite_ofAFileThatBecameShorter_failAsStorage() throws Exception {
    byte[] bytes = bundleOf("a");
    ReadableSource shorter =
        new ReadableSource() {
          private final MemorySource real = new MemorySource(Arrays.copyOf(bytes, 700));

          @Override
          public long size() {
            return bytes.length;
          }

          @Override
          public int read(long position, byte[] target, int offset, int length) {
            return real.read(position, target, offset, length);
          }
        };
    assertThatThrownBy(() -> BundleIndex.read(shorter))
        .isInstanceOf(DeviceException.class)
        .hasMessageContaining("at byte 700");
    assertThatThrownBy(() -> bundle(Map.of("a", shorter)))
        .isInstanceOf(DeviceException.class)
        .hasMessageContaining("at byte 700");
  }
}
