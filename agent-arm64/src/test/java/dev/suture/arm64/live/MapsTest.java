package dev.suture.arm64.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.suture.arm64.linux.DeviceNumber;
import java.io.IOException;
import java.io.StringReader;
import java.util.Set;
import org.junit.jupiter.api.Test;

class MapsTest {
  private static final Set<DeviceNumber> OLD = Set.of(new DeviceNumber(253, 17));
  private static final String ANONYMOUS = "7ffe1000-7ffe2000 rw-p 00000000 00:00 0 \n";
  private static final String OTHER =
      "55b68f88b000-55b68f88d000 r--p 00000000 fe:00 260131                     /usr/bin/cat\n";

  /** 253:17 in hexadecimal digits. */
  private static final String MAPPED =
      "7f0000000000-7f0000001000 r-xp 00002000 fd:11 42                         /lib/a library.so\n";

  private static Maps read(String text) throws IOException {
    return Maps.read(new StringReader(text), OLD);
  }

  @Test
  void read_mapping_isFoundWithItsPath() throws IOException {
    assertThat(read(ANONYMOUS + OTHER + MAPPED).old()).contains("maps /lib/a library.so");
    assertThat(read(ANONYMOUS + OTHER).old()).isEmpty();
    assertThat(read(ANONYMOUS + OTHER).isThere()).isTrue();
  }

  @Test
  void read_nothing_isNothing() throws IOException {
    assertThat(read("").isThere()).isFalse();
  }

  /** Whoever calls a file so must not hide what stands behind it, or keep it from being read. */
  @Test
  void read_pathOfAnyKind_endsAtTheNewlineAlone() throws IOException {
    for (String path :
        new String[] {"/memfd:a\rb", "/x y z", "/\u00e9\u0085", "/" + "x".repeat(5_000)}) {
      assertThat(read(OTHER.replace("/usr/bin/cat", path) + MAPPED).old()).as(path).isPresent();
    }
  }

  @Test
  void read_numberAlike_isNotTheDevice() throws IOException {
    assertThat(read(MAPPED.replace("fd:11", "fd:17")).old()).isEmpty();
    assertThat(read(MAPPED.replace("fd:11", "11:fd")).old()).isEmpty();
    assertThat(read(MAPPED.replace(" 42 ", " 0 ")).old()).isEmpty();
  }

  @Test
  void read_tooFewWords_isRefused() {
    for (String line :
        new String[] {"\n", "a\n", "a b c d\n", "a b c fd:11 42\n", "a b c fd 42 \n"}) {
      assertThatThrownBy(() -> read(line)).as(line).isInstanceOf(IllegalArgumentException.class);
    }
  }
}
