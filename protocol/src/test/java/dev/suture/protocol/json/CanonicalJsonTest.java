package dev.suture.protocol.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CanonicalJsonTest {
  private static String canonical(String json) {
    byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
    return new String(
        CanonicalJson.encode(StrictJson.parse("test", bytes, bytes.length)),
        StandardCharsets.UTF_8);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{}|{}",
        "{ \"b\" : 1 , \"a\" : [ ] }|{\"a\":[],\"b\":1}",
        "{\"a\":{\"c\":null,\"b\":true},\"A\":[1,-2,{\"x\":\"y\"}]}"
            + "|{\"A\":[1,-2,{\"x\":\"y\"}],\"a\":{\"b\":true,\"c\":null}}",
        "{\"q\":\"\\\"\\\\/\\u00e4\"}|{\"q\":\"\\\"\\\\/\u00e4\"}",
      })
  void encode_isSortedAndWithoutSpace(String json, String canonical) {
    assertThat(canonical(json)).isEqualTo(canonical);
  }

  @Test
  void encode_controlCharacters_areNotEscaped() {
    assertThat(canonical("{\"pem\":\"-\\n\\t\\u0001-\"}")).isEqualTo("{\"pem\":\"-\n\t\u0001-\"}");
  }

  @Test
  void encode_namesAreSortedByCodePoint_notByUtf16() {
    assertThat(canonical("{\"\ud83d\ude00\":1,\"\uffee\":2,\"a\":3,\"aa\":4}"))
        .isEqualTo("{\"a\":3,\"aa\":4,\"\uffee\":2,\"\ud83d\ude00\":1}");
  }

  @ParameterizedTest
  @CsvSource({"\\ud83d", "\\ude00", "\\ude00\\ud83d", "\\ud83dx"})
  void encode_halfASurrogatePair_isRefused(String escaped) {
    assertThatThrownBy(() -> canonical("{\"a\":\"" + escaped + "\"}"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("surrogate");
  }
}
