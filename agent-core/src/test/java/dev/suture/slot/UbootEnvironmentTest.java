package dev.suture.slot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UbootEnvironmentTest {
  private static final int BYTES = 64;

  /** A copy with a right checksum around any text. */
  static byte[] copy(int flags, String text, int bytes) {
    byte[] content = Arrays.copyOf(text.getBytes(StandardCharsets.ISO_8859_1), bytes - 5);
    CRC32 crc = new CRC32();
    crc.update(content);
    return ByteBuffer.allocate(bytes)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt((int) crc.getValue())
        .put((byte) flags)
        .put(content)
        .array();
  }

  @Test
  void decode_valuesOfEveryKind_keepsBytesAndOrder() {
    byte[] copy = copy(7, "z=1\0a=\u00fc=\u0001\0odd\0e=\0\0", BYTES);
    UbootEnvironment environment = UbootEnvironment.decode(copy);
    assertThat(environment.flags()).isEqualTo(7);
    assertThat(environment.value("z")).contains("1");
    assertThat(environment.value("a")).contains("\u00fc=\u0001");
    assertThat(environment.value("e")).isEmpty();
    assertThat(environment.value("odd")).isEmpty();
    assertThat(environment.encode(BYTES, 7)).isEqualTo(copy);
  }

  @Test
  void with_ownVariables_changesThemInPlaceAndNoOthers() {
    UbootEnvironment before = UbootEnvironment.decode(copy(7, "z=1\0own=1\0a=2\0own=3\0\0", BYTES));
    assertThat(before.value("own")).as("as U-Boot: the last one").contains("3");
    UbootEnvironment after = before.with(new TreeMap<>(Map.of("own", "4", "new", "5")));
    assertThat(after.encode(BYTES, 8)).isEqualTo(copy(8, "z=1\0own=4\0a=2\0new=5\0\0", BYTES));
  }

  @Test
  void encode_doesNotFit_isRefused() {
    UbootEnvironment environment = UbootEnvironment.EMPTY.with(Map.of("a", "1"));
    assertThat(environment.encode(10, 255)).isEqualTo(copy(255, "a=1\0\0", 10));
    assertThatThrownBy(() -> environment.encode(9, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected at most 9 bytes, got 10");
  }

  @Test
  void decode_noEndOrTruncatedOrFlipped_isRefused() {
    byte[] valid = copy(1, "a=1\0\0", BYTES);
    for (int length = 0; length < valid.length; length++) {
      byte[] truncated = Arrays.copyOf(valid, length);
      assertThatThrownBy(() -> UbootEnvironment.decode(truncated))
          .isInstanceOf(IllegalArgumentException.class);
    }
    for (int bit = 0; bit < valid.length * 8; bit++) {
      if (bit / 8 == 4) {
        continue; // The checksum is not about the flags.
      }
      byte[] flipped = valid.clone();
      flipped[bit / 8] ^= (byte) (1 << bit % 8);
      assertThatThrownBy(() -> UbootEnvironment.decode(flipped))
          .isInstanceOf(IllegalArgumentException.class);
    }
    byte[] endless = copy(1, "a=" + "1".repeat(BYTES), BYTES);
    assertThatThrownBy(() -> UbootEnvironment.decode(endless))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected an end");
    byte[] oneZero = copy(1, "a=" + "1".repeat(BYTES - 8) + "\0", BYTES);
    assertThatThrownBy(() -> UbootEnvironment.decode(oneZero))
        .isInstanceOf(IllegalArgumentException.class);
  }

  /** As U-Boot's {@code env_check_redund} decides. */
  @ParameterizedTest
  @CsvSource({
    "0, 0, true",
    "1, 0, true",
    "0, 1, false",
    "255, 0, false",
    "0, 255, true",
    "255, 254, true",
    "254, 255, false",
    "255, 1, true",
    "1, 255, false",
    "200, 200, true"
  })
  void isNewerOrEqual_anyPairOfFlags_isUbootsChoice(int first, int second, boolean isFirst) {
    assertThat(
            UbootEnvironment.decode(copy(first, "\0", BYTES))
                .isNewerOrEqual(UbootEnvironment.decode(copy(second, "\0", BYTES))))
        .isEqualTo(isFirst);
  }

  @Test
  void equals_sameVariablesAndFlags_isTheSame() {
    UbootEnvironment one = UbootEnvironment.decode(copy(3, "a=1\0\0", BYTES));
    assertThat(one)
        .isEqualTo(UbootEnvironment.decode(copy(3, "a=1\0\0", BYTES)))
        .hasSameHashCodeAs(UbootEnvironment.decode(copy(3, "a=1\0\0", BYTES)))
        .isNotEqualTo(UbootEnvironment.decode(copy(4, "a=1\0\0", BYTES)))
        .isNotEqualTo(UbootEnvironment.decode(copy(3, "a=2\0\0", BYTES)));
    assertThat(one).hasToString("environment 3 [a=1]");
  }
}
