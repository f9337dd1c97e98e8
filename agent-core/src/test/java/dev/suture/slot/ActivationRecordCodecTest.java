package dev.suture.slot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.suture.protocol.Sha256;
import dev.suture.protocol.Slot;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ActivationRecordCodecTest {
  private static final Sha256 A = Sha256.ofHex("a1".repeat(32));
  private static final Sha256 B = Sha256.ofHex("b2".repeat(32));
  private static final ActivationRecord RECORD =
      new ActivationRecord(
          0x1f,
          Slot.A,
          2,
          Optional.of(Slot.B),
          3,
          new SlotContent(SlotContent.State.WHOLE, Optional.of(A)),
          new SlotContent(SlotContent.State.WHOLE, Optional.of(B)),
          'b');
  private static final String TEXT =
      "su_a=whole\0su_a_id="
          + "a1".repeat(32)
          + "\0su_active=a\0su_b=whole\0su_b_id="
          + "b2".repeat(32)
          + "\0su_os=b\0su_seq=1f\0su_starts=2\0su_trial=b\0su_tries=3\0su_v=1\0\0";

  /** CRC-32 of the golden text by another implementation: Python's zlib. */
  private static final int CRC_OF_GOLDEN = 0xa556ffee;

  /** A copy with a right checksum around any text. */
  private static byte[] copy(String text) {
    byte[] content = Arrays.copyOf(text.getBytes(StandardCharsets.ISO_8859_1), 508);
    CRC32 crc = new CRC32();
    crc.update(content);
    return ByteBuffer.allocate(512)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt((int) crc.getValue())
        .put(content)
        .array();
  }

  @Test
  void encode_record_isTheUBootEnvironment() {
    byte[] copy = ActivationRecordCodec.encode(RECORD);
    assertThat(copy).isEqualTo(copy(TEXT));
    assertThat(ByteBuffer.wrap(copy).order(ByteOrder.LITTLE_ENDIAN).getInt())
        .isEqualTo(CRC_OF_GOLDEN);
  }

  @Test
  void decode_withoutStarts_isARecordFromBeforeTheyWereCounted() {
    assertThat(ActivationRecordCodec.decode(copy(TEXT.replace("su_starts=2\0", ""))).starts())
        .isZero();
  }

  @Test
  void encode_factory_isTheUBootEnvironment() {
    assertThat(ActivationRecordCodec.encode(ActivationRecord.factory('a')))
        .isEqualTo(
            copy(
                "su_a=empty\0su_a_id=-\0su_active=base\0su_b=empty\0su_b_id=-\0su_os=a\0su_seq=1\0"
                    + "su_starts=0\0su_trial=none\0su_tries=0\0su_v=1\0\0"));
  }

  @Test
  void decode_everyKindOfRecord_isWhatWasEncoded_unlessItStartsWhatIsNotWhole() {
    for (Slot active : Slot.values()) {
      for (Slot trial : Slot.values()) {
        if (trial != Slot.BASE && trial == active) {
          continue;
        }
        for (SlotContent.State state : SlotContent.State.values()) {
          SlotContent content =
              state == SlotContent.State.EMPTY
                  ? SlotContent.EMPTY
                  : new SlotContent(state, Optional.of(A));
          ActivationRecord record =
              new ActivationRecord(
                  ActivationRecord.SEQUENCE_MAX,
                  active,
                  active == Slot.BASE ? 0 : ActivationRecord.STARTS_MAX,
                  trial == Slot.BASE ? Optional.empty() : Optional.of(trial),
                  trial == Slot.BASE ? 0 : ActivationRecord.TRIES_MAX,
                  content,
                  SlotContent.EMPTY,
                  'a');
          byte[] copy = ActivationRecordCodec.encode(record);
          if (isWholeWhereItStarts(record, active) && isWholeWhereItStarts(record, trial)) {
            assertThat(ActivationRecordCodec.decode(copy)).isEqualTo(record);
          } else {
            assertThatThrownBy(() -> ActivationRecordCodec.decode(copy))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected a whole slot");
          }
        }
      }
    }
  }

  private static boolean isWholeWhereItStarts(ActivationRecord record, Slot slot) {
    return slot == Slot.BASE || record.content(slot).state() == SlotContent.State.WHOLE;
  }

  @Test
  void decode_otherOrderAndUnknownVariables_asUBootWritesThem_isTheRecord() {
    assertThat(
            ActivationRecordCodec.decode(
                copy("zz=1\0" + TEXT.substring(0, TEXT.length() - 1) + "aa=\0\0")))
        .isEqualTo(RECORD);
  }

  @Test
  void decode_nothingOnTrial_hasNoTries_whateverIsLeftOfThem() {
    ActivationRecord decoded =
        ActivationRecordCodec.decode(copy(TEXT.replace("su_trial=b", "su_trial=none")));
    assertThat(decoded.trial()).isEmpty();
    assertThat(decoded.tries()).isZero();
  }

  @Test
  void decode_variableBehindTheEnd_isNotRead() {
    assertThat(ActivationRecordCodec.decode(copy(TEXT + "su_seq=99\0"))).isEqualTo(RECORD);
  }

  @Test
  void decode_lastVariableHasNoEnd_isNotRead() {
    String ended = TEXT.substring(0, TEXT.length() - 1);
    assertThat(ActivationRecordCodec.decode(copy(ended + "su_seq=" + "9".repeat(508))))
        .isEqualTo(RECORD);
  }

  @Test
  void decode_truncatedAnywhere_isRefused() {
    byte[] copy = ActivationRecordCodec.encode(RECORD);
    for (int length = 0; length < copy.length; length++) {
      byte[] truncated = Arrays.copyOf(copy, length);
      assertThatThrownBy(() -> ActivationRecordCodec.decode(truncated))
          .isInstanceOf(IllegalArgumentException.class);
    }
    assertThatThrownBy(() -> ActivationRecordCodec.decode(Arrays.copyOf(copy, 513)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void decode_anyBitFlipped_isRefused() {
    byte[] copy = ActivationRecordCodec.encode(RECORD);
    for (int bit = 0; bit < copy.length * 8; bit++) {
      byte[] flipped = copy.clone();
      flipped[bit / 8] ^= (byte) (1 << bit % 8);
      assertThatThrownBy(() -> ActivationRecordCodec.decode(flipped))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void decode_zeros_isRefused() {
    assertThatThrownBy(() -> ActivationRecordCodec.decode(new byte[512]))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> ActivationRecordCodec.decode(copy("")))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "su_v",
        "su_seq",
        "su_active",
        "su_trial",
        "su_tries",
        "su_a",
        "su_b",
        "su_a_id",
        "su_b_id",
        "su_os"
      })
  void decode_variableMissing_isRefused(String name) {
    for (ActivationRecord record : new ActivationRecord[] {RECORD, ActivationRecord.factory('a')}) {
      String text =
          new String(ActivationRecordCodec.encode(record), 4, 508, StandardCharsets.US_ASCII);
      String without = text.replaceFirst(name + "=[^\0]*\0", "");
      assertThat(without).isNotEqualTo(text);
      assertThatThrownBy(() -> ActivationRecordCodec.decode(copy(without)))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "su_v=2", "su_seq=", "su_seq=xyz", "su_seq=10000000000000000", "su_active=c", "su_active=",
        "su_trial=base", "su_trial=a", "su_tries=10", "su_tries=g", "su_tries=-1", "su_a=good",
        "su_a=empty", "su_a_id=-", "su_a_id=a1", "su_os=c", "su_os=ab", "su_os="
      })
  void decode_variableWithABadValue_isRefused(String assignment) {
    String name = assignment.substring(0, assignment.indexOf('='));
    String changed = TEXT.replaceFirst(name + "=[^\0]*\0", assignment + "\0");
    assertThat(changed).isNotEqualTo(TEXT);
    assertThatThrownBy(() -> ActivationRecordCodec.decode(copy(changed)))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
