package dev.suture.slot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.suture.protocol.ComponentName;
import dev.suture.protocol.Slot;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.SutureException;
import dev.suture.sim.CacheFate;
import dev.suture.sim.SimDisk;
import dev.suture.sim.SimPower;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SlotFilesTest {
  private static final ComponentName TLS = new ComponentName("tls");

  private final SimPower power = new SimPower();
  private final SimDisk disk = new SimDisk(power);
  private final SlotFiles slots = new SlotFiles(disk);

  private void write() throws SutureException {
    slots.prepare(Slot.A, Set.of(TLS));
    try (SlotImage image = slots.createImage(Slot.A, TLS)) {
      image.write(0, new byte[] {1, 2, 3}, 0, 3);
      image.sync();
    }
    slots.seal(Slot.A, new SlotFiles.Documents(new byte[] {4}, new byte[] {5}));
  }

  @Test
  void seal_thenCut_everythingIsThere() throws SutureException {
    write();
    power.off();
    disk.powerOn(CacheFate.lost());
    power.on();
    assertThat(slots.documents(Slot.A).proof()).containsExactly(4);
    assertThat(slots.documents(Slot.A).manifest()).containsExactly(5);
    assertThat(disk.cached("a/tls.img")).hasValue(new byte[] {1, 2, 3});
    assertThat(slots.imageBytes(Slot.A)).isEqualTo(3);
    assertThat(slots.imageBytes(Slot.B)).isZero();
  }

  @Test
  void prepare_thenCut_documentsAreGone() throws SutureException {
    write();
    disk.put("a/other.img", new byte[9]);
    slots.prepare(Slot.A, Set.of(TLS));
    power.off();
    disk.powerOn(CacheFate.lost());
    power.on();
    assertThat(disk.list("a")).containsExactly("tls.img");
    assertThatThrownBy(() -> slots.documents(Slot.A))
        .isInstanceOfSatisfying(
            DeviceException.class,
            e -> assertThat(e.code()).isEqualTo(FailureCode.SLOT_UNMOUNTABLE));
  }

  @Test
  void usableBytes_isWhatTheDiskHasLeft() throws SutureException {
    disk.capacity(1_000);
    assertThat(slots.usableBytes()).isEqualTo(1_000);
    write();
    assertThat(slots.usableBytes()).isEqualTo(1_000 - 3 - 1 - 1);
  }
}
