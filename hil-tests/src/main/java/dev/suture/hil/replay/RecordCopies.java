package dev.suture.hil.replay;

import dev.suture.hil.HarnessException;
import dev.suture.protocol.Slot;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.slot.ActivationRecord;
import dev.suture.slot.ActivationRecordCodec;
import dev.suture.slot.RecordMedium;
import dev.suture.slot.SlotContent;
import dev.suture.slot.SlotDevice.BootChoice;
import dev.suture.slot.TwoCopyRecord;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Optional;

/** The two copies of the activation record that a disk has, in memory. */
final class RecordCopies implements RecordMedium {
  private static final long COPY_DISTANCE_BYTES = 512 * 1024;

  private final byte[][] copies = new byte[COPIES][ActivationRecordCodec.BYTES];

  /** Reads both copies from an image of the partition {@code state}. */
  static RecordCopies of(Path stateImage) {
    RecordCopies medium = new RecordCopies();
    try (FileChannel channel = FileChannel.open(stateImage, StandardOpenOption.READ)) {
      for (int copy = 0; copy < COPIES; copy++) {
        ByteBuffer buffer = ByteBuffer.wrap(medium.copies[copy]);
        long position = copy * COPY_DISTANCE_BYTES;
        while (buffer.hasRemaining() && channel.read(buffer, position + buffer.position()) > 0) {
          // Until full.
        }
      }
      return medium;
    } catch (IOException e) {
      throw new HarnessException("partition image " + stateImage + ": cannot be read", e);
    }
  }

  @Override
  public byte[] read(int copy) {
    return copies[copy].clone();
  }

  @Override
  public void write(int copy, byte[] bytes) {
    copies[copy] = Arrays.copyOf(bytes, bytes.length);
  }

  /** How many copies are valid. */
  int valid() {
    int valid = 0;
    for (byte[] copy : copies) {
      try {
        ActivationRecordCodec.decode(copy);
        valid++;
      } catch (IllegalArgumentException e) {
        // Counted by not being counted.
      }
    }
    return valid;
  }

  /**
   * What the boot script does at the next start: counts a try, and chooses. A second opinion on
   * {@code qemu/boot/boot.cmd}: every state that boots is compared with it.
   */
  BootChoice boot() throws DeviceException {
    TwoCopyRecord record = new TwoCopyRecord(this);
    if (valid() == 0) {
      return new BootChoice(Slot.BASE, false, 'a');
    }
    ActivationRecord now = record.load();
    Optional<Slot> trial = now.trial();
    if (trial.isEmpty()) {
      return new BootChoice(now.active(), false, now.osSlot());
    }
    if (now.tries() > 0) {
      record.store(
          new ActivationRecord(
              now.sequence() + 1,
              now.active(),
              now.starts(),
              trial,
              now.tries() - 1,
              now.a(),
              now.b(),
              now.osSlot()));
      return new BootChoice(trial.get(), true, now.osSlot());
    }
    record.store(now.failed(trial.get()));
    return new BootChoice(now.active(), false, now.osSlot());
  }

  /** The record in a few words: what is active, on trial, and in the slots. */
  static String words(ActivationRecord record) {
    return "active "
        + record.active().word()
        + record.trial().map(slot -> ", trial " + slot.word() + ":" + record.tries()).orElse("")
        + content(", a ", record.a())
        + content(", b ", record.b());
  }

  private static String content(String prefix, SlotContent content) {
    return content.state() == SlotContent.State.EMPTY
        ? ""
        : prefix + content.state().name().toLowerCase(java.util.Locale.ROOT);
  }
}
