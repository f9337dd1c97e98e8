package dev.suture.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.SutureException;
import dev.suture.sim.CacheFate;
import dev.suture.sim.PowerCut;
import dev.suture.sim.SimDisk;
import dev.suture.sim.SimPower;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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

  @ParameterizedTest
  @ValueSource(ints = {0, CONTENT_BYTES_MAX})
  void load_shortestAndLongestContent_isWhatWasSaved(int length) throws SutureException {
    byte[] content = new byte[length];
    Arrays.fill(content, (byte) 7);
    store.save(content);
    MetadataStore.Found found = store.load();
    assertThat(found.content()).hasValue(content);
    assertThat(found.damage()).isEmpty();
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
    assertThat(found.damage())
        .containsExactly(
            "trust.0: expected 24 to 124 bytes, got 0",
            "trust.1: expected 24 to 124 bytes, got 125");
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

  /**
   * The n-th call of a save fails, for every n; the agent goes on or starts anew, and saves again;
   * the power fails at every operation of that, and of what is unsynced then every choice reaches
   * the disk. Content i is that of the i-th save.
   */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void save_afterOneThatFailed_powerFailsAnywhere_oneBitCostsOneStep(boolean isStartedAnew)
      throws SutureException {
    int failures = 0;
    int cuts = 0;
    int fates = 0;
    for (boolean isFailing = true; isFailing; failures++) {
      boolean isCut = true;
      for (int cut = 1; isCut; cut++) {
        SimPower source = new SimPower();
        SimDisk worn = new SimDisk(source);
        MetadataStore before = new MetadataStore(worn, CONTENT_BYTES_MAX);
        before.save(content(1));
        before.save(content(2));
        isFailing = isFailingAt(failures + 1, worn, before);
        int acknowledged = isFailing ? 2 : 3;
        source.cutIn(cut);
        isCut = isCutInside(isStartedAnew ? new MetadataStore(worn, CONTENT_BYTES_MAX) : before);
        List<CacheFate.Part> parts = worn.unsynced();
        for (int choice = 0; choice < 1 << parts.size(); choice++) {
          SimDisk after = worn.copy(new SimPower());
          after.powerOn(CacheFate.only(chosen(parts, choice)));
          requireOneStep(
              after,
              isCut ? acknowledged : 4,
              isCut ? acknowledged - 1 : acknowledged,
              "call " + (failures + 1) + " fails, cut " + cut + ", fate " + choice);
          fates++;
        }
        cuts++;
      }
    }
    assertThat(failures).as("calls of a save that failed").isGreaterThan(6);
    assertThat(cuts).isGreaterThan(failures * 5);
    System.out.printf(
        "trust state: %d failures, %d cuts, %d fates of the cache%n", failures - 1, cuts, fates);
  }

  private static byte[] content(int number) {
    return new byte[] {(byte) number};
  }

  private static boolean isFailingAt(int call, SimDisk disk, MetadataStore store)
      throws SutureException {
    int[] left = {call};
    disk.fault(
        (operation, path) ->
            --left[0] == 0 ? Optional.of(FailureCode.STORAGE_IO) : Optional.empty());
    try {
      store.save(content(3));
      assertThat(left[0]).as("a failure was passed over").isPositive();
      return false;
    } catch (DeviceException e) {
      return true;
    } finally {
      disk.noFault();
    }
  }

  private static boolean isCutInside(MetadataStore store) throws SutureException {
    try {
      store.save(content(4));
      return false;
    } catch (PowerCut e) {
      return true;
    }
  }

  private static Set<CacheFate.Part> chosen(List<CacheFate.Part> parts, int choice) {
    Set<CacheFate.Part> chosen = new HashSet<>();
    for (int i = 0; i < parts.size(); i++) {
      if ((choice >> i & 1) == 1) {
        chosen.add(parts.get(i));
      }
    }
    return chosen;
  }

  /**
   * What was saved is there, or what is newer; and behind it what was saved before, or newer.
   *
   * @param acknowledged the newest save that returned
   * @param earlier the one before it that returned
   */
  private static void requireOneStep(SimDisk disk, int acknowledged, int earlier, String where)
      throws SutureException {
    int newest = newest(disk);
    assertThat(newest).as(where).isBetween(acknowledged, 4);
    Optional<byte[]> first = disk.durable("trust.0");
    boolean isFirst =
        first.isPresent()
            && MetadataStore.decode("trust.0", first.get()).content()[0] == (byte) newest;
    disk.damage(isFirst ? "trust.0" : "trust.1", 0);
    assertThat(newest(disk))
        .as(where + ": what is left when " + newest + " loses a bit")
        .isBetween(newest > acknowledged ? acknowledged : earlier, newest - 1);
  }

  private static int newest(SimDisk disk) throws SutureException {
    return new MetadataStore(disk, CONTENT_BYTES_MAX).load().content().orElseThrow()[0];
  }

  @Test
  void keepRecordAside_isDurableOnReturn() throws SutureException {
    store.keepRecordAside(OLD);
    cut();
    assertThat(disk.durable("activation-record.damaged")).hasValue(OLD);
  }
}
