package dev.suture.protocol.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.google.gson.stream.JsonWriter;
import com.sun.management.ThreadMXBean;
import dev.suture.fuzz.Bytes;
import dev.suture.fuzz.ParserContract;
import dev.suture.fuzz.Seeds;
import dev.suture.fuzz.Sweep;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class StrictJsonFuzzTest {
  private static final int BYTES_MAX = 1 << 20;
  private static final String SAMPLE =
      "{\"text\":\"\u00e4\\n\\u20ac\\ud83d\\ude00\",\"n\":-12,\"big\":9223372036854775807,\"yes\":true,"
          + "\"none\":null,\"list\":[1,[2,{}],\"x\"],\"deep\":{\"a\":{\"b\":{\"\":0}}}}";

  private final ParserContract<Fields> contract =
      ParserContract.refusingBy(
              "strict JSON",
              bytes -> StrictJson.parse("document", bytes, BYTES_MAX),
              IllegalArgumentException.class)
          .writtenBy(document -> JsonText.compact(json -> members(json, document.members())))
          .allocatingAtMost(64 << 10, 512);

  private static void members(JsonWriter json, Map<String, Object> members) throws IOException {
    for (Map.Entry<String, Object> member : members.entrySet()) {
      json.name(member.getKey());
      value(json, member.getValue());
    }
  }

  private static void value(JsonWriter json, Object value) throws IOException {
    if (value instanceof Map<?, ?> map) {
      json.beginObject();
      for (Map.Entry<?, ?> member : map.entrySet()) {
        json.name(String.valueOf(member.getKey()));
        value(json, member.getValue());
      }
      json.endObject();
    } else if (value instanceof List<?> list) {
      json.beginArray();
      for (Object item : list) {
        value(json, item);
      }
      json.endArray();
    } else if (value instanceof String text) {
      json.value(text);
    } else if (value instanceof Long number) {
      json.value(number);
    } else if (value instanceof Boolean bool) {
      json.value(bool);
    } else {
      json.setSerializeNulls(true);
      json.nullValue();
    }
  }

  @FuzzTest
  void fuzz(byte[] input) {
    contract.check(input);
  }

  @Test
  void sweep_everyByteAndNumber_keepsTheContract() {
    byte[] sample = Seeds.sample(getClass(), "valid", Bytes.of(SAMPLE));
    Sweep.around(contract, sample).everyByte().textNumbers().keepsTheContract();
  }

  @Test
  void parse_mostExpensiveDocument_allocatesNoMoreThanStated() {
    // 16 levels of the longest names, then as many values as may be: each value's path is built.
    String name = "\u20ac".repeat(StrictJson.NAME_CHARS_MAX);
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < StrictJson.DEPTH_MAX - 1; i++) {
      text.append("{\"").append(name).append("\":");
    }
    text.append('[').append("0,".repeat(StrictJson.VALUES_MAX - StrictJson.DEPTH_MAX)).append("0]");
    text.append("}".repeat(StrictJson.DEPTH_MAX - 1));
    byte[] document = Bytes.of(text.toString());
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    assertThat(contract.check(new byte[0])).isEmpty();
    long before = threads.getCurrentThreadAllocatedBytes();
    assertThat(StrictJson.parse("document", document, BYTES_MAX).path()).isEqualTo("document");
    long allocated = threads.getCurrentThreadAllocatedBytes() - before;
    System.out.println(
        "strict JSON: the most expensive document, "
            + document.length
            + " bytes, took "
            + allocated);
    assertThat(allocated).isLessThan(256L << 20);
  }

  @Test
  void parse_longerThanTheLimit_isNotLookedAt() {
    byte[] document = new byte[BYTES_MAX + 1];
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    assertThatThrownBy(() -> StrictJson.parse("document", document, BYTES_MAX))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(1 << 20);
  }
}
