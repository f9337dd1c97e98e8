package dev.suture.delta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.sun.management.ThreadMXBean;
import dev.suture.protocol.Sha256;
import dev.suture.protocol.delta.DeltaLimits;
import dev.suture.protocol.delta.DeltaStream;
import dev.suture.protocol.delta.SpanKind;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.RejectedException;
import dev.suture.protocol.failure.RetryableException;
import dev.suture.protocol.failure.SutureException;
import dev.suture.protocol.manifest.ImageIdentity;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class DeltaApplierTest {
  private static final int BASE_BYTES = 300_000;
  private static final int IMAGE_BYTES = 12_288;

  private final byte[] base = new byte[BASE_BYTES];
  private final Sha256 baseSha256;
  private byte[] image;
  private ImageIdentity identity;
  private byte[] delta;

  DeltaApplierTest() throws Exception {
    new Random(7).nextBytes(base);
    baseSha256 = Sha256.of(base);
    image = new byte[IMAGE_BYTES];
    identity = MemoryImage.identity(image);
    delta = new byte[0];
  }

  /** An image of copied, changed and new bytes, and its delta. */
  @BeforeEach
  void makeSmallDelta() throws Exception {
    image = Arrays.copyOfRange(base, 1000, 1000 + IMAGE_BYTES);
    image[5000]++;
    image[5003] = (byte) (image[5003] - 3);
    Arrays.fill(image, 7000, 7100, (byte) 'x');
    System.arraycopy(base, 299_000, image, 8000, 1000);
    identity = MemoryImage.identity(image);
    delta = script().compressed().build(base, identity);
  }

  private static DeltaScript script() {
    byte[] inserted = new byte[100];
    Arrays.fill(inserted, (byte) 'x');
    return new DeltaScript()
        .copy(5000, 1000)
        .add(6000, (byte) 1, (byte) 0, (byte) 0, (byte) -3)
        .copy(1996, 6004)
        .insert(inserted)
        .copy(900, 8100)
        .copy(1000, 299_000)
        .copy(IMAGE_BYTES - 9000, 10_000);
  }

  private byte[] apply(byte[] file) throws SutureException {
    return apply(file, file.length);
  }

  private byte[] apply(byte[] file, long signedBytes) throws SutureException {
    MemoryImage.Sink sink = new MemoryImage.Sink(identity);
    VerifyingSink verifying = new VerifyingSink(sink, identity, (position, block) -> {});
    DeltaApplier.apply(
        new ByteArrayInputStream(file),
        signedBytes,
        baseSha256,
        identity,
        MemoryImage.base(base),
        verifying);
    verifying.finish();
    return sink.bytes();
  }

  private RejectedException refusal(byte[] file) {
    return refusal(file, file.length);
  }

  private RejectedException refusal(byte[] file, long signedBytes) {
    RejectedException refused =
        catchThrowableOfType(RejectedException.class, () -> apply(file, signedBytes));
    assertThat(refused.code()).isEqualTo(FailureCode.DELTA_MALFORMED);
    return refused;
  }

  private String refusalOf(DeltaScript script) {
    return refusal(script.build(base, identity)).explanation();
  }

  @Test
  void apply_ofCopiedChangedAndNewBytes_makesTheImage() throws Exception {
    assertThat(apply(delta)).isEqualTo(image);
    assertThat(apply(script().build(base, identity))).isEqualTo(image);
  }

  @Test
  void apply_ofRangesLongerThanTheBuffers_makesTheImage() throws Exception {
    byte[] noise = new byte[100_000];
    new Random(8).nextBytes(noise);
    image = Arrays.copyOf(base, 405_504);
    for (int i = 0; i < 90_000; i++) {
      image[150_000 + i] += noise[i];
    }
    System.arraycopy(noise, 0, image, 300_000, 100_000);
    System.arraycopy(base, 0, image, 400_000, 5504);
    identity = MemoryImage.identity(image);

    byte[] file =
        new DeltaScript()
            .copy(150_000, 0)
            .add(150_000, Arrays.copyOf(noise, 90_000))
            .copy(60_000, 240_000)
            .insert(noise)
            .copy(5504, 0)
            .build(base, identity);

    assertThat(apply(file)).isEqualTo(image);
  }

  @Test
  void apply_ofADripFeedingStream_makesTheImage() throws Exception {
    InputStream drip =
        new ByteArrayInputStream(delta) {
          @Override
          public synchronized int read(byte[] target, int offset, int length) {
            return super.read(target, offset, Math.min(length, 1));
          }
        };
    MemoryImage.Sink sink = new MemoryImage.Sink(identity);
    DeltaApplier.apply(drip, delta.length, baseSha256, identity, MemoryImage.base(base), sink);
    assertThat(sink.bytes()).isEqualTo(image);
  }

  @Test
  void apply_ofADeltaTruncatedAtEveryOffset_isRefused() {
    for (int length = 0; length < delta.length; length++) {
      byte[] cut = Arrays.copyOf(delta, length);
      refusal(cut);
      // The file is shorter than what is signed.
      refusal(cut, delta.length);
    }
  }

  @Test
  void apply_withAnyByteChanged_isRefusedOrMakesTheImage() throws Exception {
    int refused = 0;
    for (int at = 0; at < delta.length; at++) {
      for (int value = 0; value < 256; value++) {
        byte[] changed = delta.clone();
        changed[at] = (byte) value;
        try {
          assertThat(apply(changed)).isEqualTo(image);
        } catch (RejectedException e) {
          assertThat(e.code()).isIn(FailureCode.DELTA_MALFORMED, FailureCode.IMAGE_DIGEST_MISMATCH);
          refused++;
        }
      }
    }
    // Every byte but the logarithm of the learned targets matters.
    assertThat(refused).isGreaterThan((delta.length - 1) * 255);
  }

  @Test
  void apply_withTrailingBytes_isRefused() {
    assertThat(refusal(DeltaScript.join(delta, new byte[1])).explanation())
        .startsWith("delta end: expected it, got 1 more bytes");
    refusal(DeltaScript.join(delta, new byte[200_000]));
    assertThat(refusal(DeltaScript.join(delta, new byte[1]), delta.length).explanation())
        .isEqualTo(
            String.format(
                "delta length: expected %1$d bytes, got more, at byte %1$d of %1$d", delta.length));
  }

  @Test
  void apply_forAnotherBaseOrImage_isRefusedByItsHeader() throws Exception {
    byte[] other = base.clone();
    other[0]++;
    byte[] forOther = script().build(other, identity);
    assertThat(refusal(forOther).explanation())
        .isEqualTo(
            "delta base digest: expected "
                + baseSha256
                + ", got "
                + Sha256.of(other)
                + ", at byte 40");
    assertThat(refusal(script().build(Arrays.copyOf(base, 1000), identity)).explanation())
        .startsWith("delta base bytes: expected 300000, got 1000");
    ImageIdentity longer = MemoryImage.identity(new byte[16384]);
    assertThat(refusal(script().build(base, longer)).explanation())
        .startsWith("delta image bytes: expected 12288, got 16384");
    ImageIdentity zeros = MemoryImage.identity(new byte[IMAGE_BYTES]);
    assertThat(refusal(script().build(base, zeros)).explanation())
        .startsWith("delta image digest: expected " + identity.sha256());
  }

  @Test
  void apply_withHeaderNumbersAtTheirExtremes_isRefused() {
    int[][] fields = {{8, 2}, {11, 1}, {12, 4}, {16, 4}, {20, 4}, {24, 8}, {32, 8}};
    long[] values = {0, -1, Long.MAX_VALUE, Integer.MAX_VALUE, 1L << 31, 1L << 62};
    for (int[] field : fields) {
      for (long value : values) {
        byte[] changed = delta.clone();
        for (int i = 0; i < field[1]; i++) {
          changed[field[0] + i] = (byte) (value >>> (8 * i));
        }
        if (!Arrays.equals(changed, delta)) {
          refusal(changed);
        }
      }
    }
  }

  @Test
  void apply_withARangeOutsideTheBase_isRefused() {
    assertThat(refusalOf(new DeltaScript().copy(IMAGE_BYTES, -1)))
        .isEqualTo(
            "delta stream BASE_PLACES: expected a range within 300000 bytes of base,"
                + " got 12288 bytes at -1, at its byte 1 of 1");
    refusalOf(new DeltaScript().copy(IMAGE_BYTES, BASE_BYTES - IMAGE_BYTES + 1));
    refusalOf(new DeltaScript().copy(IMAGE_BYTES, BASE_BYTES));
    refusalOf(new DeltaScript().copy(IMAGE_BYTES, BASE_BYTES + 1));
    refusalOf(new DeltaScript().copy(IMAGE_BYTES, 1L << 33));
    refusalOf(new DeltaScript().copy(IMAGE_BYTES, -(1L << 33)));
    refusalOf(new DeltaScript().add(-1, new byte[IMAGE_BYTES]));
    refusalOf(new DeltaScript().add(BASE_BYTES - 1, new byte[IMAGE_BYTES]));
    // Relative to the end of the range before.
    refusalOf(new DeltaScript().copy(288, BASE_BYTES - 288).copy(12_000, BASE_BYTES));
  }

  @Test
  void apply_withLengthsThatDoNotFitTheImage_isRefused() {
    assertThat(refusalOf(new DeltaScript().copy(IMAGE_BYTES + 1, 0)))
        .startsWith("delta stream COPY_LENGTHS: expected a copy of 1 to 12288 bytes, got 12289");
    assertThat(refusalOf(new DeltaScript().copy(12_000, 0).copy(289, 0)))
        .startsWith("delta stream COPY_LENGTHS: expected a copy of 1 to 288 bytes, got 289");
    assertThat(refusalOf(new DeltaScript().copy(0, 0).copy(IMAGE_BYTES, 0)))
        .startsWith("delta stream COPY_LENGTHS: expected a copy of 1 to 12288 bytes, got 0");
    assertThat(refusalOf(new DeltaScript().insert(new byte[IMAGE_BYTES]).copy(1, 0)))
        .startsWith("delta stream NEW_LENGTHS: expected less than 12288 new bytes, got 12288");
    assertThat(refusalOf(new DeltaScript().copy(IMAGE_BYTES, 0).insert((byte) 1)))
        .startsWith("delta part: expected 1 to 12288 bytes of image, got 12289");
    assertThat(refusalOf(new DeltaScript().copy(IMAGE_BYTES - 1, 0)))
        .startsWith("delta length: expected more than ");
  }

  @Test
  void apply_withNumbersThatAreNotInShortestForm_isRefused() {
    assertThat(
            refusalOf(
                new DeltaScript()
                    .copy(IMAGE_BYTES, 0)
                    .bytes(DeltaStream.SURPRISE_GAPS, (byte) 0x80, (byte) 0)))
        .startsWith("delta stream SURPRISE_GAPS: expected the shortest form of a number");
    byte[] endless = new byte[20];
    Arrays.fill(endless, (byte) 0xff);
    assertThat(
            refusalOf(
                new DeltaScript().copy(IMAGE_BYTES, 0).bytes(DeltaStream.SURPRISE_GAPS, endless)))
        .startsWith("delta stream SURPRISE_GAPS: expected a number of at most 5 bytes, got more");
    byte[] header = new DeltaScript().header(base, identity);
    assertThat(refusal(DeltaScript.join(header, new byte[] {(byte) 0x80, 0})).explanation())
        .startsWith("delta number: expected its shortest form");
    assertThat(refusal(DeltaScript.join(header, endless)).explanation())
        .startsWith("delta number: expected at most 5 bytes, got more");
  }

  @Test
  void apply_withMoreOrLessCopiesThanItSays_isRefused() {
    assertThat(refusalOf(script().claiming(1)))
        .startsWith("delta stream NEW_LENGTHS: expected 7 numbers, got 6 bytes");
    assertThat(refusalOf(script().claiming(-1)))
        .startsWith("delta stream NEW_LENGTHS: expected its end, got 1 more bytes");
  }

  @ParameterizedTest
  @EnumSource(
      value = DeltaStream.class,
      mode = EnumSource.Mode.EXCLUDE,
      names = {"OPENED_BASE", "OPENED_IMAGE"})
  void apply_withMoreInAStreamThanIsTaken_isRefused(DeltaStream stream) {
    assertThat(refusalOf(script().bytes(stream, (byte) 1)))
        .startsWith("delta stream ")
        .contains("expected ");
  }

  @Test
  void apply_withASurpriseOfNoByteOrBehindTheEnd_isRefused() {
    assertThat(
            refusalOf(
                new DeltaScript()
                    .copy(IMAGE_BYTES, 0)
                    .number(DeltaStream.SURPRISE_GAPS, 5)
                    .number(DeltaStream.SURPRISE_LENGTHS, 0)))
        .startsWith("delta stream SURPRISE_LENGTHS: expected a surprise of at least a byte");
    assertThat(
            refusalOf(
                new DeltaScript()
                    .copy(IMAGE_BYTES, 0)
                    .number(DeltaStream.SURPRISE_GAPS, IMAGE_BYTES)
                    .number(DeltaStream.SURPRISE_LENGTHS, 1)
                    .bytes(DeltaStream.SURPRISES, (byte) 1)))
        .startsWith("delta stream SURPRISE_GAPS: expected no surprise behind a part's end");
  }

  @Test
  void apply_withSegmentsOrSpansOutsideTheImages_isRefused() {
    DeltaScript[] wrong = {
      new DeltaScript().segment(2, 0, 1, 0, 0, 0, 0),
      new DeltaScript().segment(1, 0, BASE_BYTES + 1, 0, 0, 0, 0),
      new DeltaScript().segment(1, 1, BASE_BYTES, 0, 0, 0, 0),
      new DeltaScript().segment(1, 0, IMAGE_BYTES, 0, 2, 0, 0),
      new DeltaScript().segment(1, 0, IMAGE_BYTES, 0, 1, 0, 0),
      new DeltaScript().segment(1, 0, 4096, 0, 0, 2 * IMAGE_BYTES, 0),
      new DeltaScript().segment(1, 0, 4096, 0, 0, 2 * 4096 + 1, 0),
      new DeltaScript().segment(1, 0, 4096, 2L << 32, 0, 0, 0),
      new DeltaScript().segment(1, 0, 4096, 1, 0, 0, 0),
      new DeltaScript().segment(1, 0, 4096, 0, 0, 0, 2L << 32),
      new DeltaScript().segment(1, 0, 4096, 0, 0, 0, 0).span(SpanKind.CODE, 0, 4097),
      new DeltaScript().segment(1, 0, 4096, 0, 0, 0, 0).span(SpanKind.CODE, 4096, 1),
      new DeltaScript().segment(1, 0, 4096, 0, 0, 0, 0).span(SpanKind.CODE, 0, 0),
      new DeltaScript().span(SpanKind.CODE, 0, 4),
    };
    for (DeltaScript script : wrong) {
      assertThat(refusalOf(script.copy(IMAGE_BYTES, 0)))
          .startsWith("delta stream S")
          .contains(": expected ", ", got ");
    }
  }

  @Test
  void apply_withMoreSegmentsOfAFileThanAllowed_isRefused() throws Exception {
    DeltaScript most = new DeltaScript().segment(1, 0, 8, 0, 0, 0, 0);
    DeltaScript more = new DeltaScript().segment(1, 0, 8, 0, 0, 0, 0);
    for (int i = 1; i < DeltaLimits.FILE_SEGMENTS_MAX; i++) {
      most.segment(0, 0, 8, 0, 0, 0, 0);
      more.segment(0, 0, 8, 0, 0, 0, 0);
    }
    more.segment(0, 0, 8, 0, 0, 0, 0);
    assertThat(refusalOf(more.copy(IMAGE_BYTES, 0)))
        .contains("expected at most 64 segments of a file, got more");
    // Another file has as many again.
    most.segment(1, 0, 8, 0, 0, 0, 0).segment(0, 0, 8, 0, 0, 0, 0).claiming(1);
    assertThat(refusalOf(most.copy(IMAGE_BYTES, 0))).doesNotContain("segments of a file");
  }

  private byte[] withGroup(int... table) {
    byte[] bytes = new byte[table.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) table[i];
    }
    return DeltaScript.join(new DeltaScript().claiming(1).header(base, identity), bytes);
  }

  @Test
  void apply_ofStreamsLongerThanTheyCanBe_isRefusedBeforeMemoryIsGiven() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    // One copy has three numbers of at most five bytes.
    assertThat(refusal(withGroup(16)).explanation())
        .startsWith("delta stream NEW_LENGTHS: expected at most 15 bytes, got 16");
    assertThat(refusal(withGroup(15, 1, 1, 1)).explanation())
        .startsWith("delta stream COPY_LENGTHS: expected at most 0 bytes, got 1");
    assertThat(refusal(withGroup(5, 1, 1, 9, 0)).explanation())
        .startsWith("delta stream COPY_LENGTHS: expected at most 0 compressed bytes, got 9");
    assertThat(refusal(withGroup(5, 1, 0xff, 0xff, 0xff, 0xff, 0x7f, 0)).explanation())
        .startsWith("delta stream NEW_LENGTHS: expected at most 1 compressed bytes, got 34359738");
    assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(1 << 20);
  }

  @Test
  void apply_ofUnknownOrCostlyCodecs_isRefused() {
    int[] costly = {1 + 5, 1 + 8, 1 + 4 * 9 + 1, 1 + (4 * 5 + 4) * 9 + 8};
    for (int codec : costly) {
      assertThat(refusal(withGroup(5, codec, 5)).explanation())
          .startsWith("delta stream NEW_LENGTHS codec: expected 0, or LZMA properties");
    }
    assertThat(refusal(withGroup(5, 226, 5)).explanation()).contains(", got 226, at byte ");
  }

  @Test
  void apply_ofDamagedLzma_isRefused() {
    byte[] good = DeltaScript.lzma(new byte[] {0, 0, 0, 0, 0});
    byte[] other = good.clone();
    other[0] = 1;
    byte[] table = {5, 4, (byte) good.length, 0, 0, 0, 0};
    byte[] header = new DeltaScript().claiming(1).header(base, identity);
    assertThat(refusal(DeltaScript.join(header, table, other)).explanation())
        .startsWith("delta stream NEW_LENGTHS: damaged (");
    table[2]++;
    assertThat(refusal(DeltaScript.join(header, table, good, new byte[1])).explanation())
        .startsWith("delta stream NEW_LENGTHS: expected its end, got 1 more compressed bytes");
    table[2] = 3;
    assertThat(refusal(DeltaScript.join(header, table, good)).explanation())
        .startsWith("delta stream NEW_LENGTHS: damaged (");
  }

  /** Fails once so many bytes were read. */
  private static final class FailingStream extends InputStream {
    private final byte[] bytes;
    private final int failAt;
    private int next;

    FailingStream(byte[] bytes, int failAt) {
      this.bytes = bytes;
      this.failAt = failAt;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      int now = Math.min(length, failAt - next);
      if (now == 0) {
        throw new IOException("bad sector");
      }
      System.arraycopy(bytes, next, target, offset, now);
      next += now;
      return now;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      read(one, 0, 1);
      return one[0] & 0xff;
    }
  }

  @Test
  void apply_ofAFileThatCannotBeRead_isTheDevicesFailureAtEveryOffset() {
    for (int at = 0; at <= delta.length; at++) {
      InputStream failing = new FailingStream(delta, at);
      DeviceException failure =
          catchThrowableOfType(
              DeviceException.class,
              () ->
                  DeltaApplier.apply(
                      failing,
                      delta.length,
                      baseSha256,
                      identity,
                      MemoryImage.base(base),
                      new MemoryImage.Sink(identity)));
      assertThat(failure.code()).isEqualTo(FailureCode.STORAGE_IO);
      assertThat(failure.explanation())
          .isEqualTo(
              "delta file: could not be read at byte "
                  + at
                  + " of "
                  + delta.length
                  + ": java.io.IOException: bad sector");
    }
  }

  static SutureException[] sinkFailures() {
    return new SutureException[] {
      new DeviceException(FailureCode.STORAGE_READ_ONLY, "a"),
      new RetryableException(FailureCode.DISK_FULL, "b")
    };
  }

  @ParameterizedTest
  @MethodSource("sinkFailures")
  void apply_whenTheSinkFails_passesItsExceptionOn(SutureException failure) {
    ImageSink failing =
        (source, offset, length) -> {
          if (failure instanceof DeviceException device) {
            throw device;
          }
          throw (RetryableException) failure;
        };
    assertThatThrownBy(
            () ->
                DeltaApplier.apply(
                    new ByteArrayInputStream(delta),
                    delta.length,
                    baseSha256,
                    identity,
                    MemoryImage.base(base),
                    failing))
        .isSameAs(failure);
  }

  @Test
  void apply_whenTheBaseFails_passesItsExceptionOn() {
    DeviceException failure = new DeviceException(FailureCode.BASE_UNREADABLE, "sector 7");
    BaseImage failing =
        new BaseImage() {
          @Override
          public long bytes() {
            return base.length;
          }

          @Override
          public void read(long position, byte[] target, int offset, int length)
              throws DeviceException {
            throw failure;
          }

          @Override
          public void close() {}
        };
    assertThatThrownBy(
            () ->
                DeltaApplier.apply(
                    new ByteArrayInputStream(delta),
                    delta.length,
                    baseSha256,
                    identity,
                    failing,
                    new MemoryImage.Sink(identity)))
        .isSameAs(failure);
  }
}
