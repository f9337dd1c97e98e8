package dev.suture.arm64.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.FileOutputStream;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class PipeTest {
  private final ByteBuffer target = ByteBuffer.allocateDirect(4);

  @Test
  void read_saysWhatIsThere_whatMayCome_andTheEnd() throws Exception {
    try (Pipe pipe = Pipe.open()) {
      assertThat(pipe.read(target)).isEqualTo(Pipe.NOTHING_YET);
      try (FileOutputStream writer = new FileOutputStream(pipe.writeEnd())) {
        pipe.closeWriteEnd();
        writer.write(new byte[] {1, 2, 3, 4, 5});
        assertThat(pipe.read(target)).isEqualTo(4);
        assertThat(target.get(3)).isEqualTo((byte) 4);
        assertThat(pipe.read(target)).isEqualTo(1);
        assertThat(target.get(0)).isEqualTo((byte) 5);
        assertThat(pipe.read(target)).isEqualTo(Pipe.NOTHING_YET);
      }
      assertThat(pipe.read(target)).isZero();
    }
  }

  @Test
  void killGroup_ofNobody_saysSo() throws LinuxException {
    assertThat(Linux.killGroup(Integer.MAX_VALUE)).isFalse();
  }

  /** kill(2) would take -1 for everybody. */
  @Test
  void killGroup_ofNoGroup_isRefused() {
    for (int number : new int[] {1, 0, -1, Integer.MIN_VALUE}) {
      assertThatThrownBy(() -> Linux.killGroup(number))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(Integer.toString(number));
    }
  }
}
