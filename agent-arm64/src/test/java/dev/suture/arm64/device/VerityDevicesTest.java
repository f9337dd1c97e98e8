package dev.suture.arm64.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.suture.arm64.device.VerityDevices.VerityDevice;
import dev.suture.arm64.linux.DeviceNumber;
import dev.suture.arm64.linux.Errno;
import dev.suture.arm64.linux.Uapi;
import dev.suture.protocol.failure.DeviceException;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/** The order of the calls and what is made of their answers; the kernel's part is a HIL test. */
class VerityDevicesTest {
  private static final DeviceNumber LOWER = new DeviceNumber(7, 3);

  private final FakeDeviceMapper mapper = new FakeDeviceMapper();
  private final VerityDevices verities = new VerityDevices(mapper);

  @Test
  void open_ofAnImage_isALiveDeviceUntilItIsClosed() throws Exception {
    VerityTable table = VerityTable.of(LOWER, VerityTableTest.IDENTITY);
    try (VerityDevice device = verities.open("suture-tls", LOWER, VerityTableTest.IDENTITY)) {
      assertThat(device.path()).isEqualTo("/dev/dm-0");
      assertThat(device.isClean()).isTrue();
      assertThat(verities.table(device.number())).contains(table);
    }

    assertThat(mapper.devices).isEmpty();
    assertThat(verities.table(new DeviceNumber(253, 0))).isEmpty();
  }

  @Test
  void open_whenTheKernelUnderstoodSomethingElse_leavesNoDevice() {
    mapper.misunderstanding = text -> text.replace("sha256", "sha1");

    assertThatThrownBy(() -> verities.open("suture-tls", LOWER, VerityTableTest.IDENTITY))
        .isInstanceOf(DeviceException.class)
        .hasMessageContaining("read back the verity table of suture-tls: expected 1 target: 0 40")
        .hasMessageContaining("got 1 target: 0 40 verity 1 7:3 7:3 4096 4096 5 5 sha1");
    assertThat(mapper.devices).isEmpty();
  }

  @Test
  void open_whenACallFails_leavesNoDevice() {
    for (long request :
        new long[] {
          Uapi.DM_DEV_CREATE, Uapi.DM_TABLE_LOAD, Uapi.DM_TABLE_STATUS, Uapi.DM_DEV_SUSPEND
        }) {
      mapper.failingRequest = request;

      assertThatThrownBy(() -> verities.open("suture-tls", LOWER, VerityTableTest.IDENTITY))
          .isInstanceOf(DeviceException.class)
          .hasMessageContaining("EIO")
          .hasMessageContaining("suture-tls");
      assertThat(mapper.devices).as(Long.toHexString(request)).isEmpty();
    }
  }

  @Test
  void open_ofAnImage_isMarkedForRemovalBeforeItIsGivenOut() throws Exception {
    try (VerityDevice device = verities.open("suture-tls", LOWER, VerityTableTest.IDENTITY)) {
      assertThat(device.isClean()).isTrue();
      assertThat(mapper.requests).contains(Uapi.DM_DEV_REMOVE);
    }
  }

  @Test
  void open_whenTheNodeIsMissing_isAFailure() {
    mapper.failingHold = true;

    assertThatThrownBy(() -> verities.open("suture-tls", LOWER, VerityTableTest.IDENTITY))
        .isInstanceOf(DeviceException.class)
        .hasMessageContaining("open suture-tls: open /dev/dm-0: ENOENT");
    assertThat(mapper.requests).contains(Uapi.DM_DEV_REMOVE);
  }

  @Test
  void open_overANameThatStaysBusy_isGivenUp() {
    mapper.failingRequest = Uapi.DM_DEV_CREATE;
    mapper.errno = Errno.EBUSY;

    assertThatThrownBy(() -> verities.open("suture-tls", LOWER, VerityTableTest.IDENTITY))
        .isInstanceOf(DeviceException.class)
        .hasMessageContaining("expected a free name, got EBUSY 16 times");
  }

  @Test
  void open_overWhatAKilledAgentLeft_replacesIt() throws Exception {
    mapper.devices.put("suture-tls", new FakeDeviceMapper.Device());

    try (VerityDevice device = verities.open("suture-tls", LOWER, VerityTableTest.IDENTITY)) {
      assertThat(verities.table(device.number())).isPresent();
    }
  }

  @Test
  void open_overADeviceInUse_isRefusedAndLeavesIt() {
    FakeDeviceMapper.Device used = new FakeDeviceMapper.Device();
    used.inUse = true;
    mapper.devices.put("suture-tls", used);

    assertThatThrownBy(() -> verities.open("suture-tls", LOWER, VerityTableTest.IDENTITY))
        .isInstanceOf(DeviceException.class)
        .hasMessageContaining("expected no device in use by that name, got 1 users");
    assertThat(mapper.devices).containsEntry("suture-tls", used);
  }

  @Test
  void table_whenTheKernelFails_isAFailureNotNothing() {
    mapper.failingRequest = Uapi.DM_TABLE_STATUS;
    mapper.errno = Errno.EPERM;

    assertThatThrownBy(() -> verities.table(new DeviceNumber(253, 0)))
        .isInstanceOf(DeviceException.class)
        .hasMessageContaining("EPERM");
  }

  @Test
  void table_ofADeviceOfAnotherKind_isNothing() throws Exception {
    FakeDeviceMapper.Device linear = new FakeDeviceMapper.Device();
    linear.live = "7:3 0".toUpperCase(Locale.ROOT);
    mapper.devices.put("other", linear);

    assertThat(verities.table(new DeviceNumber(253, 0))).isEmpty();
  }
}
