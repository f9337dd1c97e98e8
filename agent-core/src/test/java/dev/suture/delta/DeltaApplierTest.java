package dev.suture.delta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.sun.management.ThreadMXBean;
import dev.suture.protocol.Sha256;
import dev.suture.protocol.delta.DeltaHeader;
import dev.suture.protocol.delta.OperationKind;
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
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

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
    delta = script().build(base, identity);
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
  void apply_ofEveryKindOfOperation_makesTheImage() throws Exception {
    assertThat(apply(delta)).isEqualTo(image);
  }

  @Test
  void apply_ofOperationsLongerThanTheBuffers_makesTheImage() throws Exception {
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
    // Every byte but the window's logarithm matters.
    assertThat(refused).isGreaterThan((delta.length - 5) * 255);
  }

  @Test
  void apply_withTrailingBytes_isRefused() {
    byte[] emptyFrame = DeltaScript.frame(new byte[0], 10);
    byte[] skippable = {0x50, 0x2a, 0x4d, 0x18, 1, 0, 0, 0, 9};

    assertThat(refusal(DeltaScript.join(delta, new byte[1])).explanation())
        .contains("expected its end to be the payload's");
    refusal(DeltaScript.join(delta, emptyFrame));
    refusal(DeltaScript.join(delta, skippable));
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
    int[][] fields = {{8, 2}, {10, 1}, {11, 1}, {12, 4}, {16, 8}, {24, 8}, {32, 8}};
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
            "delta base range: expected it within 300000 bytes, got 12288 bytes at -1,"
                + " at operation 0, operation byte 4, image byte 0");
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
        .startsWith("delta operation length: expected 1 to 12288 bytes, got 12289, at operation 0");
    assertThat(refusalOf(new DeltaScript().copy(12_000, 0).copy(289, 0)))
        .startsWith("delta operation length: expected 1 to 288 bytes, got 289, at operation 1");
    assertThat(refusalOf(new DeltaScript().copy(IMAGE_BYTES, 0).insert((byte) 1)))
        .startsWith("delta operation length: expected 1 to 0 bytes, got 1, at operation 1");
    assertThat(refusalOf(new DeltaScript().copy(IMAGE_BYTES - 1, 0)))
        .startsWith("delta image: expected 12288 bytes, got 12287");
    refusalOf(new DeltaScript().head(OperationKind.COPY.head(1L << 32)).number(0));
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 2})
  void apply_withAnOperationOfLengthZero_isRefused(long head) {
    assertThat(refusalOf(new DeltaScript().head(head).number(0).copy(IMAGE_BYTES, 0)))
        .startsWith("delta operation length: expected 1 to 12288 bytes, got 0, at operation 0");
  }

  @Test
  void apply_withAnUnknownKind_isRefused() {
    assertThat(refusalOf(new DeltaScript().head(4 << 2 | 3).number(0)))
        .startsWith("delta operation kind: expected 0 to 2, got 3, at operation 0");
  }

  @Test
  void apply_withNumbersThatAreNotInShortestForm_isRefused() {
    assertThat(refusalOf(new DeltaScript().head(4).bytes((byte) 0x80, (byte) 0)))
        .startsWith("delta number: expected its shortest form");
    byte[] endless = new byte[20];
    Arrays.fill(endless, (byte) 0xff);
    assertThat(refusalOf(new DeltaScript().head(4).bytes(endless)))
        .startsWith("delta number: expected at most 5 bytes, got more");
  }

  @Test
  void apply_withAnotherNumberOfOperationsThanItSays_isRefused() {
    assertThat(refusal(script().build(base, identity, 6)).explanation())
        .startsWith("delta image: expected 12288 bytes, got 9000");
    assertThat(refusal(script().build(base, identity, 8)).explanation())
        .startsWith("delta operations: expected more bytes, got their end");
    assertThat(refusalOf(new DeltaScript().copy(IMAGE_BYTES, 0).bytes((byte) 4)))
        .startsWith("delta operations: expected their end, got more bytes");
    // More behind what the reader's buffer takes at once.
    refusalOf(new DeltaScript().copy(IMAGE_BYTES, 0).bytes(new byte[12_290]));
  }

  /**
   * A frame that says so many bytes and holds up to 2.4 GiB: blocks of one repeated byte (RFC 8878,
   * 3.1.1.2), more of them than are read at once.
   */
  private static byte[] bomb(int contentBytes, int windowExponent) {
    byte[] header = {
      0x28, (byte) 0xb5, 0x2f, (byte) 0xfd, (byte) 0x80, (byte) (windowExponent << 3), 0, 0, 0, 0
    };
    for (int i = 0; i < 4; i++) {
      header[6 + i] = (byte) (contentBytes >> (8 * i));
    }
    byte[] blocks = new byte[20_000 * 4];
    for (int i = 0; i < blocks.length; i += 4) {
      int block = Math.min(128 << 10, 1024 << windowExponent) << 3 | 1 << 1;
      blocks[i] = (byte) block;
      blocks[i + 1] = (byte) (block >> 8);
      blocks[i + 2] = (byte) (block >> 16);
    }
    blocks[blocks.length - 4] |= 1;
    return DeltaScript.join(header, blocks);
  }

  private byte[] header(long operationBytes, int windowLog) {
    return new DeltaHeader(
            windowLog,
            10_000,
            operationBytes,
            base.length,
            baseSha256,
            identity.bytes(),
            identity.sha256())
        .encode();
  }

  @ParameterizedTest
  @CsvSource({
    "20000, 13, delta frame: damaged",
    "20000, 0, 'delta content: expected 20000 bytes, got at least '",
  })
  void apply_ofADecompressionBomb_isRefusedInBoundedMemory(
      int contentBytes, int windowExponent, String message) {
    byte[] file = DeltaScript.join(header(contentBytes, 23), bomb(contentBytes, windowExponent));
    MemoryImage.Sink sink = new MemoryImage.Sink(identity);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();

    assertThatThrownBy(
            () ->
                DeltaApplier.apply(
                    new ByteArrayInputStream(file),
                    file.length,
                    baseSha256,
                    identity,
                    MemoryImage.base(base),
                    sink))
        .isInstanceOf(RejectedException.class)
        .hasMessageContaining(message);

    assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(2 << 20);
    assertThat(sink.bytes()).hasSizeLessThanOrEqualTo(IMAGE_BYTES);
  }

  @Test
  void apply_ofAFrameThatAsksForALargerWindow_isRefusedBeforeItIsGiven() {
    byte[] frame = bomb(20_000, 13);
    for (int exponent = 14; exponent < 32; exponent++) {
      frame[5] = (byte) (exponent << 3);
      assertThat(refusal(DeltaScript.join(header(20_000, 23), frame)).explanation())
          .startsWith("delta frame: expected a window of at most 8388608 bytes, got ");
    }
    // An eighth more than the limit, and more than the delta's own header says.
    frame[5] = 13 << 3 | 1;
    refusal(DeltaScript.join(header(20_000, 23), frame));
    frame[5] = 5 << 3;
    assertThat(refusal(DeltaScript.join(header(20_000, 14), frame)).explanation())
        .startsWith("delta frame: expected a window of at most 16384 bytes, got 32768");
  }

  @Test
  void apply_ofAnotherKindOfFrame_isRefused() {
    byte[] frame = bomb(20_000, 13);
    for (int bit = 0; bit < 5; bit++) {
      byte[] other = frame.clone();
      other[4] |= (byte) (1 << bit);
      assertThat(refusal(DeltaScript.join(header(20_000, 23), other)).explanation())
          .startsWith("delta frame: expected a content size, no checksum and no dictionary");
    }
    byte[] withoutSize = frame.clone();
    withoutSize[4] = 0;
    refusal(DeltaScript.join(header(20_000, 23), withoutSize));
    byte[] skippable = {0x50, 0x2a, 0x4d, 0x18, 1, 0, 0, 0, 9};
    assertThat(refusal(DeltaScript.join(header(20_000, 23), skippable, frame)).explanation())
        .startsWith("delta frame: expected zstd magic fd2fb528, got 184d2a50");
    assertThat(refusal(DeltaScript.join(header(20_001, 23), frame)).explanation())
        .startsWith("delta frame: expected 20001 bytes of content, got 20000");
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
