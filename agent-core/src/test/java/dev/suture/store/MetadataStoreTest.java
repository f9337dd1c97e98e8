package dev.suture.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.suture.protocol.failure.SutureException;
import dev.suture.sim.CacheFate;
import dev.suture.sim.SimDisk;
import dev.suture.sim.SimPower;
import org.junit.jupiter.api.Test;

class MetadataStoreTest {
  private static final byte[] INDEX = {1, 2, 3};

  private final SimPower power = new SimPower();
  private final SimDisk disk = new SimDisk(power);
  private final MetadataStore store = new MetadataStore(disk);

  private void cut() {
    power.off();
    disk.powerOn(CacheFate.lost());
    power.on();
  }

  @Test
  void index_nothingAccepted_isEmpty() throws SutureException {
    assertThat(store.index()).isEmpty();
  }

  @Test
  void accept_isDurableOnReturn() throws SutureException {
    store.accept(INDEX);
    cut();
    assertThat(store.index()).hasValue(INDEX);
  }

  @Test
  void keepIndexAside_isDurableOnReturn_andNoIndexIsAccepted() throws SutureException {
    store.accept(INDEX);
    store.keepIndexAside();
    cut();
    assertThat(store.index()).isEmpty();
    assertThat(disk.durable("index.json.damaged")).hasValue(INDEX);
  }

  @Test
  void keepRecordAside_isDurableOnReturn() throws SutureException {
    store.keepRecordAside(INDEX);
    cut();
    assertThat(disk.durable("activation-record.damaged")).hasValue(INDEX);
  }
}
