package dev.suture.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.suture.protocol.failure.SutureException;
import dev.suture.sim.CacheFate;
import dev.suture.sim.SimDisk;
import dev.suture.sim.SimPower;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class MetadataStoreTest {
  private static final int CONTENT_BYTES_MAX = 100;
  private static final byte[] OLD = {1, 2, 3};
  private static final byte[] NEW = {4, 5};

  private final SimPower power = new SimPower();
  private final SimDisk disk = new SimDisk(power);
  private final MetadataStore store = new MetadataStore(disk, CONTENT_BYTES_MAX);

  private void cut() {
    power.off();
    disk.powerOn(CacheFate.lost());
    power.on();
  }

  @Test
  void load_nothingSaved_isEmpty() throws SutureException {
    assertThat(store.load().content()).isEmpty();
    assertThat(store.load().damage()).isEmpty();
  }

  @Test
  void save_isDurableOnReturn_andTheNewestCounts() throws SutureException {
    for (byte i = 0; i < 5; i++) {
      byte[] content = {i};
      store.save(content);
      cut();
      assertThat(store.load().content()).hasValue(content);
    }
  }

  @Test
  void load_newestIsDamagedAnywhere_isTheOneBefore_andTheDamagedIsKept() throws SutureException {
    store.save(OLD);
    store.save(NEW);
    byte[] good = disk.cached("trust.1").orElseThrow();
    for (int at = 0; at < good.length; at++) {
      for (byte[] bad : new byte[][] {flipped(good, at), Arrays.copyOf(good, at)}) {
        disk.put("trust.1", bad);
        MetadataStore.Found found = store.load();
        assertThat(found.content()).hasValue(OLD);
        assertThat(found.damage()).singleElement().asString().startsWith("trust.1");
        assertThat(disk.durable("trust.1.damaged")).hasValue(bad);
        assertThat(store.load().damage()).isEmpty();
      }
    }
  }

  private static byte[] flipped(byte[] good, int at) {
    byte[] bad = good.clone();
    bad[at] ^= 1;
    return bad;
  }

  @Test
  void load_bothDamaged_isNothing_andBothAreKept() throws SutureException {
    store.save(OLD);
    store.save(NEW);
    disk.put("trust.0", new byte[0]);
    disk.put("trust.1", new byte[CONTENT_BYTES_MAX + 25]);
    MetadataStore.Found found = store.load();
    assertThat(found.content()).isEmpty();
    assertThat(found.damage()).hasSize(2);
    store.save(NEW);
    assertThat(store.load().content()).hasValue(NEW);
  }

  @Test
  void save_oneCopyIsDamaged_replacesThatOne() throws SutureException {
    store.save(OLD);
    store.save(NEW);
    disk.put("trust.0", new byte[] {9});
    store.save(OLD);
    assertThat(store.load().content()).hasValue(OLD);
    assertThat(store.load().damage()).isEmpty();
  }

  @Test
  void load_sequenceThatNobodyReaches_isDamage_soThatTheNextIsTheNewest() throws SutureException {
    for (long sequence : new long[] {Long.MAX_VALUE, (1L << 62) + 1, 0, -1, Long.MIN_VALUE}) {
      disk.put("trust.0", MetadataStore.encode(sequence, OLD));
      assertThat(store.load().damage()).singleElement().asString().contains("sequence");
    }
    disk.put("trust.0", MetadataStore.encode(1L << 62, OLD));
    assertThat(store.load().content()).hasValue(OLD);
  }

  @Test
  void keepRecordAside_isDurableOnReturn() throws SutureException {
    store.keepRecordAside(OLD);
    cut();
    assertThat(disk.durable("activation-record.damaged")).hasValue(OLD);
  }
}
