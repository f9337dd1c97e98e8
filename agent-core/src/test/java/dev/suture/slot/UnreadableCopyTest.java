package dev.suture.slot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.suture.protocol.Sha256;
import dev.suture.protocol.Slot;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The disk does not give one copy of a record, whatever its form is. */
class UnreadableCopyTest {
  private static final int BYTES = 1024;

  /** A form of the record, and which copy cannot be read. */
  private enum Form {
    RAW(ActivationRecordCodec.BYTES),
    SUTURE(BYTES),
    RAUC(BYTES),
    MISC(ActivationRecordCodec.BYTES);

    private final int bytes;

    Form(int bytes) {
      this.bytes = bytes;
    }

    BootControl control(MemoryMedium medium) {
      return switch (this) {
        case RAW -> new TwoCopyRecord(medium);
        case SUTURE ->
            new EnvironmentRecord(medium, EnvironmentNames.SUTURE, true, RecordLock.NONE);
        case RAUC -> new EnvironmentRecord(medium, EnvironmentNames.RAUC, true, RecordLock.NONE);
        case MISC -> new MiscRecord(medium, medium);
      };
    }
  }

  private static List<Arguments> forms() {
    List<Arguments> all = new ArrayList<>();
    for (Form form : Form.values()) {
      all.add(Arguments.of(form, 0));
      all.add(Arguments.of(form, 1));
    }
    return all;
  }

  @ParameterizedTest
  @MethodSource("forms")
  void load_oneCopyCannotBeRead_isTheOtherOneAndTheNextWriteGoesOverIt(Form form, int copy)
      throws DeviceException {
    MemoryMedium medium = new MemoryMedium(form.bytes);
    BootControl control = form.control(medium);
    control.store(ActivationRecord.factory('a'));
    medium.unreadable.add(copy);
    assertThat(control.load()).isEqualTo(ActivationRecord.factory('a'));
    medium.written.clear();
    control.store(control.load().base());
    assertThat(medium.written.get(0)).isEqualTo(copy);
    assertThat(medium.unreadable).isEmpty();
    assertThat(control.load()).isEqualTo(ActivationRecord.factory('a').base());
  }

  /** The older one must not be taken for what was read before. */
  @ParameterizedTest
  @MethodSource("forms")
  void store_newestCopyCannotBeReadAnyMore_isAnErrorOfTheDisk(Form form, int copy)
      throws DeviceException {
    MemoryMedium medium = new MemoryMedium(form.bytes);
    BootControl control = form.control(medium);
    control.store(ActivationRecord.factory('a').unusable(Slot.A, Sha256.of(new byte[1])));
    byte[] older = medium.areas[1 - copy].clone();
    control.store(control.load().unusable(Slot.B, Sha256.of(new byte[1])));
    medium.areas[1 - copy] = older; // As a cut leaves it.
    ActivationRecord next = control.load().base();
    medium.unreadable.add(copy);
    medium.written.clear();
    assertThatThrownBy(() -> control.store(next))
        .isInstanceOfSatisfying(
            DeviceException.class, e -> assertThat(e.code()).isEqualTo(FailureCode.STORAGE_IO));
    assertThat(medium.written).isEmpty();
  }

  /** Damage would be written over: but what cannot be read may be the record. */
  @ParameterizedTest
  @MethodSource("forms")
  void load_otherCopyIsDamaged_isAnErrorOfTheDisk(Form form, int copy) throws DeviceException {
    MemoryMedium medium = new MemoryMedium(form.bytes);
    BootControl control = form.control(medium);
    control.store(ActivationRecord.factory('a'));
    medium.unreadable.add(copy);
    medium.areas[1 - copy][9] ^= 1;
    medium.written.clear();
    assertThatThrownBy(control::load)
        .isInstanceOfSatisfying(
            DeviceException.class, e -> assertThat(e.code()).isEqualTo(FailureCode.STORAGE_IO));
    assertThatThrownBy(() -> control.store(ActivationRecord.factory('a').base()))
        .isInstanceOf(DeviceException.class);
    assertThat(medium.written).isEmpty();
  }
}
