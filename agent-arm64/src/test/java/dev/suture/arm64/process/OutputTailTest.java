package dev.suture.arm64.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class OutputTailTest {
  private static final int BYTES = 4096;

  /** The last line of what is kept of these. */
  private static String lastLine(String... chunks) {
    OutputTail tail = new OutputTail(BYTES);
    for (String chunk : chunks) {
      byte[] bytes = chunk.getBytes(StandardCharsets.ISO_8859_1);
      ByteBuffer buffer = ByteBuffer.allocateDirect(BYTES);
      buffer.put(0, bytes);
      tail.append(buffer, bytes.length);
    }
    return new BoundedProcess.Ended(OptionalInt.empty(), tail.text()).lastLine();
  }

  @Test
  void lastLine_isTheLastThatIsNotBlank() {
    assertThat(lastLine("one\ntwo \n\n  \n")).isEqualTo("two");
    assertThat(lastLine("one\ntw", "o")).isEqualTo("two");
    assertThat(lastLine("one\r\n")).isEqualTo("one");
    assertThat(lastLine("\n \t\n")).isEmpty();
    assertThat(lastLine()).isEmpty();
  }

  @Test
  void append_moreThanIsKept_keepsTheEnd() {
    for (int length : new int[] {1, 4095, 4096}) {
      String whole = "x".repeat(length);
      assertThat(lastLine("first\n", whole)).isEqualTo(whole);
      assertThat(lastLine(whole, "\nlast")).isEqualTo("last");
      assertThat(lastLine(whole, whole, "\n")).matches("x+").hasSizeLessThan(4097);
    }
  }

  @Test
  void lastLine_ofBytesThatAreNoText_isSomething() {
    assertThat(lastLine("\u00ff\u00fe\u0000")).isNotEmpty();
  }
}
