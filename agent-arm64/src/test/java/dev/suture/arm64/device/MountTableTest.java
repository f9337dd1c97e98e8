package dev.suture.arm64.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.suture.arm64.linux.DeviceNumber;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class MountTableTest {
  private static final String DEVICE =
      """
      21 1 253:0 / / ro,relatime - erofs /dev/dm-0 ro,user_xattr,acl
      22 21 0:20 / /proc rw,nosuid shared:5 master:1 - proc proc rw
      30 21 7:0 / /components/tls ro,nosuid,nodev - erofs /dev/loop0 ro
      34 30 253:1 / /components/tls ro,nosuid,nodev,relatime - erofs /dev/dm-1 ro
      33 21 7:1 / /components/web\\040engine ro - erofs /dev/loop1 ro
      """;

  @Test
  void at_aMountPointWithTwoMounts_isTheTopmost() {
    MountTable.Mount top = MountTable.parse(DEVICE).at("/components/tls").orElseThrow();

    assertThat(top)
        .isEqualTo(
            new MountTable.Mount(
                34,
                30,
                new DeviceNumber(253, 1),
                "/components/tls",
                "ro,nosuid,nodev,relatime",
                "erofs",
                "/dev/dm-1"));
    assertThat(top.has("ro")).isTrue();
    assertThat(top.has("rw")).isFalse();
  }

  @Test
  void at_theTopmostListedFirst_isStillTheTopmost() {
    String text =
        """
        34 30 253:1 / /c ro - erofs /dev/dm-1 ro
        30 21 7:0 / /c ro - erofs /dev/loop0 ro
        """;

    assertThat(MountTable.parse(text).at("/c").orElseThrow().id()).isEqualTo(34);
  }

  @Test
  void at_escapedCharacters_areRead() {
    assertThat(MountTable.parse(DEVICE).at("/components/web engine")).isPresent();
    String text = "1 0 0:1 / /a\\011b\\012c\\134d\\13\\1é rw - tmpfs x\\040y rw";
    MountTable.Mount mount =
        MountTable.parse(
                new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1))
            .mounts()
            .get(0);
    assertThat(mount.mountPoint()).isEqualTo("/a\tb\nc\\d\\13\\1é");
    assertThat(mount.source()).isEqualTo("x y");
  }

  @Test
  void at_whereNothingIsMounted_isNothing() {
    assertThat(MountTable.parse(DEVICE).at("/components")).isEmpty();
    assertThat(MountTable.parse("").at("/")).isEmpty();
  }

  @Test
  void parse_ofEveryTruncatedLine_isRefusedOrShort() {
    String line = "34 30 253:1 / /c ro,nosuid shared:1 - erofs /dev/dm-1 ro";
    for (int length = 1; length < line.indexOf("/dev/dm-1"); length++) {
      String cut = line.substring(0, length);
      assertThatThrownBy(() -> MountTable.parse(cut).at("/c").orElseThrow().source().charAt(0))
          .as(cut)
          .isInstanceOfAny(IllegalArgumentException.class, StringIndexOutOfBoundsException.class);
    }
  }
}
