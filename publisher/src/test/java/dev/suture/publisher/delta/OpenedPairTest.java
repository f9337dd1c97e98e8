package dev.suture.publisher.delta;

import static org.assertj.core.api.Assertions.assertThat;

import dev.suture.delta.BaseImage;
import dev.suture.delta.DeltaApplier;
import dev.suture.delta.VerifyingSink;
import dev.suture.protocol.Sha256;
import dev.suture.protocol.manifest.ImageIdentity;
import dev.suture.protocol.verity.VerityTreeBuilder;
import dev.suture.publisher.delta.account.Accountant;
import dev.suture.publisher.delta.account.ByteKind;
import dev.suture.publisher.delta.account.DeltaAccount;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OpenedPairTest {
  private static final Sha256 SALT = Sha256.of(new byte[] {1});

  @TempDir Path folder = Path.of("replaced by JUnit");

  /** Text of which each part is as likely as another. */
  private static byte[] text(int seed, int words) {
    Random random = new Random(seed);
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < words; i++) {
      text.append("word").append(random.nextInt(3_000)).append(i % 10 == 9 ? ".\n" : " ");
    }
    return text.toString().getBytes(StandardCharsets.US_ASCII);
  }

  private static byte[] zip(int level, Map<String, byte[]> members) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(out)) {
      zip.setLevel(level);
      for (Map.Entry<String, byte[]> member : members.entrySet()) {
        ZipEntry entry = new ZipEntry(member.getKey());
        entry.setTime(0);
        zip.putNextEntry(entry);
        zip.write(member.getValue());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return padded(out.toByteArray());
  }

  private static byte[] padded(byte[] image) {
    int block = ImageIdentity.BLOCK_BYTES;
    return Arrays.copyOf(image, Math.max(1, (image.length + block - 1) / block) * block);
  }

  /** Makes the delta, applies it as a device does, and accounts for it. */
  private DeltaAccount roundTrip(byte[] base, byte[] image) throws Exception {
    Path baseFile = Files.write(folder.resolve("base.img"), base);
    Path imageFile = Files.write(folder.resolve("new.img"), image);
    Path delta = folder.resolve("delta");
    DeltaGenerator.generate(baseFile, imageFile, delta, Matching.SUFFIX_ARRAY, Progress.NONE);
    VerityTreeBuilder tree = new VerityTreeBuilder(image.length, SALT, (position, block) -> {});
    tree.update(image, 0, image.length);
    ImageIdentity identity = new ImageIdentity(image.length, Sha256.of(image), tree.finish(), SALT);
    ByteArrayOutputStream rebuilt = new ByteArrayOutputStream();
    VerifyingSink sink = new VerifyingSink(rebuilt::write, identity, (position, block) -> {});
    try (InputStream in = Files.newInputStream(delta)) {
      DeltaApplier.apply(in, Files.size(delta), Sha256.of(base), identity, new Memory(base), sink);
    }
    sink.finish();
    assertThat(rebuilt.toByteArray()).isEqualTo(image);
    DeltaAccount account = Accountant.of(delta, imageFile);
    assertThat(account.kinds().values().stream().mapToLong(Long::longValue).sum())
        .isEqualTo(account.deltaBytes())
        .isEqualTo(Files.size(delta));
    return account;
  }

  private record Memory(byte[] content) implements BaseImage {
    @Override
    public long bytes() {
      return content.length;
    }

    @Override
    public void read(long position, byte[] target, int offset, int length) {
      System.arraycopy(content, (int) position, target, offset, length);
    }

    @Override
    public void close() {}
  }

  private static Map<String, byte[]> members(int count) {
    Map<String, byte[]> members = new TreeMap<>();
    for (int i = 0; i < count; i++) {
      members.put("folder/member" + i, text(i, 400));
    }
    return members;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 6, 9})
  void generate_changedMembersOfAZip_costsWhatChanged(int level) throws Exception {
    Map<String, byte[]> members = members(40);
    byte[] base = zip(level, members);
    for (int i = 0; i < 40; i += 4) {
      byte[] changed = text(i, 400);
      changed[1] ^= 1;
      members.put("folder/member" + i, changed);
    }
    byte[] image = zip(level, members);

    DeltaAccount account = roundTrip(base, image);

    // Ten changed bytes, checksums and lengths twice each; deflated, a member has 1,500 bytes.
    assertThat(account.deltaBytes()).isLessThan(1_200);
    assertThat(account.kinds()).extractingByKey(ByteKind.OPENED).isNotEqualTo(0L);
  }

  @Test
  void generate_changedGzipFile_costsWhatChanged() throws Exception {
    byte[] text = text(7, 5_000);
    byte[] base = gzip(text);
    text[5] ^= 1;
    byte[] image = gzip(text);

    assertThat(roundTrip(base, image).deltaBytes()).isLessThan(350);
  }

  private static byte[] gzip(byte[] content) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(new byte[700]);
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(content);
    }
    return padded(out.toByteArray());
  }

  @Test
  void generate_unchangedMembers_opensNothing() throws Exception {
    byte[] base = zip(6, members(10));
    byte[] image = base.clone();
    image[4_000] ^= 1; // Within a stream: what it holds cannot be read any more.
    image = Arrays.copyOf(image, image.length + ImageIdentity.BLOCK_BYTES);

    DeltaAccount account = roundTrip(base, image);

    assertThat(account.kinds()).extractingByKey(ByteKind.OPENED).isEqualTo(0L);
    assertThat(account.deltaBytes()).isLessThan(300);
  }

  @Test
  void generate_streamThatZlibDoesNotMake_isLeftAlone() throws Exception {
    byte[] content = text(3, 2_000);
    byte[] base = zip(6, Map.of("a", content));
    content[9] ^= 1;
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(out)) {
      zip.setMethod(ZipOutputStream.DEFLATED);
      zip.setLevel(Deflater.NO_COMPRESSION);
      zip.putNextEntry(new ZipEntry("a"));
      zip.write(content);
    }

    DeltaAccount account = roundTrip(base, padded(out.toByteArray()));

    assertThat(account.kinds()).extractingByKey(ByteKind.OPENED).isEqualTo(0L);
  }

  @Test
  void generate_memberLongerThanADeviceKeeps_isLeftAlone() throws Exception {
    byte[] content = text(11, 200_000);
    assertThat(content.length).isGreaterThan(1 << 20);
    byte[] base = zip(6, new TreeMap<>(Map.of("a", content, "b", text(1, 300))));
    content[content.length - 10] ^= 1;
    byte[] image = zip(6, new TreeMap<>(Map.of("a", content, "b", text(2, 300))));

    // Most of the long stream is as it was.
    assertThat(roundTrip(base, image).deltaBytes()).isLessThan(base.length / 10);
  }

  @Test
  void generate_streamWithinAnElfFile_isLeftAlone() throws Exception {
    byte[] text = text(7, 2_000);
    byte[] base = elfWith(gzip(text));
    text[5] ^= 1;
    byte[] image = elfWith(gzip(text));

    assertThat(roundTrip(base, image).kinds()).extractingByKey(ByteKind.OPENED).isEqualTo(0L);
  }

  private static byte[] elfWith(byte[] data) {
    int bytes = 8_192 + data.length;
    byte[] elf = new SmallElf(bytes).segment(0, bytes, 0, true).bytes();
    System.arraycopy(data, 0, elf, 4_096, data.length);
    return elf;
  }

  @Test
  void generate_oneOfTwoEqualMembersChanged_costsWhatChanged() throws Exception {
    byte[] same = text(1, 900);
    byte[] base = zip(6, new TreeMap<>(Map.of("a", same, "b", same.clone())));
    byte[] changed = same.clone();
    changed[3] ^= 1;
    byte[] image = zip(6, new TreeMap<>(Map.of("a", same, "b", changed)));

    assertThat(roundTrip(base, image).deltaBytes()).isLessThan(350);
  }

  /** Words that come again at random distances: another distance can lead to an equal one. */
  private static byte[] repeating() {
    Random random = new Random(8);
    StringBuilder text = new StringBuilder();
    while (text.length() < 60_000) {
      text.append("suture").append((char) (33 + random.nextInt(90)));
      text.append((char) (33 + random.nextInt(90)));
    }
    return text.toString().getBytes(StandardCharsets.US_ASCII);
  }

  @Test
  void level_streamWithAnotherFirstBlock_isOfNone() throws Exception {
    byte[] content = repeating();
    Deflater deflater = new Deflater(6, true);
    deflater.setInput(content);
    deflater.finish();
    byte[] stream = new byte[60_000];
    stream = Arrays.copyOf(stream, deflater.deflate(stream));
    deflater.end();
    byte[] header = {'P', 'K', 3, 4, 20, 0, 0, 0, 8, 0};
    int different = 0;
    for (int bit = 8 * 200; bit < 8 * 2_000; bit++) {
      byte[] image = Arrays.copyOf(header, 30 + stream.length + 100);
      System.arraycopy(stream, 0, image, 30, stream.length);
      image[30 + bit / 8] ^= (byte) (1 << bit % 8);
      MappedImage mapped = MappedImage.map(Files.write(folder.resolve("flipped"), image));
      List<DeflateStream> found = DeflateStream.find(mapped);
      if (found.size() == 1 && Arrays.equals(content(found.get(0), mapped), content)) {
        different++;
        assertThat(found.get(0).level(mapped)).as("bit " + bit).isEmpty();
      }
    }
    assertThat(different).isPositive();
  }

  private static byte[] content(DeflateStream stream, MappedImage image) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    stream.writeContent(image, out);
    return out.toByteArray();
  }

  @Test
  void generate_damagedHeaders_stillRebuildsTheImage() throws Exception {
    byte[] base = zip(6, members(6));
    Random random = new Random(5);
    for (int round = 0; round < 30; round++) {
      byte[] image = base.clone();
      for (int i = 0; i < 8; i++) {
        image[random.nextInt(image.length)] = (byte) random.nextInt();
      }
      roundTrip(base, image);
    }
  }
}
