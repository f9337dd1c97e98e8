package dev.suture.publisher.delta;

import static org.assertj.core.api.Assertions.assertThat;

import dev.suture.publisher.ErofsImage;
import dev.suture.publisher.delta.account.Accountant;
import dev.suture.publisher.delta.account.ByteKind;
import dev.suture.publisher.delta.account.DeltaAccount;
import dev.suture.publisher.delta.account.DeltaAccount.FileCost;
import dev.suture.publisher.delta.account.DeltaAccount.Place;
import dev.suture.publisher.image.ImageFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Accounts of deltas as they are made, between images as they are made. */
class DeltaAccountTest {
  private static final String[] OPTIONS = {"-x-1", "-Enoinline_data"};

  @TempDir Path folder = Path.of("replaced by JUnit");
  private Path tree = Path.of("replaced before each");
  private DeltaStats stats = new DeltaStats(0, 0, 0, 0, 0, 0);
  private final Random random = new Random(3);

  @BeforeEach
  void makeTree() throws IOException {
    tree = folder.resolve("tree");
    Files.createDirectories(tree.resolve("usr/lib"));
  }

  private void file(String name, byte[] content) throws IOException {
    Files.write(tree.resolve("usr/lib").resolve(name), content);
  }

  private byte[] random(int bytes) {
    byte[] content = new byte[bytes];
    random.nextBytes(content);
    return content;
  }

  private DeltaAccount account(byte[] base, byte[] image) throws Exception {
    Path baseFile = Files.write(folder.resolve("base.img"), base);
    Path imageFile = Files.write(folder.resolve("new.img"), image);
    Path delta = folder.resolve("delta");
    stats =
        DeltaGenerator.generate(baseFile, imageFile, delta, Matching.SUFFIX_ARRAY, Progress.NONE);
    DeltaAccount account = Accountant.of(delta, imageFile);
    assertThat(account.deltaBytes()).isEqualTo(Files.size(delta));
    assertThat(account.files().stream().mapToLong(FileCost::bytes).sum())
        .isEqualTo(account.deltaBytes());
    assertThat(account.kinds().values().stream().mapToLong(Long::longValue).sum())
        .isEqualTo(account.deltaBytes());
    return account;
  }

  private static FileCost cost(DeltaAccount account, String path) {
    return account.files().stream().filter(f -> f.path().equals(path)).findFirst().orElseThrow();
  }

  @Test
  void account_ofALibraryBesideOtherFiles_saysWhichFileAndWhichKind() throws Exception {
    byte[] library = Arm64Program.library(folder, 1500, 0, 5);
    byte[] edited = Arm64Program.library(folder, 1500, 50, 5);
    byte[] text = random(20_000);
    file("libedited.so", library);
    file("same", text);
    file("rewritten", random(8000));
    byte[] base = ErofsImage.of(tree, OPTIONS);
    file("libedited.so", edited);
    file("rewritten", random(8000));
    DeltaAccount account = account(base, ErofsImage.of(tree, OPTIONS));

    assertThat(account.refusal()).isEmpty();
    FileCost rewritten = cost(account, "/usr/lib/rewritten");
    // Random bytes cannot be compressed.
    assertThat(rewritten.bytes()).isBetween(7900L, 8300L);
    assertThat(rewritten.imageBytes()).isEqualTo(8000);
    FileCost code = cost(account, "/usr/lib/libedited.so");
    assertThat(code.imageBytes()).isEqualTo(edited.length);
    assertThat(code.kinds())
        .containsKeys(ByteKind.CODE, ByteKind.COPIES, ByteKind.ADDRESSES, ByteKind.NEW);
    assertThat(account.files()).extracting(FileCost::path).doesNotContain("/usr/lib/same");
    assertThat(cost(account, DeltaAccount.DELTA).kinds()).containsOnlyKeys(ByteKind.FORMAT);
    Place biggest = account.places().get(0);
    assertThat(biggest.path()).isEqualTo("/usr/lib/rewritten");
    assertThat(biggest.offset()).isZero();
    assertThat(biggest.length()).isBetween(7990L, 8000L);
    assertThat(account.places()).anyMatch(place -> place.path().equals("/usr/lib/libedited.so"));
  }

