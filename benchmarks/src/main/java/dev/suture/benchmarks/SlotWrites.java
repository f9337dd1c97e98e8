package dev.suture.benchmarks;

import dev.suture.delta.DeltaApplier;
import dev.suture.delta.SlotSink;
import dev.suture.durable.NioFiles;
import dev.suture.protocol.ComponentName;
import dev.suture.protocol.Slot;
import dev.suture.protocol.manifest.ImageIdentity;
import dev.suture.slot.SlotFiles;
import dev.suture.slot.SlotImage;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;

/** What a rebuild writes into a slot that holds the image from before, as the agent does it. */
final class SlotWrites {
  private static final int CHUNK_BYTES = 1 << 20;
  private static final ComponentName NAME = new ComponentName("image");

  private SlotWrites() {}

  /**
   * Counts.
   *
   * @param base the image that the slot holds before
   * @param slots a folder for slots, made here and gone afterwards
   * @return bytes of image and hash tree that were written
   */
  static long count(Path base, Path target, Path delta, Path slots) throws Exception {
    ImageIdentity image = ImageFiles.identity(target);
    Files.createDirectories(slots);
    SlotFiles files = new SlotFiles(new NioFiles(slots));
    files.prepare(Slot.A, Set.of(NAME));
    fill(files, base);
    long written;
    try (InputStream in = Files.newInputStream(delta);
        Rebuild.FileBase from = new Rebuild.FileBase(base);
        SlotImage file = files.openImage(Slot.A, NAME, SlotSink.fileBytes(image))) {
      SlotSink sink = new SlotSink(file, image);
      DeltaApplier.apply(in, Files.size(delta), ImageFiles.sha256(base), image, from, sink);
      sink.finish();
      written = file.writtenBytes();
    }
    Path slot = slots.resolve(SlotFiles.imagePath(Slot.A, NAME));
    ImageFiles.requireSlot(target, slot);
    Files.delete(slot);
    Files.delete(slots.resolve(Slot.A.word()));
    Files.delete(slots);
    return written;
  }

  private static void fill(SlotFiles files, Path base) throws Exception {
    ImageIdentity image = ImageFiles.identity(base);
    try (InputStream in = Files.newInputStream(base);
        SlotImage file = files.createImage(Slot.A, NAME)) {
      SlotSink sink = new SlotSink(file, image);
      byte[] chunk = new byte[CHUNK_BYTES];
      for (int n = in.read(chunk); n >= 0; n = in.read(chunk)) {
        sink.write(chunk, 0, n);
      }
      sink.finish();
    }
  }
}
