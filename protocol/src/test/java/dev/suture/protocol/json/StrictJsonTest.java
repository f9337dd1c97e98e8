package dev.suture.protocol.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StrictJsonTest {
  private static Fields parse(String text) {
    return StrictJson.parse("doc", text.getBytes(StandardCharsets.UTF_8), 4 << 20);
  }

  private static void assertRefused(String text, String... named) {
    assertThatThrownBy(() -> parse(text))
        .isInstanceOfSatisfying(
            IllegalArgumentException.class,
            e -> {
              for (String one : named) {
                assertThat(e.getMessage()).contains(one);
              }
            });
  }

  @Test
  void parse_everyKindOfValue_isReadByName() {
    Fields doc =
        parse(
            "{\"t\":\"\\u00e4\\n\",\"i\":-9223372036854775808,\"b\":true,\"n\":null,"
                + "\"o\":{\"x\":1},\"l\":[{\"y\":2}],\"s\":[\"a\",\"b\"]}");
    assertThat(doc.text("t")).isEqualTo("\u00e4\n");
    assertThat(doc.integer("i", Long.MIN_VALUE, 0)).isEqualTo(Long.MIN_VALUE);
    assertThat(doc.bool("b")).isTrue();
    assertThat(doc.has("n")).isFalse();
    assertThat(doc.has("absent")).isFalse();
    assertThat(doc.optionalText("n")).isEmpty();
    assertThat(doc.object("o").integer("x", 0, 9)).isEqualTo(1);
    assertThat(doc.objects("l", 1).get(0).path()).isEqualTo("doc.l[0]");
    assertThat(doc.texts("s", 2)).containsExactly("a", "b");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "[]",
        "1",
        "null",
        "{",
        "{}x",
        "{}{}",
        "{\"a\":1,}",
        "{\"a\":}",
        "{a:1}",
        "{'a':1}",
        "{\"a\":1 /* no */}",
        "// no\n{}",
        "{\"a\":01}",
        "{\"a\":+1}",
        "{\"a\":.5}",
        "{\"a\":NaN}",
        "{\"a\":TRUE}",
        "{\"a\":\"\n\"}",
        "{\"a\":\"\\x\"}",
        "{\"a\";1}",
        "\ufeff{\"a\":[1,2}",
        ")]}'\n{}"
      })
  void parse_notStrictJson_isRefused(String text) {
    assertRefused(text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1.0",
        "1.5",
        "1e3",
        "9223372036854775808",
        "-9223372036854775809",
        "99999999999999999999999999999999999999999999999999"
      })
  void parse_numberThatIsNoLong_isRefused(String number) {
    assertRefused("{\"a\":" + number + "}", "doc.a");
    assertRefused("{\"a\":[[" + number + "]]}", "doc.a[0][0]");
  }

  @Test
  void parse_numberOfAMillionDigits_isRefused() {
    assertRefused("{\"a\":1" + "0".repeat(1_000_000) + "}");
  }

  @Test
  void parse_unpairedSurrogate_isRefused() {
    assertRefused("{\"a\":\"\\ud800\"}", "surrogate");
    assertRefused("{\"a\":[\"\\ude00\\ud83d\"]}", "surrogate");
    assertRefused("{\"\\udfff\":1}", "surrogate");
    assertThat(parse("{\"a\":\"\\ud83d\\ude00\"}").text("a")).isEqualTo("\ud83d\ude00");
  }

  @Test
  void parse_nameTwice_isRefusedNamingIt() {
    assertRefused("{\"a\":1,\"b\":{\"c\":1,\"c\":2}}", "doc.b", "\"c\"");
  }

  @Test
  void parse_nestedTooDeeply_isRefused() {
    int deepest = StrictJson.DEPTH_MAX - 1;
    assertThat(parse("{\"a\":" + "[".repeat(deepest) + "]".repeat(deepest) + "}").has("a"))
        .isTrue();
    assertRefused("{\"a\":" + "[".repeat(deepest + 1) + "]".repeat(deepest + 1) + "}");
    assertRefused("{\"a\":" + "[".repeat(1_000_000));
    assertRefused("{\"a\":".repeat(500_000));
  }

  @Test
  void parse_tooManyValues_isRefused() {
    assertThat(parse("{\"a\":[" + "1,".repeat(StrictJson.VALUES_MAX - 2) + "1]}").has("a"))
        .isTrue();
    assertRefused("{\"a\":[" + "1,".repeat(StrictJson.VALUES_MAX) + "1]}", "20000");
  }

  @Test
  void parse_tooLong_isRefusedBeforeItIsLookedAt() {
    assertThatThrownBy(() -> StrictJson.parse("doc", new byte[11], 10))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("at most 10 bytes, got 11");
  }

  @Test
  void parse_notUtf8_isRefused() {
    for (byte[] bad :
        new byte[][] {
          {'{', '"', (byte) 0xff, '"', ':', '1', '}'},
          {'{', '"', (byte) 0xc0, (byte) 0x80, '"', ':', '1', '}'},
          {'{', '"', 'a', '"', ':', '"', (byte) 0xed, (byte) 0xa0, (byte) 0x80, '"', '}'},
          {'{', '"', 'a', '"', ':', '"', (byte) 0xe2, (byte) 0x82}
        }) {
      assertThatThrownBy(() -> StrictJson.parse("doc", bad, 100))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void parse_truncatedAnywhere_isRefused() {
    String good = "{\"t\":\"\\u00e4x\",\"i\":-12,\"b\":true,\"n\":null,\"l\":[{\"y\":2},\"z\"]}";
    parse(good);
    for (int length = 0; length < good.length(); length++) {
      assertRefused(good.substring(0, length));
    }
  }

  @Test
  void parse_nameTooLong_isRefused() {
    String longest = "a".repeat(StrictJson.NAME_CHARS_MAX);
    assertThat(parse("{\"" + longest + "\":1}").has(longest)).isTrue();
    assertRefused("{\"" + longest + "a\":1}", "128", "129");
  }

  @Test
  void parse_longNamesAndManyValues_takesNoLongerThanItsLength() {
    String hostile = "{\"" + "a".repeat(1_900_000) + "\":[" + "1,".repeat(19_990) + "1]}";
    Assertions.assertTimeoutPreemptively(
        Duration.ofSeconds(3),
        () -> {
          try {
            parse(hostile);
          } catch (IllegalArgumentException e) {
            assertThat(e.getMessage()).hasSizeLessThan(2_000);
          }
        });
  }

  @Test
  void fields_otherKind_isRefusedWithPathExpectedAndGot() {
    Fields doc = parse("{\"t\":\"x\",\"i\":5,\"l\":[1],\"o\":{},\"n\":null}");
    assertThatThrownBy(() -> doc.text("i")).hasMessage("doc.i: expected a string, got an integer");
    assertThatThrownBy(() -> doc.text("absent"))
        .hasMessage("doc.absent: expected a string, got nothing");
    assertThatThrownBy(() -> doc.text("n")).hasMessage("doc.n: expected a string, got null");
    assertThatThrownBy(() -> doc.bool("t"))
        .hasMessage("doc.t: expected true or false, got a string");
    assertThatThrownBy(() -> doc.integer("i", 6, 9)).hasMessageContaining("from 6 to 9, got 5");
    assertThatThrownBy(() -> doc.integer("i", 0, 4)).hasMessageContaining("from 0 to 4, got 5");
    assertThatThrownBy(() -> doc.integer("t", 0, 4)).hasMessageContaining("got a string");
    assertThatThrownBy(() -> doc.objects("l", 9)).hasMessageContaining("doc.l[0]");
    assertThatThrownBy(() -> doc.texts("l", 9)).hasMessageContaining("doc.l[0]");
    assertThatThrownBy(() -> doc.texts("l", 0)).hasMessageContaining("at most 0 items, got 1");
    assertThatThrownBy(() -> doc.object("l")).hasMessageContaining("got a list");
    assertThatThrownBy(() -> doc.objects("o", 9)).hasMessageContaining("got an object");
    assertThatThrownBy(() -> doc.parsed("t", Integer::valueOf)).hasMessageContaining("doc.t: ");
    assertThatThrownBy(() -> doc.onlyThese("t", "i", "l", "o")).hasMessageContaining("\"n\"");
  }

  @Test
  void tuple_namesItsValues() {
    Fields doc = parse("{\"d\":[[[\"a\",1],[\"b\",2]],true]}");
    Fields both = doc.tuple("d", "rows", "last");
    assertThat(both.bool("last")).isTrue();
    assertThat(both.tuples("rows", 2, "name", "number"))
        .extracting(row -> row.text("name") + row.integer("number", 0, 9))
        .containsExactly("a1", "b2");
  }

  @Test
  void tuple_otherKindOrLength_isRefusedWithPathExpectedAndGot() {
    Fields doc = parse("{\"d\":[[\"a\",1],[\"b\"],3],\"o\":{}}");
    assertThatThrownBy(() -> doc.tuple("o", "x"))
        .hasMessage("doc.o: expected a list, got an object");
    assertThatThrownBy(() -> doc.tuple("d", "x")).hasMessage("doc.d: expected x, got 3 values");
    assertThatThrownBy(() -> doc.tuples("d", 2, "x", "y"))
        .hasMessage("doc.d: expected at most 2 items, got 3");
    assertThatThrownBy(() -> doc.tuples("d", 3, "x", "y"))
        .hasMessage("doc.d[1]: expected x, y, got 1 values");
    Fields number = parse("{\"d\":[[\"a\",1],3]}");
    assertThatThrownBy(() -> number.tuples("d", 3, "x", "y"))
        .hasMessage("doc.d[1]: expected a list, got an integer");
  }

  @Test
  void jsonText_sameBody_isReadBack() {
    JsonText.Body body = out -> out.name("a").value("<\u00e4\u2028\"\\>").name("b").value(1);
    assertThat(new String(JsonText.compact(body), StandardCharsets.UTF_8))
        .isEqualTo("{\"a\":\"<\u00e4\\u2028\\\"\\\\>\",\"b\":1}\n");
    assertThat(StrictJson.parse("doc", JsonText.indented(body), 100).text("a"))
        .isEqualTo("<\u00e4\u2028\"\\>");
  }
}
