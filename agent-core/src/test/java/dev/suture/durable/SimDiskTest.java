package dev.suture.durable;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.RetryableException;
import dev.suture.protocol.failure.SutureException;
import dev.suture.sim.CacheFate;
import dev.suture.sim.PowerCut;
import dev.suture.sim.SimDisk;
import dev.suture.sim.SimPower;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SimDiskTest extends DurableFilesContract {
  private final SimPower power = new SimPower();
  private final SimDisk disk = new SimDisk(power);

  @Override
  DurableFiles files() {
    return disk.below("root");
  }

  private void cut(CacheFate fate) {
    power.off();
    disk.powerOn(fate);
    power.on();
  }

  private void write(String path, int value, int bytes, boolean sync) throws SutureException {
    byte[] content = new byte[bytes];
    Arrays.fill(content, (byte) value);
    try (WritableFile file = disk.create(path)) {
      file.write(0, content, 0, bytes);
      if (sync) {
        file.sync();
      }
    }
  }

  @Test
  void cut_nothingSynced_everythingIsLost() throws SutureException {
    write("x", 1, 600, false);
    cut(CacheFate.lost());
    assertThat(disk.size("x")).isEqualTo(-1);
  }

  @Test
  void cut_contentSyncedButNotTheName_fileIsLost() throws SutureException {
    write("x", 1, 600, true);
    cut(CacheFate.lost());
    assertThat(disk.size("x")).isEqualTo(-1);
  }

  @Test
  void cut_nameSyncedButNotTheContent_fileIsEmpty() throws SutureException {
    write("x", 1, 600, false);
    disk.syncDirectory("");
    cut(CacheFate.lost());
    assertThat(disk.size("x")).isZero();
  }

  @Test
  void cut_bothSynced_fileIsThere() throws SutureException {
    write("x", 1, 600, true);
    disk.syncDirectory("");
    cut(CacheFate.lost());
    assertThat(disk.size("x")).isEqualTo(600);
  }

  @Test
  void cut_renameNotSynced_oldNameOrNew() throws SutureException {
    write("x", 1, 1, true);
    disk.syncDirectory("");
    disk.rename("x", "y");
    SimDisk other = disk.copy(new SimPower());
    cut(CacheFate.lost());
    assertThat(disk.list("")).containsExactly("x");
    other.powerOn(CacheFate.landed());
    assertThat(other.list("")).containsExactly("y");
  }

  @Test
  void cut_deleteNotSynced_fileMayBeThere() throws SutureException {
    write("x", 1, 1, true);
    disk.syncDirectory("");
    disk.delete("x");
    cut(CacheFate.lost());
    assertThat(disk.size("x")).isEqualTo(1);
  }

  @Test
  void cut_renamedOverWithoutSync_newNameOldContentIsLost() throws SutureException {
    write("x", 1, 600, true);
    disk.syncDirectory("");
    write("x.new", 2, 600, false);
    disk.rename("x.new", "x");
    cut(CacheFate.namesOnly());
    assertThat(disk.size("x")).isZero();
  }

  @Test
  void cut_writtenInPlace_sectorsAreTorn() throws SutureException {
    write("x", 1, 4 * SimDisk.SECTOR_BYTES, true);
    disk.syncDirectory("");
    Set<String> seen = new HashSet<>();
    for (int seed = 0; seed < 200; seed++) {
      SimPower otherPower = new SimPower();
      SimDisk other = disk.copy(otherPower);
      byte[] twos = new byte[4 * SimDisk.SECTOR_BYTES];
      Arrays.fill(twos, (byte) 2);
      try (WritableFile file = other.reopen("x")) {
        file.write(0, twos, 0, twos.length);
      }
      otherPower.off();
      other.powerOn(CacheFate.torn(seed));
      byte[] after = other.cached("x").orElseThrow();
      StringBuilder sectors = new StringBuilder();
      for (int sector = 0; sector < 4; sector++) {
        byte first = after[sector * SimDisk.SECTOR_BYTES];
        assertThat(after[(sector + 1) * SimDisk.SECTOR_BYTES - 1]).isEqualTo(first);
        sectors.append(first);
      }
      seen.add(sectors.toString());
    }
    assertThat(seen).hasSize(16);
  }

  @Test
  void cut_atAnOperation_everyCallIsRefusedUntilPowerIsOn() throws SutureException {
    WritableFile open = disk.create("open");
    power.cutIn(2);
    disk.create("x").close();
    assertThatThrownBy(() -> disk.syncDirectory(""))
        .isInstanceOfSatisfying(PowerCut.class, e -> assertThat(e.operation()).isEqualTo(3));
    assertThatThrownBy(() -> disk.read("x", 1)).isInstanceOf(PowerCut.class);
    assertThatThrownBy(() -> disk.size("x")).isInstanceOf(PowerCut.class);
    assertThatThrownBy(() -> disk.list("")).isInstanceOf(PowerCut.class);
    assertThatThrownBy(() -> disk.delete("x")).isInstanceOf(PowerCut.class);
    assertThatThrownBy(open::sync).isInstanceOf(PowerCut.class);
    disk.powerOn(CacheFate.lost());
    power.on();
    assertThat(disk.list("")).isEmpty();
    assertThatThrownBy(open::sync).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void sync_fails_contentNeverGetsToTheDisk() throws SutureException {
    write("x", 1, 600, true);
    disk.syncDirectory("");
    disk.fault(SimDisk.Fault.nth(1, SimDisk.Operation.SYNC, path -> true, FailureCode.STORAGE_IO));
    try (WritableFile file = disk.reopen("x")) {
      file.write(0, new byte[] {2}, 0, 1);
      assertThatThrownBy(file::sync).isInstanceOf(DeviceException.class);
      file.sync();
    }
    assertThat(disk.cached("x").orElseThrow()[0]).isEqualTo((byte) 2);
    assertThat(disk.readPastCache("x").orElseThrow()[0]).isEqualTo((byte) 1);
    disk.syncAll();
    assertThat(disk.cached("x").orElseThrow()[0]).isEqualTo((byte) 1);
  }

  @Test
  void write_overTheCapacity_isRefusedAndWritesNothing() throws SutureException {
    disk.capacity(1_000);
    write("x", 1, 600, true);
    try (WritableFile file = disk.create("y")) {
      assertThatThrownBy(() -> file.write(0, new byte[401], 0, 401))
          .isInstanceOfSatisfying(
              RetryableException.class, e -> assertThat(e.code()).isEqualTo(FailureCode.DISK_FULL));
      file.write(0, new byte[400], 0, 400);
    }
    assertThat(disk.usableBytes()).isZero();
  }

  @Test
  void readOnly_everyChange_isRefused() throws SutureException {
    write("x", 1, 1, true);
    disk.readOnly(true);
    assertThat(disk.read("x", 1)).isPresent();
    assertThatThrownBy(() -> disk.create("y"))
        .isInstanceOfSatisfying(
            DeviceException.class,
            e -> assertThat(e.code()).isEqualTo(FailureCode.STORAGE_READ_ONLY));
    assertThatThrownBy(() -> disk.delete("x")).isInstanceOf(DeviceException.class);
    assertThatThrownBy(() -> disk.rename("x", "y")).isInstanceOf(DeviceException.class);
  }
}
