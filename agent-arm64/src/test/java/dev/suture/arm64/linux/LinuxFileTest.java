package dev.suture.arm64.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LinuxFileTest {
  @TempDir Path directory;

  @Test
  void open_ofAMissingFile_tellsCallPathAndErrno() {
    LinuxException failure =
        catchThrowableOfType(
            LinuxException.class, () -> LinuxFile.open("/nowhere/at-all", Uapi.O_RDONLY));

    assertThat(failure.call()).isEqualTo("open");
    assertThat(failure.errno()).isEqualTo(Errno.ENOENT);
    assertThat(failure).hasMessage("open /nowhere/at-all: ENOENT");
  }

  @Test
  void open_afterAFailedCall_isNotBlamedForItsErrno() throws Exception {
    assertThatThrownBy(() -> LinuxFile.open("/nowhere/at-all", Uapi.O_RDONLY))
        .isInstanceOf(LinuxException.class);

    try (LinuxFile file = LinuxFile.open("/dev/null", Uapi.O_RDWR)) {
      assertThat(file.write(new byte[3])).isEqualTo(3);
    }
  }

  @Test
  void readAndWrite_atPositions_areThoseOfTheFile() throws Exception {
    Path path = Files.write(directory.resolve("file"), new byte[8192]);
    ByteBuffer buffer = LinuxFile.directMemory(512);
    buffer.put(0, (byte) 42);

    try (LinuxFile file = LinuxFile.open(path.toString(), Uapi.O_RDWR)) {
      assertThat(file.write(buffer, 512, 4096)).isEqualTo(512);
      file.fdatasync();
      file.syncfs();
      file.dropCache();
      buffer.put(0, (byte) 0);
      assertThat(file.read(buffer, 512, 4096)).isEqualTo(512);
      assertThat(file.read(buffer, 512, 8192)).isZero();
    }

    assertThat(buffer.get(0)).isEqualTo((byte) 42);
    assertThat(Files.readAllBytes(path)[4096]).isEqualTo((byte) 42);
  }

  @Test
  void ioctl_onAFileThatHasNone_saysWhichRequest() throws Exception {
    Path path = Files.createFile(directory.resolve("file"));
    try (LinuxFile file = LinuxFile.open(path.toString(), Uapi.O_RDONLY)) {
      assertThatThrownBy(() -> file.ioctlGetLong(Uapi.BLKGETSIZE64))
          .isInstanceOf(LinuxException.class)
          .hasMessage("ioctl(0x80081272) " + path + ": ENOTTY");
    }
  }

  @Test
  void close_twice_isHarmlessAndTheFileIsGone() throws Exception {
    LinuxFile file = LinuxFile.open("/dev/null", Uapi.O_RDONLY);
    file.close();
    file.close();

    assertThatThrownBy(file::number)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("/dev/null is closed");
  }

  @Test
  void directMemory_isAligned() {
    ByteBuffer memory = LinuxFile.directMemory(512);

    assertThat(memory.capacity()).isEqualTo(512);
    assertThat(memory.alignmentOffset(0, 4096)).isZero();
  }

  @Test
  void processId_isThisProcess() {
    assertThat(Linux.processId()).isEqualTo((int) ProcessHandle.current().pid());
  }

  @Test
  void deviceNumber_encodedAndDecoded_isTheSame() {
    for (String text : new String[] {"0:0", "7:3", "253:255", "253:256", "4095:1048575"}) {
      DeviceNumber number = DeviceNumber.parse(text);
      assertThat(DeviceNumber.decode(number.encoded())).isEqualTo(number).hasToString(text);
    }
    assertThat(new DeviceNumber(253, 0x12345).encoded()).isEqualTo(0x1230fd45L);
  }

  @Test
  void deviceNumber_ofGarbage_isRefused() {
    for (String text : new String[] {"", ":", "7", "7:", ":3", "a:b", "4096:0", "0:1048576"}) {
      assertThatThrownBy(() -> DeviceNumber.parse(text))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void dmIoctl_withTooMuchText_isRefused() {
    assertThatThrownBy(() -> new DmIoctl(0).name("x".repeat(128)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("name: expected at most 127 characters, got 128");
    assertThatThrownBy(() -> new DmIoctl(0).target("verity", 8, "x".repeat(5000)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("target parameters: expected fewer than");
  }

  @Test
  void dmIoctl_ofATarget_holdsIt() {
    DmIoctl request = new DmIoctl(0).name("suture-tls").target("verity", 8, "1 7:0 7:0");

    assertThat(request.name()).isEqualTo("suture-tls");
    assertThat(request.targetCount()).isEqualTo(1);
    assertThat(request.targetStart()).isZero();
    assertThat(request.targetSectors()).isEqualTo(8);
    assertThat(request.targetType()).isEqualTo("verity");
    assertThat(request.targetText()).isEqualTo("1 7:0 7:0");
    assertThat(request.version()).isEqualTo("4.0.0");
  }

  @Test
  void sockaddr_ofAPath_countsItsNul() {
    SockaddrUn address = SockaddrUn.of("/run/x");

    assertThat(address.bytes()).isEqualTo(2 + 6 + 1);
    assertThat(address.memory().get(2)).isEqualTo((byte) '/');
  }

  @Test
  void sockaddr_ofAnAbstractName_beginsWithNulAndHasNoEnd() {
    SockaddrUn address = SockaddrUn.of("@name");

    assertThat(address.bytes()).isEqualTo(2 + 5);
    assertThat(address.memory().get(2)).isZero();
    assertThat(address.memory().get(3)).isEqualTo((byte) 'n');
  }

  @Test
  void sockaddr_ofTooLongAPath_isRefused() {
    assertThatThrownBy(() -> SockaddrUn.of("/" + "x".repeat(107)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("socket address: expected 1 to 107 bytes, got 108");
    assertThatThrownBy(() -> SockaddrUn.of("")).isInstanceOf(IllegalArgumentException.class);
  }
}