  @Test
  void account_withoutFileSystem_countsTheSameSurprises() throws Exception {
    byte[] base = random(300_000);
    byte[] image = base.clone();
    for (int at : new int[] {100, 5_000, 200_000}) {
      for (int i = 0; i < 40; i++) {
        image[at + i] = (byte) (image[at + i] + 1 + i % 3);
      }
    }
    image = Arrays.copyOf(image, 301_000);
    System.arraycopy(random(1000), 0, image, 300_000, 1000);
    DeltaAccount account = account(base, image);

    assertThat(account.places()).extracting(Place::path).containsOnly(ImageFiles.IMAGE);
    assertThat(account.places())
        .extracting(Place::offset)
        .containsExactlyInAnyOrder(100L, 5_000L, 200_000L, 300_000L);
    assertThat(account.places().stream().mapToLong(Place::surpriseBytes).sum())
        .isEqualTo(stats.surpriseBytes())
        .isEqualTo(120);
    assertThat(account.places().stream().mapToLong(Place::newBytes).sum())
        .isEqualTo(stats.newBytes())
        .isEqualTo(1000);
  }

  @Test
  void account_twoFilesThatDifferAlike_shareAlike() throws Exception {
    file("one", random(6000));
    file("two", random(6000));
    byte[] base = ErofsImage.of(tree, OPTIONS);
    file("one", random(6000));
    file("two", random(6000));
    DeltaAccount account = account(base, ErofsImage.of(tree, OPTIONS));

    long one = cost(account, "/usr/lib/one").bytes();
    assertThat(cost(account, "/usr/lib/two").bytes()).isBetween(one - 20, one + 20);
  }

  @Test
  void account_twoFilesWithTheSameNewBytes_oneOfThemPays() throws Exception {
    file("one", random(6000));
    file("two", random(6000));
    byte[] base = ErofsImage.of(tree, OPTIONS);
    byte[] content = random(6000);
    file("one", content);
    file("two", content);
    DeltaAccount account = account(base, ErofsImage.of(tree, OPTIONS));

    long one = cost(account, "/usr/lib/one").bytes();
    long two = cost(account, "/usr/lib/two").bytes();
    assertThat(Math.max(one, two)).isBetween(5900L, 6200L);
    assertThat(Math.min(one, two)).isLessThan(200);
  }

  /** Streams of a real size, compressed: several parts. */
  @Test
  void account_ofMoreThanOnePart_addsUp() throws Exception {
    byte[] image = random(5 << 20);
    DeltaAccount account = account(new byte[4096], image);
    assertThat(account.kinds().get(ByteKind.NEW)).isBetween((5L << 20) - 100, 5L << 20);
    assertThat(account.places()).hasSize(1);
  }

  @Test
  void account_ofAnUnchangedImage_hasNoSurprise() throws Exception {
    file("same", random(50_000));
    byte[] image = ErofsImage.of(tree, OPTIONS);
    DeltaAccount account = account(image, image);
    assertThat(account.places()).isEmpty();
    assertThat(account.deltaBytes()).isLessThan(300);
  }

  @Test
  void account_ofManyEdits_keepsTheBiggestAlone() throws Exception {
    byte[] base = random(400_000);
    byte[] image = base.clone();
    for (int i = 0; i < 100; i++) {
      for (int at = 0; at <= i; at++) {
        image[4000 * i + at] ^= (byte) (1 + random.nextInt(255));
      }
    }
    DeltaAccount account = account(base, image);
    assertThat(account.places()).hasSize(20);
    assertThat(account.places()).allMatch(place -> place.surpriseBytes() > 75);
    assertThat(account.places())
        .isSortedAccordingTo(Comparator.comparingLong(Place::bytes).reversed());
  }
}
