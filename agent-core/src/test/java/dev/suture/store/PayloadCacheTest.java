package dev.suture.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.suture.durable.ReadableFile;
import dev.suture.protocol.FileRef;
import dev.suture.protocol.Sha256;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.RetryableException;
import dev.suture.protocol.failure.SutureException;
import dev.suture.sim.CacheFate;
import dev.suture.sim.PowerCut;
import dev.suture.sim.SimDisk;
import dev.suture.sim.SimDisk.Operation;
import dev.suture.sim.SimPower;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class PayloadCacheTest {
  private static final byte[] CONTENT = new byte[5_000];
  private static final FileRef REF;

  static {
    new Random(1).nextBytes(CONTENT);
    REF = new FileRef("payloads/x.delta", CONTENT.length, Sha256.of(CONTENT));
  }

  private final SimPower power = new SimPower();
  private final SimDisk disk = new SimDisk(power);
  private final PayloadCache cache = new PayloadCache(disk, "payloads");
  private final List<Long> asked = new ArrayList<>();

  /** A mirror that gives so many bytes of this, then fails if there should be more. */
  private PayloadCache.Fetch serving(byte[] content, int bytes) {
    return (from, sink) -> {
      asked.add(from);
      for (int at = (int) from; at < bytes; at += 1_000) {
        sink.accept(content, at, Math.min(1_000, bytes - at));
      }
      if (bytes < content.length) {
        throw new RetryableException(FailureCode.DOWNLOAD_TRUNCATED, "as it was told to");
      }
    };
  }

  private PayloadCache.Fetch honest() {
    return serving(CONTENT, CONTENT.length);
  }

  private byte[] cached() throws SutureException {
    byte[] content = new byte[CONTENT.length];
    try (ReadableFile file = cache.open(REF)) {
      assertThat(file.read(0, content, 0, content.length)).isEqualTo(content.length);
    }
    return content;
  }

  private void cut(CacheFate fate) {
    power.off();
    disk.powerOn(fate);
    power.on();
  }

  private static void assertFails(FailureCode code, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(SutureException.class, e -> assertThat(e.code()).isEqualTo(code));
  }

  @Test
  void ensure_whole_isDurableOnReturn() throws SutureException {
    cache.ensure(REF, honest());
    cut(CacheFate.lost());
    assertThat(cache.has(REF)).isTrue();
    assertThat(cached()).isEqualTo(CONTENT);
  }

  @Test
  void ensure_again_asksNobody() throws SutureException {
    cache.ensure(REF, honest());
    cache.ensure(REF, honest());
    assertThat(asked).containsExactly(0L);
  }

  @Test
  void ensure_truncated_goesOnFromThere() throws SutureException {
    assertFails(FailureCode.DOWNLOAD_TRUNCATED, () -> cache.ensure(REF, serving(CONTENT, 3_000)));
    assertThat(cache.has(REF)).isFalse();
    cache.ensure(REF, honest());
    assertThat(asked).containsExactly(0L, 3_000L);
    assertThat(cached()).isEqualTo(CONTENT);
  }

  @Test
  void ensure_otherBytes_areThrownAway_andNextTryIsFromTheStart() throws SutureException {
    byte[] wrong = CONTENT.clone();
    wrong[4_999] ^= 1;
    assertFails(
        FailureCode.PAYLOAD_DIGEST_MISMATCH, () -> cache.ensure(REF, serving(wrong, 5_000)));
    assertThat(disk.list("payloads")).isEmpty();
    cache.ensure(REF, honest());
    assertThat(asked).containsExactly(0L, 0L);
  }

  @Test
  void ensure_partIsLongerThanTheFile_startsAgain() throws SutureException {
    disk.put("payloads/" + REF.sha256().hex() + ".part", new byte[6_000]);
    cache.ensure(REF, honest());
    assertThat(asked).containsExactly(0L);
    assertThat(cached()).isEqualTo(CONTENT);
  }

  @Test
  void ensure_emptyFile_isHere() throws SutureException {
    FileRef empty = new FileRef("payloads/e", 0, Sha256.of(new byte[0]));
    cache.ensure(empty, serving(new byte[0], 0));
    assertThat(cache.has(empty)).isTrue();
    try (ReadableFile file = cache.open(empty)) {
      assertThat(file.size()).isZero();
    }
  }

  @Test
  void ensure_cutAnywhere_nextTryHasTheRightBytes() throws SutureException {
    for (int cut = 1; cut <= 11; cut++) {
      for (int seed = 0; seed < 20; seed++) {
        SimPower otherPower = new SimPower();
        SimDisk otherDisk = new SimDisk(otherPower);
        PayloadCache other = new PayloadCache(otherDisk, "payloads");
        otherPower.cutIn(cut);
        boolean wasCut = false;
        try {
          other.ensure(REF, honest());
        } catch (PowerCut e) {
          wasCut = true;
          otherDisk.powerOn(CacheFate.torn(seed));
          otherPower.on();
        }
        assertThat(wasCut).isEqualTo(cut <= 10);
        try {
          other.ensure(REF, honest());
        } catch (RetryableException e) {
          other.ensure(REF, honest());
        }
        try (ReadableFile file = other.open(REF)) {
          assertThat(file.size()).isEqualTo(CONTENT.length);
        }
      }
    }
  }

  @Test
  void ensure_mirrorFailsBehindTheLastByte_fileIsSyncedBeforeItHasItsName() throws SutureException {
    assertFails(
        FailureCode.PAYLOAD_LENGTH_MISMATCH,
        () ->
            cache.ensure(
                REF,
                (from, sink) -> {
                  sink.accept(CONTENT, 0, CONTENT.length);
                  throw new RetryableException(FailureCode.PAYLOAD_LENGTH_MISMATCH, "longer");
                }));
    cache.ensure(REF, honest());
    cut(CacheFate.lost());
    assertThat(cached()).isEqualTo(CONTENT);
  }

  @Test
  void ensure_syncFails_contentIsNotBelievedAnyMore() throws SutureException {
    disk.fault(SimDisk.Fault.nth(1, Operation.SYNC, path -> true, FailureCode.STORAGE_IO));
    assertFails(FailureCode.STORAGE_IO, () -> cache.ensure(REF, honest()));
    cache.ensure(REF, honest());
    cut(CacheFate.lost());
    assertThat(cached()).isEqualTo(CONTENT);
  }

  @Test
  void open_damagedSinceItWasStored_isThrownAwayAndSaid() throws SutureException {
    cache.ensure(REF, honest());
    byte[] damaged = CONTENT.clone();
    damaged[7] ^= 1;
    disk.put("payloads/" + REF.sha256().hex(), damaged);
    assertFails(FailureCode.PAYLOAD_DIGEST_MISMATCH, () -> cache.open(REF));
    assertThat(cache.has(REF)).isFalse();
    assertFails(FailureCode.PAYLOAD_DIGEST_MISMATCH, () -> cache.open(REF));
    cache.ensure(REF, honest());
    assertThat(cached()).isEqualTo(CONTENT);
  }

  @Test
  void keepOnly_others_areGoneForGood() throws SutureException {
    cache.ensure(REF, honest());
    disk.put("payloads/other", new byte[3]);
    disk.put("payloads/" + REF.sha256().hex() + ".part", new byte[3]);
    cache.keepOnly(Set.of(REF));
    cut(CacheFate.lost());
    assertThat(disk.list("payloads"))
        .containsExactly(REF.sha256().hex(), REF.sha256().hex() + ".part");
    cache.keepOnly(Set.of());
    assertThat(disk.list("payloads")).isEmpty();
    assertThatCode(
            () -> new PayloadCache(new SimDisk(new SimPower()), "payloads").keepOnly(Set.of()))
        .doesNotThrowAnyException();
  }

  @Test
  void ensure_diskFull_isSaid_andGoesOnLater() throws SutureException {
    disk.capacity(2_500);
    assertFails(FailureCode.DISK_FULL, () -> cache.ensure(REF, honest()));
    disk.capacity(100_000);
    cache.ensure(REF, honest());
    assertThat(cached()).isEqualTo(CONTENT);
  }

  @Test
  void ensure_readOnly_isSaid() {
    disk.readOnly(true);
    assertThatThrownBy(() -> cache.ensure(REF, honest()))
        .isInstanceOfSatisfying(
            DeviceException.class,
            e -> assertThat(e.code()).isEqualTo(FailureCode.STORAGE_READ_ONLY));
  }

  @Test
  void ensure_otherBytes_areGoneForGood() {
    byte[] other = new byte[CONTENT.length];
    assertFails(
        FailureCode.PAYLOAD_DIGEST_MISMATCH, () -> cache.ensure(REF, serving(other, other.length)));
    cut(CacheFate.lost());
    assertThat(disk.durable()).containsOnlyKeys("payloads/");
  }

  @Test
  void ensure_partOfOtherBytes_isGoneForGood() {
    byte[] other = new byte[CONTENT.length];
    disk.put("payloads/" + REF.sha256().hex() + ".part", other);
    assertFails(FailureCode.PAYLOAD_DIGEST_MISMATCH, () -> cache.ensure(REF, honest()));
    cut(CacheFate.lost());
    assertThat(disk.durable()).containsOnlyKeys("payloads/");
  }

  @Test
  void open_damagedSinceItWasStored_isGoneForGood() throws SutureException {
    cache.ensure(REF, honest());
    disk.put("payloads/" + REF.sha256().hex(), new byte[CONTENT.length]);
    assertFails(FailureCode.PAYLOAD_DIGEST_MISMATCH, () -> cache.open(REF));
    cut(CacheFate.lost());
    assertThat(cache.has(REF)).isFalse();
  }

  @Test
  void open_neverFetched_isSaid() {
    assertFails(FailureCode.PAYLOAD_DIGEST_MISMATCH, () -> cache.open(REF));
  }

  @Test
  void ensure_partIsWhole_nobodyIsAsked() throws SutureException {
    disk.put("payloads/" + REF.sha256().hex() + ".part", CONTENT);
    cache.ensure(REF, honest());
    assertThat(asked).isEmpty();
    assertThat(cached()).isEqualTo(CONTENT);
  }
}
