package dev.suture.trust.seal;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.crypto.tink.subtle.AesGcmHkdfStreaming;
import com.sun.management.ThreadMXBean;
import dev.suture.protocol.FileRef;
import dev.suture.protocol.Sha256;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.RejectedException;
import dev.suture.protocol.seal.SealKey;
import dev.suture.protocol.seal.SealedFile;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnsealerTest {
  private static final String PATH = "targets/26.3.1/a/chromium.delta.sealed";
  private static final SealKey KEY = SealKey.ofHex("0f".repeat(SealKey.BYTES));
  private static final int SEGMENT = SealedFile.SEGMENT_BYTES;
  private static final int PLAIN_FIRST = SEGMENT - SealedFile.HEADER_BYTES - SealedFile.TAG_BYTES;
  private static final int PLAIN_SEGMENT = SEGMENT - SealedFile.TAG_BYTES;

  /** Three whole segments, and a short one. */
  private static final byte[] PLAIN = plain(PLAIN_FIRST + 2 * PLAIN_SEGMENT + 100);

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  @TempDir Path directory;

  private static byte[] plain(int length) {
    byte[] bytes = new byte[length];
    new Random(length).nextBytes(bytes);
    return bytes;
  }

  private static byte[] sealed(byte[] plain, SealKey key, byte[] associatedData) throws Exception {
    ByteArrayOutputStream sealed = new ByteArrayOutputStream();
    try (OutputStream out =
        new AesGcmHkdfStreaming(
                key.toBytes(), "HmacSha256", 32, SEGMENT, /* firstSegmentOffset= */ 0)
            .newEncryptingStream(sealed, associatedData)) {
      out.write(plain);
    }
    return sealed.toByteArray();
  }

  private static byte[] sealed(byte[] plain) throws Exception {
    return sealed(plain, KEY, SealedFile.associatedData(PATH, plain.length));
  }

  private static SealedFile named(String path, int plainBytes) {
    return new SealedFile(
        new FileRef(path, SealedFile.sealedBytes(plainBytes), Sha256.of(new byte[0])), plainBytes);
  }

  private static byte[] opened(int plainBytes, byte[] sealed) throws Exception {
    ByteArrayOutputStream plain = new ByteArrayOutputStream();
    Unsealer.open(named(PATH, plainBytes), KEY, new ByteArrayInputStream(sealed), plain::write);
    return plain.toByteArray();
  }

  /** Refused, and what the sink got until then is a true beginning. */
  private static void assertRefused(String what, SealedFile file, SealKey key, byte[] sealed) {
    ByteArrayOutputStream plain = new ByteArrayOutputStream();
    assertThatThrownBy(
            () -> Unsealer.open(file, key, new ByteArrayInputStream(sealed), plain::write))
        .as(what)
        .isInstanceOfSatisfying(
            RejectedException.class, e -> assertThat(e.code()).isEqualTo(FailureCode.SEAL_INVALID))
        .hasMessageContaining(file.file().path());
    assertThat(plain.size()).as(what).isLessThanOrEqualTo((int) file.plainBytes());
    assertThat(plain.toByteArray()).as(what).isEqualTo(Arrays.copyOf(PLAIN, plain.size()));
  }

  private static void assertRefused(String what, byte[] sealed) {
    assertRefused(what, named(PATH, PLAIN.length), KEY, sealed);
  }

  private static byte[] joined(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }

  @Test
  void open_ofEveryLengthAroundASegment_givesThePlainBytes() throws Exception {
    for (int whole : new int[] {0, PLAIN_FIRST, PLAIN_FIRST + PLAIN_SEGMENT}) {
      for (int length = Math.max(0, whole - 2); length <= whole + 2; length++) {
        byte[] plain = plain(length);
        byte[] sealed = sealed(plain);
        assertThat((long) sealed.length).isEqualTo(SealedFile.sealedBytes(length));
        assertThat(opened(length, sealed)).isEqualTo(plain);
      }
    }
    assertThat(opened(PLAIN.length, sealed(PLAIN))).isEqualTo(PLAIN);
  }

  @Test
  void open_ofAStreamThatGivesFewBytesAtATime_givesThePlainBytes() throws Exception {
    InputStream slow =
        new ByteArrayInputStream(sealed(PLAIN)) {
          @Override
          public synchronized int read(byte[] target, int offset, int length) {
            return super.read(target, offset, Math.min(length, 1_001));
          }
        };
    ByteArrayOutputStream plain = new ByteArrayOutputStream();
    Unsealer.open(named(PATH, PLAIN.length), KEY, slow, plain::write);
    assertThat(plain.toByteArray()).isEqualTo(PLAIN);
  }

  @Test
  void open_withAnotherKeyPathOrLength_isRefused() throws Exception {
    byte[] sealed = sealed(PLAIN);
    SealKey other = SealKey.ofHex("0e" + "0f".repeat(SealKey.BYTES - 1));
    assertRefused("key", named(PATH, PLAIN.length), other, sealed);
    assertRefused("path", named(PATH + "2", PLAIN.length), KEY, sealed);
    assertRefused("longer", named(PATH, PLAIN.length + 1), KEY, sealed);
    assertRefused("shorter", named(PATH, PLAIN.length - 1), KEY, sealed);
    assertRefused("empty", named(PATH, 0), KEY, sealed);
  }

  /**
   * The publisher lies about the length in what it seals too: the length is enforced all the same.
   */
  @Test
  void open_ofALengthThatWasSealedWrongly_isRefused() throws Exception {
    for (int claimed : new int[] {0, 1, PLAIN.length - 1, PLAIN.length + 1, PLAIN.length * 2}) {
      byte[] sealed = sealed(PLAIN, KEY, SealedFile.associatedData(PATH, claimed));
      assertRefused("claimed " + claimed, named(PATH, claimed), KEY, sealed);
    }
  }

  @Test
  void open_cutOffAroundEverySegment_isRefused() throws Exception {
    byte[] sealed = sealed(PLAIN);
    TreeSet<Integer> lengths = new TreeSet<>();
    for (int at = 0; at <= sealed.length; at += SEGMENT) {
      for (int near = -17; near <= 17; near++) {
        lengths.add(at + near);
      }
    }
    for (int near = 0; near <= SealedFile.HEADER_BYTES + SealedFile.TAG_BYTES + 1; near++) {
      lengths.add(near);
      lengths.add(sealed.length - 1 - near);
    }
    int cuts = 0;
    for (int length : lengths) {
      if (length >= 0 && length < sealed.length) {
        assertRefused("cut at " + length, Arrays.copyOf(sealed, length));
        cuts++;
      }
    }
    assertThat(cuts).isGreaterThan(200);
  }

  @Test
  void open_ofBytesChangedAroundEverySegment_isRefused() throws Exception {
    byte[] sealed = sealed(PLAIN);
    TreeSet<Integer> places = new TreeSet<>();
    for (int at = 0; at <= sealed.length; at += SEGMENT) {
      for (int near = -18; near <= 2; near++) {
        places.add(at + near);
      }
    }
    for (int i = 0; i <= SealedFile.HEADER_BYTES; i++) {
      places.add(i);
    }
    places.add(sealed.length - 1);
    for (int place : places) {
      if (place >= 0 && place < sealed.length) {
        byte[] changed = sealed.clone();
        changed[place] ^= (byte) 0x80;
        assertRefused("byte " + place, changed);
      }
    }
  }

  @Test
  void open_ofMoreBytes_isRefused() throws Exception {
    byte[] sealed = sealed(PLAIN);
    assertRefused("a byte", Arrays.copyOf(sealed, sealed.length + 1));
    assertRefused("a segment", Arrays.copyOf(sealed, sealed.length + SEGMENT));
    assertRefused("to the boundary", Arrays.copyOf(sealed, 4 * SEGMENT));
    assertRefused("itself", joined(sealed, sealed));
    byte[] last = Arrays.copyOfRange(sealed, 3 * SEGMENT, sealed.length);
    assertRefused("its last segment", joined(sealed, last));
  }

  @Test
  void open_ofSegmentsMovedLeftOutOrTwice_isRefused() throws Exception {
    byte[] sealed = sealed(PLAIN);
    byte[] s0 = Arrays.copyOfRange(sealed, 0, SEGMENT);
    byte[] s1 = Arrays.copyOfRange(sealed, SEGMENT, 2 * SEGMENT);
    byte[] s2 = Arrays.copyOfRange(sealed, 2 * SEGMENT, 3 * SEGMENT);
    byte[] s3 = Arrays.copyOfRange(sealed, 3 * SEGMENT, sealed.length);
    assertThat(opened(PLAIN.length, joined(s0, s1, s2, s3))).isEqualTo(PLAIN);
    assertRefused("swapped", joined(s0, s2, s1, s3));
    assertRefused("left out", joined(s0, s1, s3));
    assertRefused("last left out", joined(s0, s1, s2));
    assertRefused("twice", joined(s0, s1, s1, s2, s3));
    assertRefused("instead", joined(s0, s1, s1, s3));
    assertRefused("first twice", joined(s0, s0, s1, s2, s3));
    assertRefused("without the first", joined(s1, s2, s3));
  }

  @Test
  void open_ofSegmentsOfAnotherFileWithTheSameKey_isRefused() throws Exception {
    byte[] one = sealed(PLAIN);
    byte[] other = sealed(PLAIN);
    assertThat(one).isNotEqualTo(other);
    for (int segment = 1; segment <= 3; segment++) {
      int at = segment * SEGMENT;
      assertRefused(
          "from segment " + segment,
          joined(Arrays.copyOf(one, at), Arrays.copyOfRange(other, at, other.length)));
    }
  }

  @Test
  void open_ofAFileThatCannotBeRead_isADeviceFailure() throws Exception {
    byte[] sealed = sealed(PLAIN);
    for (int readable : new int[] {0, 10, SEGMENT, SEGMENT + 5, sealed.length}) {
      InputStream broken =
          new InputStream() {
            private int at;

            @Override
            public int read() throws IOException {
              if (at == readable) {
                throw new IOException("stick was pulled");
              }
              return sealed[at++] & 0xff;
            }

            @Override
            public int read(byte[] target, int offset, int length) throws IOException {
              target[offset] = (byte) read();
              return 1;
            }
          };
      assertThatThrownBy(
              () -> Unsealer.open(named(PATH, PLAIN.length), KEY, broken, (b, o, n) -> {}))
          .as("after " + readable)
          .isInstanceOfSatisfying(
              DeviceException.class, e -> assertThat(e.code()).isEqualTo(FailureCode.STORAGE_IO))
          .hasMessageContaining("stick was pulled");
    }
  }

  @Test
  void open_whenTheSinkFails_failsAsTheSink() throws Exception {
    DeviceException full = new DeviceException(FailureCode.DISK_FULL, "full");
    byte[] sealed = sealed(PLAIN);
    assertThatThrownBy(
            () ->
                Unsealer.open(
                    named(PATH, PLAIN.length),
                    KEY,
                    new ByteArrayInputStream(sealed),
                    (b, o, n) -> {
                      throw full;
                    }))
        .isSameAs(full);
  }

  @Test
  void open_ofALongFile_allocatesWithinItsLimit() throws Exception {
    int[] lengths = {1 << 20, 8 << 20};
    List<Long> allocated = new ArrayList<>();
    for (int length : lengths) {
      byte[] sealed = sealed(new byte[length]);
      SealedFile file = named(PATH, length);
      Unsealer.open(file, KEY, new ByteArrayInputStream(sealed), (b, o, n) -> {});
      long before = THREADS.getCurrentThreadAllocatedBytes();
      Unsealer.open(file, KEY, new ByteArrayInputStream(sealed), (b, o, n) -> {});
      allocated.add(THREADS.getCurrentThreadAllocatedBytes() - before);
    }
    System.out.println("unsealer: allocated in all " + allocated + " bytes for 1 and 8 MiB");
  }

  /** The heap that a device has for it, and classes that it must not load. */
  @Test
  void open_inASmallHeap_loadsNoKeysets() throws Exception {
    Path log = directory.resolve("classes");
    Path output = directory.resolve("output");
    Process child =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx6m",
                "-XX:+UseSerialGC",
                "-Xlog:class+load:file=" + log,
                "-cp",
                System.getProperty("java.class.path"),
                SmallHeap.class.getName())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    assertThat(child.waitFor(120, TimeUnit.SECONDS)).isTrue();
    assertThat(child.exitValue()).as(Files.readString(output)).isZero();
    List<String> tink = new ArrayList<>();
    for (String line : Files.readAllLines(log)) {
      assertThat(line).doesNotContain("com.google.protobuf").doesNotContain("Keyset");
      if (line.contains(" com.google.crypto.tink.")) {
        tink.add(line);
      }
    }
    System.out.println(
        "unsealer: " + Files.readString(output).trim() + "; Tink's classes: " + tink.size());
    assertThat(tink).isNotEmpty().hasSizeLessThan(60);
  }

  /** Opens 64 MiB in the heap that it is given. */
  static final class SmallHeap {
    private static final int BYTES = 64 << 20;

    private SmallHeap() {}

    /** Seals piece by piece in one thread, opens in the other. */
    public static void main(String[] arguments) throws Exception {
      Path file = Files.createTempFile("sealed", null);
      try (OutputStream out =
          new AesGcmHkdfStreaming(KEY.toBytes(), "HmacSha256", 32, SEGMENT, 0)
              .newEncryptingStream(
                  Files.newOutputStream(file), SealedFile.associatedData(PATH, BYTES))) {
        byte[] piece = "sealed".repeat(1_000).getBytes(US_ASCII);
        for (int at = 0; at < BYTES; at += piece.length) {
          out.write(piece, 0, Math.min(piece.length, BYTES - at));
        }
      }
      long[] got = new long[1];
      try (InputStream in = Files.newInputStream(file)) {
        Unsealer.open(named(PATH, BYTES), KEY, in, (b, o, n) -> got[0] += n);
      }
      Files.delete(file);
      System.out.println(got[0] + " bytes opened in a heap of 6 MiB");
      System.exit(got[0] == BYTES ? 0 : 1);
    }
  }
}
