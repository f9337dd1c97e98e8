package dev.suture.arm64.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.suture.arm64.device.LoopDevices.LoopDevice;
import dev.suture.arm64.linux.DeviceNumber;
import dev.suture.arm64.linux.LinuxFile;
import dev.suture.arm64.linux.Uapi;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Loop devices of the host's kernel. */
class LoopDevicesTest {
  @TempDir Path directory;

  private final LoopDevices loops = new LoopDevices();

  @BeforeEach
  void needs() throws Exception {
    HostNeeds.loopDevices();
  }

  @Test
  void attach_ofAFile_isAReadOnlyDeviceWithItsBytes() throws Exception {
    byte[] content = new byte[3 * 4096];
    content[2 * 4096] = 7;
    Path image = Files.write(directory.resolve("an image"), content);

    try (LoopDevice loop = loops.attach(image);
        LinuxFile device = LinuxFile.open(loop.path(), Uapi.O_RDONLY | LinuxFile.O_DIRECT)) {
      assertThat(device.ioctlGetLong(Uapi.BLKGETSIZE64)).isEqualTo(content.length);
      assertThat(device.ioctlGetInt(Uapi.BLKSSZGET)).isEqualTo(4096);
      assertThat(device.ioctlGetInt(Uapi.BLKROGET)).isEqualTo(1);
      ByteBuffer block = LinuxFile.directMemory(4096);
      assertThat(device.read(block, 4096, 2 * 4096)).isEqualTo(4096);
      assertThat(block.get(0)).isEqualTo((byte) 7);
      assertThat(loops.backingFile(loop.number())).contains(image);
      assertThat(loop.path()).isEqualTo("/dev/loop" + loop.number().minor());
    }
  }

  @Test
  void close_ofADevice_detachesTheFile() throws Exception {
    Path image = Files.write(directory.resolve("image"), new byte[4096]);
    DeviceNumber number;
    try (LoopDevice loop = loops.attach(image)) {
      number = loop.number();
    }

    // Another process may already use the device for something else, but not for this file.
    assertThat(loops.backingFile(number)).isNotEqualTo(Optional.of(image));
  }

  @Test
  void attach_ofSeveral_areDifferentDevices() throws Exception {
    Path image = Files.write(directory.resolve("image"), new byte[4096]);

    try (LoopDevice one = loops.attach(image);
        LoopDevice two = loops.attach(image)) {
      assertThat(one.number()).isNotEqualTo(two.number());
    }
  }

  @Test
  void attach_ofAMissingFile_saysSo() {
    Path missing = directory.resolve("missing");

    assertThatThrownBy(() -> loops.attach(missing))
        .isInstanceOfSatisfying(
            DeviceException.class,
            e -> assertThat(e.code()).isEqualTo(FailureCode.KERNEL_CALL_FAILED))
        .hasMessageContaining("attach " + missing + " to a loop device: open " + missing)
        .hasMessageContaining("ENOENT");
  }

  @Test
  void backingFile_ofAnotherKindOfDevice_isNothing() throws Exception {
    assertThat(loops.backingFile(new DeviceNumber(1, 3))).isEmpty();
  }
}
