package dev.suture.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.suture.attempt.Phase;
import dev.suture.durable.DurableFiles;
import dev.suture.durable.WritableFile;
import dev.suture.protocol.Slot;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.SutureException;
import dev.suture.protocol.manifest.Manifest;
import dev.suture.protocol.release.Withdrawal;
import dev.suture.sim.CacheFate;
import dev.suture.sim.PowerCut;
import dev.suture.sim.SimDevice;
import dev.suture.sim.SimDisk.Fault;
import dev.suture.sim.SimDisk.Operation;
import dev.suture.sim.SimFlash;
import dev.suture.sim.SimPublisher;
import dev.suture.sim.SimWiring;
import dev.suture.store.Outcome;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Rows of docs/evidence/faults.md that no other test shows. */
class FaultTableTest {
  private static final int KILLS = 20;
  private static final String IMAGE = SimDevice.slotPath("b/tls.img");

  private final SimPublisher publisher = new SimPublisher();

  /** What a disk does with a write that it says it did. */
  enum Lie {
    DROPS_WRITES,
    FLIPS_A_BIT_OF_EACH_WRITE,
    WRITES_ONE_SECTOR_BESIDE,
    WRITES_HALF
  }

  private SimDevice onPatchA(SimWiring wiring) {
    publisher.release(SimPublisher.level("a"));
    SimDevice device = new SimDevice(publisher);
    device.settle();
    device.flash().disk().syncAll();
    device.flash().power().off();
    SimDevice wired = new SimDevice(device.flash(), publisher, wiring);
    wired.powerOn(CacheFate.lost());
    return wired;
  }

  private static Outcome last(SimDevice device) {
    return device.agent().history().lastOutcome().orElseThrow();
  }

  @Test
  void downgrade_newerMetadataOffersOnlyAnOlderLevel_isNotInstalled() {
    SimDevice device = new SimDevice(publisher);
    Manifest a = publisher.release(SimPublisher.level("a"));
    publisher.release(SimPublisher.level("b"));
    device.settle();
    assertThat(device.agent().status().release()).isEqualTo("26.1 (b)");
    publisher.withdraw("b", Withdrawal.STOP);
    device.agent().requestInstall();
    device.settle();
    device.steps(20);
    assertThat(device.agent().status().release()).isEqualTo("26.1 (b)");
    assertThat(device.agent().history().outcomes()).hasSize(1);
    assertThat(device.mirror().asked()).noneMatch(asked -> asked.startsWith(a.digest().hex()));
  }

