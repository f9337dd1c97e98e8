package dev.suture.arm64.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.suture.arm64.linux.DeviceNumber;
import dev.suture.protocol.Sha256;
import dev.suture.protocol.manifest.ImageIdentity;
import org.junit.jupiter.api.Test;

class VerityTableTest {
  static final Sha256 ROOT = Sha256.of(new byte[] {1});
  static final Sha256 SALT = Sha256.of(new byte[] {2});
  static final ImageIdentity IDENTITY =
      new ImageIdentity(5 * 4096, Sha256.of(new byte[] {3}), ROOT, SALT);

  @Test
  void parameters_ofAnImage_areThoseOfTheKernelsDocumentation() {
    VerityTable table = VerityTable.of(new DeviceNumber(7, 3), IDENTITY);

    assertThat(table.parameters())
        .isEqualTo("1 7:3 7:3 4096 4096 5 5 sha256 " + ROOT.hex() + " " + SALT.hex());
    assertThat(table.sectors()).isEqualTo(40);
  }

  @Test
  void parse_ofWhatTheKernelPrints_isTheTable() {
    VerityTable table = VerityTable.of(new DeviceNumber(7, 3), IDENTITY);

    assertThat(VerityTable.parse(table.parameters())).isEqualTo(table);
    assertThat(VerityTable.parse(table.parameters() + " 1 ignore_zero_blocks ")).isEqualTo(table);
  }

  @Test
  void parse_ofAnotherKindOfTable_isRefused() {
    String good = VerityTable.of(new DeviceNumber(7, 3), IDENTITY).parameters();
    for (String bad :
        new String[] {
          "",
          "0 8 linear",
          good.replace("sha256", "sha512"),
          good.replaceFirst("7:3", "7:4"),
          good.replaceFirst("4096", "1024"),
          good.replace(" 5 5 ", " 5 6 "),
          good.replace(SALT.hex(), "-"),
          good.substring(0, good.length() - 1)
        }) {
      assertThatThrownBy(() -> VerityTable.parse(bad))
          .as(bad)
          .isInstanceOf(IllegalArgumentException.class);
    }
  }
}
