package dev.suture.arm64.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.suture.arm64.linux.Errno;
import dev.suture.arm64.linux.Uapi;
import dev.suture.background.Pacer;
import dev.suture.protocol.ComponentName;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What is left after a failure: real loop devices and mounts, a device-mapper that fails. That all
 * goes well with a real one is a HIL test.
 */
class ComponentMounterTest {
  private static final ComponentName TLS = new ComponentName("tls");

  @TempDir Path directory;

  private final FakeDeviceMapper mapper = new FakeDeviceMapper();
  private final VerityDevices verities = new VerityDevices(mapper);
  private final LoopDevices loops = new LoopDevices();
  private Path image;

  @BeforeEach
  void needs() throws Exception {
    HostNeeds.loopDevices();
    image = Files.write(directory.resolve("tls.img"), new byte[6 * 4096]);
  }

  @Test
  void mount_whenTheDeviceMapperFails_leavesNothing() throws Exception {
    mapper.failingRequest = Uapi.DM_TABLE_LOAD;
    mapper.errno = Errno.EINVAL;
    ComponentMounter mounter = new ComponentMounter(loops, verities, new Mounts());

    assertThatThrownBy(() -> mounter.mount(TLS, image, VerityTableTest.IDENTITY, directory))
        .isInstanceOfSatisfying(
            DeviceException.class,
            e -> assertThat(e.code()).isEqualTo(FailureCode.SLOT_UNMOUNTABLE))
        .hasMessageContaining("tls from " + image + " at " + directory)
        .hasMessageContaining("EINVAL");
    assertNothingIsLeft();
  }

  @Test
  void mount_whenTheFileSystemIsRefused_leavesNothing() throws Exception {
    // The fake has no /dev/dm-N that could be mounted.
    ComponentMounter mounter = new ComponentMounter(loops, verities, new Mounts());
    Path mountPoint = Files.createDirectory(directory.resolve("mount"));

    assertThatThrownBy(() -> mounter.mount(TLS, image, VerityTableTest.IDENTITY, mountPoint))
        .isInstanceOf(DeviceException.class)
        .hasMessageContaining("mount /dev/dm-0 at " + mountPoint);
    assertNothingIsLeft();
    assertThat(mounter.mounted(mountPoint)).isEmpty();
  }

  @Test
  void isDeviceOf_oneThatOnlyBeginsAlike_isNot() {
    String root = "0123456789abcdef";
    assertThat(ComponentMounter.isDeviceOf(TLS, "suture-tls-" + root + "-3")).isTrue();
    for (String name :
        List.of(
            "suture-tls-extra-" + root + "-3",
            "suture-tls2-" + root + "-3",
            "suture-check-tls",
            "suture-tls-" + root,
            "suture-tls-" + root + "-3-4",
            "os")) {
      assertThat(ComponentMounter.isDeviceOf(TLS, name)).as(name).isFalse();
    }
  }

  @Test
  void mount_ofAMissingImage_saysWhich() {
    ComponentMounter mounter = new ComponentMounter(loops, verities, new Mounts());
    Path missing = directory.resolve("missing.img");

    assertThatThrownBy(() -> mounter.mount(TLS, missing, VerityTableTest.IDENTITY, directory))
        .isInstanceOf(DeviceException.class)
        .hasMessageContaining("open " + missing + ": ENOENT");
  }

  @Test
  void verify_ofAFileWithoutItsTree_saysWhatIsMissing() throws Exception {
    Path cut = Files.write(directory.resolve("cut.img"), new byte[5 * 4096]);
    ReadBack readBack = new ReadBack(loops, verities, () -> {});

    assertThatThrownBy(() -> readBack.verify(TLS, cut, VerityTableTest.IDENTITY, Pacer.FREE))
        .isInstanceOfSatisfying(
            DeviceException.class,
            e -> assertThat(e.code()).isEqualTo(FailureCode.READ_BACK_MISMATCH))
        .hasMessageContaining(cut + ": expected at least 24576 bytes, got 20480");
    assertNothingIsLeft();
  }

  @Test
  void verify_whenTheDeviceMapperFails_leavesNothing() throws Exception {
    mapper.failingRequest = Uapi.DM_DEV_SUSPEND;
    ReadBack readBack = new ReadBack(loops, verities, () -> {});

    assertThatThrownBy(() -> readBack.verify(TLS, image, VerityTableTest.IDENTITY, Pacer.FREE))
        .isInstanceOfSatisfying(
            DeviceException.class,
            e -> assertThat(e.code()).isEqualTo(FailureCode.KERNEL_CALL_FAILED));
    assertNothingIsLeft();
  }

  private void assertNothingIsLeft() throws IOException {
    assertThat(mapper.devices).isEmpty();
    try (Stream<Path> blocks = Files.list(Path.of("/sys/block"))) {
      for (Path block : blocks.toList()) {
        Path backing = block.resolve("loop/backing_file");
        if (Files.exists(backing)) {
          assertThat(Files.readString(backing)).doesNotContain(directory.toString());
        }
      }
    }
  }
}
