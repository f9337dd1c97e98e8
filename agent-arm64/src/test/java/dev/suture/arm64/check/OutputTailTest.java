package dev.suture.arm64.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class OutputTailTest {
  private static OutputTail of(String... chunks) {
    OutputTail tail = new OutputTail();
    for (String chunk : chunks) {
      byte[] bytes = chunk.getBytes(StandardCharsets.ISO_8859_1);
      ByteBuffer buffer = ByteBuffer.allocateDirect(OutputTail.BYTES);
      buffer.put(0, bytes);
      tail.append(buffer, bytes.length);
    }
    return tail;
  }

  @Test
  void lastLine_isTheLastThatIsNotBlank() {
    assertThat(of("one\ntwo \n\n  \n").lastLine()).isEqualTo("two");
    assertThat(of("one\ntw", "o").lastLine()).isEqualTo("two");
    assertThat(of("one\r\n").lastLine()).isEqualTo("one");
    assertThat(of("\n \t\n").lastLine()).isEmpty();
    assertThat(of().lastLine()).isEmpty();
  }

  @Test
  void append_moreThanIsKept_keepsTheEnd() {
    for (int length : new int[] {1, 4095, 4096}) {
      String whole = "x".repeat(length);
      assertThat(of("first\n", whole).lastLine()).isEqualTo(whole);
      assertThat(of(whole, "\nlast").lastLine()).isEqualTo("last");
      assertThat(of(whole, whole, "\n").lastLine()).matches("x+").hasSizeLessThan(4097);
    }
  }

  @Test
  void lastLine_ofBytesThatAreNoText_isSomething() {
    assertThat(of("\u00ff\u00fe\u0000").lastLine()).isNotEmpty();
  }
}
