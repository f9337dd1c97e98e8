package dev.suture.protocol.seal;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.suture.protocol.FileRef;
import dev.suture.protocol.Sha256;
import org.junit.jupiter.api.Test;

class SealedFileTest {
  private static final Sha256 DIGEST = Sha256.of(new byte[0]);

  @Test
  void sealedBytes_ofWholeAndPartSegments_countsHeaderAndTags() {
    assertThat(SealedFile.sealedBytes(0)).isEqualTo(56);
    assertThat(SealedFile.sealedBytes(65_480)).isEqualTo(65_536);
    assertThat(SealedFile.sealedBytes(65_481)).isEqualTo(65_536 + 17);
    assertThat(SealedFile.sealedBytes(65_480 + 65_520)).isEqualTo(2 * 65_536);
    assertThatThrownBy(() -> SealedFile.sealedBytes(-1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> SealedFile.sealedBytes(Long.MAX_VALUE))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void file_ofAnotherLength_isRefused() {
    SealedFile file = new SealedFile(new FileRef("a/b", 57, DIGEST), 1);
    assertThat(new String(file.associatedData(), US_ASCII))
        .isEqualTo("suture sealed file 1\na/b\n1\n");
    for (long bytes : new long[] {0, 1, 56, 58, FileRef.BYTES_MAX}) {
      assertThatThrownBy(() -> new SealedFile(new FileRef("a/b", bytes, DIGEST), 1))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("expected 57 bytes");
    }
  }

  @Test
  void key_asText_isReadBackAndNotShown() {
    String hex = "00ff".repeat(16);
    SealKey key = SealKey.ofHex(hex);
    assertThat(key.toHex()).isEqualTo(hex);
    assertThat(key).isEqualTo(SealKey.ofBytes(key.toBytes())).hasSameHashCodeAs(SealKey.ofHex(hex));
    assertThat(key).isNotEqualTo(SealKey.ofHex("01ff" + "00ff".repeat(15)));
    assertThat(key.toString()).doesNotContain("00ff");
    for (String wrong :
        new String[] {"", "00", hex + "00", hex.replace('f', 'g'), "FF".repeat(32)}) {
      assertThatThrownBy(() -> SealKey.ofHex(wrong)).isInstanceOf(IllegalArgumentException.class);
    }
    assertThatThrownBy(() -> SealKey.ofBytes(new byte[31]))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
