package dev.suture.protocol.delta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.suture.protocol.Sha256;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.RejectedException;
import dev.suture.protocol.manifest.ImageIdentity;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DeltaHeaderTest {
  private static final Sha256 BASE = Sha256.of("base".getBytes(StandardCharsets.US_ASCII));
  private static final Sha256 IMAGE = Sha256.of("image".getBytes(StandardCharsets.US_ASCII));
  private static final DeltaHeader HEADER =
      new DeltaHeader(false, 17, 0x010203, 0x0405, 0x0607, 0x100000, BASE, 0x20000000, IMAGE);

  @Test
  void encode_ofEveryField_isTheByteTableOfTheDocument() {
    assertThat(new BigInteger(1, HEADER.encode()).toString(16))
        .isEqualTo(
            // magic, version, log of learned targets, flags
            "53555444454c5441"
                + "0500"
                + "11"
                + "00"
                // copies, segments, spans
                + "03020100"
                + "05040000"
                + "07060000"
                // base bytes, image bytes
                + "0000100000000000"
                + "0000002000000000"
                + BASE.hex()
                + IMAGE.hex());
  }

  @Test
  void decode_ofWhatWasEncoded_isEqual() throws Exception {
    assertThat(DeltaHeader.decode(HEADER.encode())).isEqualTo(HEADER);
  }

  @ParameterizedTest
  @CsvSource({
    "version, 8, 2, 0",
    "version, 8, 2, 1",
    "version, 8, 2, 2",
    "version, 8, 2, 3",
    "version, 8, 2, 4",
    "version, 8, 2, 6",
    "version, 8, 2, -1",
    "learned targets' log, 10, 1, 20",
    "learned targets' log, 10, 1, -1",
    "flags, 11, 1, 2",
    "copies, 12, 4, 131073",
    "copies, 12, 4, 2147483647",
    "copies, 12, 4, -1",
    "segments, 16, 4, 16385",
    "segments, 16, 4, -1",
    "spans, 20, 4, 16385",
    "spans, 20, 4, -1",
    "base bytes, 24, 8, 0",
    "base bytes, 24, 8, 2147483649",
    "base bytes, 24, 8, 9223372036854775807",
    "base bytes, 24, 8, -1",
    "image bytes, 32, 8, 0",
    "image bytes, 32, 8, 2147483649",
    "image bytes, 32, 8, 9223372036854775807",
    "image bytes, 32, 8, -1",
  })
  void decode_ofAnImpossibleField_isRefusedWithItsPlace(
      String what, int at, int length, long value) {
    byte[] bytes = HEADER.encode();
    for (int i = 0; i < length; i++) {
      bytes[at + i] = (byte) (value >>> (8 * i));
    }
    RejectedException refused =
        catchThrowableOfType(RejectedException.class, () -> DeltaHeader.decode(bytes));

    assertThat(refused.code()).isEqualTo(FailureCode.DELTA_MALFORMED);
    assertThat(refused.explanation())
        .startsWith("delta " + what + ": expected ")
        .contains(", got ")
        .endsWith(", at byte " + at);
  }

  /** The most learned targets, and copies for what they leave of the memory. */
  @Test
  void decode_ofMoreMemoryThanAllowed_isRefused() throws Exception {
    int copies = (DeltaLimits.MAP_BYTES_MAX - (6 << 19)) / 28;
    DeltaHeader largest = new DeltaHeader(false, 19, copies, 0, 0, 1, BASE, 1, IMAGE);
    assertThat(DeltaHeader.decode(largest.encode())).isEqualTo(largest);

    byte[] larger = largest.encode();
    larger[20] = 5;
    RejectedException refused =
        catchThrowableOfType(RejectedException.class, () -> DeltaHeader.decode(larger));
    assertThat(refused.code()).isEqualTo(FailureCode.DELTA_MALFORMED);
    assertThat(refused.explanation())
        .startsWith("delta memory for all of these: expected 0 to 5767168, got 57672")
        .endsWith(", at byte 10");
  }

  /** Few learned targets leave enough for the most of everything else. */
  @Test
  void mapBytes_ofTheMostOfEverythingElse_areAllowedWithLearnedTargets() {
    assertThat(
            DeltaLimits.mapBytes(
                16, DeltaLimits.COPIES_MAX, DeltaLimits.SEGMENTS_MAX, DeltaLimits.SPANS_MAX))
        .isLessThanOrEqualTo(DeltaLimits.MAP_BYTES_MAX);
  }

  @Test
  void decode_ofAnotherFormat_isRefused() {
    byte[] bytes = HEADER.encode();
    bytes[7]++;
    assertThatThrownBy(() -> DeltaHeader.decode(bytes))
        .isInstanceOf(RejectedException.class)
        .hasMessageContaining("delta magic: expected SUTDELTA");
  }

  @Test
  void requireFor_anotherBaseOrImage_isRefused() throws Exception {
    ImageIdentity image = new ImageIdentity(0x20000000, IMAGE, IMAGE, IMAGE);
    HEADER.requireFor(0x100000, BASE, image);

    assertThatThrownBy(() -> HEADER.requireFor(0x100001, BASE, image))
        .hasMessageContaining("delta base bytes: expected 1048577, got 1048576, at byte 24");
    assertThatThrownBy(() -> HEADER.requireFor(0x100000, IMAGE, image))
        .hasMessageContaining(
            "delta base digest: expected " + IMAGE + ", got " + BASE + ", at byte 40");
    assertThatThrownBy(
            () -> HEADER.requireFor(0x100000, BASE, new ImageIdentity(4096, IMAGE, IMAGE, IMAGE)))
        .hasMessageContaining("delta image bytes: expected 4096, got 536870912, at byte 32");
    assertThatThrownBy(
            () ->
                HEADER.requireFor(
                    0x100000, BASE, new ImageIdentity(0x20000000, BASE, IMAGE, IMAGE)))
        .hasMessageContaining("delta image digest: expected " + BASE);
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 127, 128, 16383, 16384, 1L << 31, 1L << 33, Varint.VALUE_MAX})
  void varint_ofAnyNumber_hasTheLengthThatItSays(long value) {
    byte[] bytes = new byte[Varint.BYTES_MAX];
    int length = Varint.write(value, bytes, 0);

    assertThat(length).isEqualTo(Varint.length(value));
    long read = 0;
    for (int i = 0; i < length; i++) {
      assertThat(bytes[i] < 0).isEqualTo(i < length - 1);
      read |= (bytes[i] & 0x7fL) << (7 * i);
    }
    assertThat(read).isEqualTo(value);
  }

  @ParameterizedTest
  @CsvSource({"0,0", "-1,1", "1,2", "-2,3", "2147483648,4294967296", "-2147483648,4294967295"})
  void zigzag_ofAnyNumber_comesBack(long signed, long unsigned) {
    assertThat(Varint.zigzag(signed)).isEqualTo(unsigned);
    assertThat(Varint.unzigzag(unsigned)).isEqualTo(signed);
  }

  @Test
  void spanKind_numbers_areFixed() {
    assertThat(SpanKind.CODE.number()).isEqualTo(1);
    assertThat(SpanKind.RELOCATIONS.number()).isEqualTo(2);
    assertThat(SpanKind.POINTERS.number()).isEqualTo(3);
    assertThat(SpanKind.FRAME_TABLE.number()).isEqualTo(4);
    assertThat(SpanKind.FRAMES.number()).isEqualTo(5);
    assertThat(SpanKind.SYMBOLS.number()).isEqualTo(6);
    assertThat(SpanKind.SYMBOL_NUMBERS.number()).isEqualTo(7);
    assertThat(SpanKind.SECTION_RELOCATIONS.number()).isEqualTo(8);
    assertThat(SpanKind.SECTION_SYMBOLS.number()).isEqualTo(9);
    assertThat(SpanKind.DISTANCES_3_OF_3.number()).isEqualTo(10);
    assertThat(SpanKind.DISTANCES_2_OF_3.number()).isEqualTo(11);
    assertThat(SpanKind.DISTANCES_3_OF_4.number()).isEqualTo(12);
    assertThat(SpanKind.OFFSETS.number()).isEqualTo(13);
    assertThat(SpanKind.TYPES.number()).isEqualTo(14);
    for (SpanKind kind : SpanKind.values()) {
      assertThat(SpanKind.of(kind.number())).contains(kind);
    }
    assertThat(SpanKind.of(0)).isEmpty();
    assertThat(SpanKind.of(15)).isEmpty();
  }
}
