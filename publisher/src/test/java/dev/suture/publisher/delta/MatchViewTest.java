package dev.suture.publisher.delta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MatchViewTest {
  private static final int CODE_AT = 1024;
  private static final int CALL = 0x94000010;

  @TempDir Path folder = Path.of("replaced by JUnit");

  private Path file() throws Exception {
    byte[] elf = new SmallElf(4096).segment(CODE_AT, 3072, 0x1000, true).bytes();
    ByteBuffer.wrap(elf).order(ByteOrder.LITTLE_ENDIAN).putInt(CODE_AT + 8, CALL);
    return Files.write(folder.resolve("image"), elf);
  }

  @Test
  void make_ofACall_hasItsTargetInsteadOfItsDistance() throws Exception {
    Path file = file();
    AddressedFile elf = AddressedFile.find(MappedImage.map(file)).get(0);
    MatchView.make(file, elf, elf::address);
    int word =
        ByteBuffer.wrap(Files.readAllBytes(file))
            .order(ByteOrder.LITTLE_ENDIAN)
            .getInt(CODE_AT + 8);
    assertThat(word).isEqualTo(0x94000000 | (0x1008 + 0x40) / 4);
  }

  /** Interrupting closes channels: what is thrown then is no failure of the disk. */
  @Test
  void make_interrupted_saysSo() throws Exception {
    Path file = file();
    AddressedFile elf = AddressedFile.find(MappedImage.map(file)).get(0);
    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> MatchView.make(file, elf, elf::address))
        .isInstanceOf(InterruptedException.class);
    assertThat(Thread.interrupted()).isFalse();
  }
}