  @Test
  void kill_at20RandomPoints_patchIsActiveInTheEnd() throws SutureException {
    SimFlash start = onPatchA(SimWiring.PLAIN).flash();
    publisher.release(SimPublisher.level("b"));
    SimDevice clean = new SimDevice(start.copy(), publisher, SimWiring.PLAIN);
    long before = clean.flash().power().operations();
    clean.settle();
    int operations = (int) (clean.flash().power().operations() - before);
    Random random = new Random(20);
    for (int i = 0; i < KILLS; i++) {
      SimDevice device = new SimDevice(start.copy(), publisher, SimWiring.PLAIN);
      int point = 1 + random.nextInt(operations);
      device.flash().power().cutIn(point);
      boolean isKilled = false;
      try {
        device.settle();
      } catch (PowerCut e) {
        isKilled = true;
        device.flash().powerOn(CacheFate.landed());
        if (device.stage().equals("bootloader") || device.stage().equals("startup")) {
          device.boot();
        } else {
          device.restartAgent();
        }
      }
      device.settle();
      assertThat(isKilled).as("killed at " + point).isTrue();
      assertThat(device.agent().status().release()).as("killed at " + point).isEqualTo("26.1 (b)");
      assertThat(device.agent().status().isProtected()).isTrue();
      assertThat(device.invariants().outcomesOf("26.1 (b)")).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @EnumSource(Lie.class)
  void storage_lies_isNoticedBeforeActivation(Lie lie) throws SutureException {
    SimDevice device =
        onPatchA(
            new SimWiring() {
              @Override
              public DurableFiles slots(DurableFiles files) {
                return lying(files, lie);
              }
            });
    publisher.release(SimPublisher.level("b"));
    while (device.record().active() == Slot.A && !isOver(device)) {
      device.clock().advance(Math.max(0, device.step()));
      assertThat(device.record().trial()).isEmpty();
    }
    device.settle();
    assertThat(device.agent().status().release()).isEqualTo("26.1 (a)");
    assertThat(device.agent().status().isProtected()).isTrue();
    assertThat(last(device).phase()).isEqualTo(Phase.ABANDONED);
    assertThat(last(device).failure().orElseThrow().code())
        .isEqualTo(FailureCode.READ_BACK_MISMATCH);
  }

  private static boolean isOver(SimDevice device) {
    return !device.stage().equals("off") && device.agent().history().outcomes().size() > 1;
  }

  /** Says that it wrote, and did something else, with images. */
  private static DurableFiles lying(DurableFiles files, Lie lie) {
    return (DurableFiles)
        Proxy.newProxyInstance(
            DurableFiles.class.getClassLoader(),
            new Class<?>[] {DurableFiles.class},
            (proxy, method, arguments) -> {
              Object result = invoke(() -> method.invoke(files, arguments));
              boolean isImage =
                  WritableFile.class.isAssignableFrom(method.getReturnType())
                      && String.valueOf(arguments[0]).endsWith(".img");
              return isImage ? lying(method.getReturnType(), (WritableFile) result, lie) : result;
            });
  }

  private static Object lying(Class<?> type, WritableFile file, Lie lie) {
    return Proxy.newProxyInstance(
        WritableFile.class.getClassLoader(),
        new Class<?>[] {type},
        (proxy, method, arguments) -> {
          if (!method.getName().equals("write")) {
            return invoke(() -> method.invoke(file, arguments));
          }
          long position = (Long) arguments[0];
          byte[] bytes = ((byte[]) arguments[1]).clone();
          int offset = (Integer) arguments[2];
          int length = (Integer) arguments[3];
          if (length > 0) {
            switch (lie) {
              case DROPS_WRITES -> {}
              case FLIPS_A_BIT_OF_EACH_WRITE -> {
                bytes[offset + length / 2] ^= 4;
                file.write(position, bytes, offset, length);
              }
              case WRITES_ONE_SECTOR_BESIDE -> file.write(position + 512, bytes, offset, length);
              case WRITES_HALF -> file.write(position, bytes, offset, length / 2);
            }
          }
          return null;
        });
  }

  /** A call by reflection. */
  private interface Call {
    Object make() throws ReflectiveOperationException;
  }

  private static Object invoke(Call call) throws Throwable {
    try {
      return call.make();
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  @Test
  void slot_heldOpenByAnotherProcess_isWrittenAllTheSame() throws SutureException {
    SimDevice device = onPatchA(SimWiring.PLAIN);
    device.flash().disk().put(IMAGE, new byte[5000]);
    WritableFile held = device.flash().disk().reopen(IMAGE);
    publisher.release(SimPublisher.level("b"));
    while (!device.stage().equals(Phase.ARMED.name())) {
      device.clock().advance(Math.max(0, device.stepUnchecked()));
    }
    held.close();
    device.settle();
    assertThat(device.agent().status().release()).isEqualTo("26.1 (b)");
  }

  @Test
  void slot_writtenByAnotherProcess_isNoticedBeforeActivation() throws SutureException {
    SimDevice device = onPatchA(SimWiring.PLAIN);
    boolean[] isWriting = {false};
    device
        .flash()
        .disk()
        .fault(
            (operation, path) -> {
              if (operation == Operation.SYNC && path.equals(IMAGE) && !isWriting[0]) {
                isWriting[0] = true;
                try (WritableFile other = device.flash().disk().reopen(IMAGE)) {
                  other.write(4096, new byte[] {1, 2, 3}, 0, 3);
                } catch (SutureException e) {
                  throw new AssertionError("the other process can write", e);
                } finally {
                  isWriting[0] = false;
                }
              }
              return Optional.empty();
            });
    publisher.release(SimPublisher.level("b"));
    while (!isOver(device)) {
      device.clock().advance(Math.max(0, device.step()));
      assertThat(device.record().trial()).isEmpty();
    }
    device.settle();
    assertThat(device.agent().status().release()).isEqualTo("26.1 (a)");
    assertThat(last(device).failure().orElseThrow().code())
        .isEqualTo(FailureCode.READ_BACK_MISMATCH);
    device.flash().disk().noFault();
    device.agent().requestInstall();
    device.settle();
    assertThat(device.agent().status().release()).isEqualTo("26.1 (b)");
  }

  /** A device on patch A whose slot B holds the images of the next patch already. */
  private SimDevice withImagesOfB() throws SutureException {
    SimDevice device = onPatchA(SimWiring.PLAIN);
    publisher.release(SimPublisher.level("b"));
    SimDevice other = new SimDevice(device.flash().copy(), publisher, SimWiring.PLAIN);
    other.settle();
    byte[] image = other.flash().disk().durable(IMAGE).orElseThrow();
    device.flash().disk().put(IMAGE, image);
    return device;
  }

  @Test
  void slot_holdsTheImagesAlready_isNotWritten() throws SutureException {
    SimDevice device = withImagesOfB();
    device
        .flash()
        .disk()
        .fault(
            (operation, path) -> {
              assertThat(operation == Operation.WRITE && path.equals(IMAGE)).isFalse();
              return Optional.empty();
            });
    device.settle();
    assertThat(device.agent().status().release()).isEqualTo("26.1 (b)");
    assertThat(device.agent().status().isProtected()).isTrue();
  }

  @Test
  void slot_diskLostWhatProgramsStillSee_isWrittenAnew() throws SutureException {
    SimDevice device = withImagesOfB();
    byte[] image = device.flash().disk().durable(IMAGE).orElseThrow();
    device.flash().disk().damageBelowCache(IMAGE, 0);
    device.settle();
    assertThat(device.agent().status().release()).isEqualTo("26.1 (b)");
    assertThat(device.agent().status().isProtected()).isTrue();
    assertThat(device.flash().disk().durable(IMAGE)).hasValue(image);
  }

  @Test
  void slot_flushFailsHalfWay_isWholeInTheEnd() throws SutureException {
    SimDevice device = onPatchA(SimWiring.PLAIN);
    publisher.release(SimPublisher.level("b"));
    device
        .flash()
        .disk()
        .fault(Fault.nth(1, Operation.SYNC, IMAGE::equals, FailureCode.STORAGE_IO));
    device.settle();
    assertThat(device.agent().status().release()).isEqualTo("26.1 (b)");
    assertThat(device.agent().status().isProtected()).isTrue();
  }
}
