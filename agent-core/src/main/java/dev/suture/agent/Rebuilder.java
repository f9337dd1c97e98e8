package dev.suture.agent;

import dev.suture.background.Pacer;
import dev.suture.delta.BaseImage;
import dev.suture.delta.DeltaApplier;
import dev.suture.delta.FullPayload;
import dev.suture.delta.ImageSink;
import dev.suture.delta.SlotSink;
import dev.suture.durable.ReadableFile;
import dev.suture.protocol.ComponentName;
import dev.suture.protocol.Slot;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.RejectedException;
import dev.suture.protocol.failure.RetryableException;
import dev.suture.protocol.failure.SutureException;
import dev.suture.protocol.manifest.Manifest;
import dev.suture.protocol.manifest.PatchComponent;
import dev.suture.protocol.manifest.Payload;
import dev.suture.slot.SlotDevice;
import dev.suture.slot.SlotFiles;
import dev.suture.slot.SlotImage;
import dev.suture.store.PayloadCache;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** Turns payloads into the images of a slot. */
final class Rebuilder {
  private final SlotFiles slots;
  private final SlotDevice device;
  private final PayloadCache cache;
  private final BaseImages bases;

  Rebuilder(SlotFiles slots, SlotDevice device, PayloadCache cache, BaseImages bases) {
    this.slots = slots;
    this.device = device;
    this.cache = cache;
    this.bases = bases;
  }

  /**
   * What is fetched for a component: the delta, or the full image once the delta was given up or
   * where there is none.
   */
  static Payload choose(PatchComponent component, boolean full) {
    Payload.Kind wanted = full ? Payload.Kind.FULL : Payload.Kind.DELTA;
    return component.payload(wanted).orElse(component.payloads().get(0));
  }

  /** All payloads of a patch. */
  static List<Payload> payloads(Manifest manifest, boolean full) {
    List<Payload> payloads = new ArrayList<>();
    for (PatchComponent component : manifest.components()) {
      payloads.add(choose(component, full));
    }
    return payloads;
  }

  /** Bytes that the images of a patch need in a slot, hash trees included. */
  static long slotBytes(Manifest manifest) {
    long bytes = 0;
    for (PatchComponent component : manifest.components()) {
      bytes += SlotSink.fileBytes(component.image());
    }
    return bytes;
  }

  /**
   * What a rebuild did to a slot's files.
   *
   * @param writtenBytes of images and hash trees
   * @param keptBytes likewise: the slot held them already
   */
  record Written(long writtenBytes, long keptBytes) {
    private static final Written NOTHING = new Written(0, 0);

    private Written and(Written other) {
      return new Written(writtenBytes + other.writtenBytes, keptBytes + other.keptBytes);
    }
  }

  /**
   * Rebuilds every image of a patch from the start, seals the slot with its documents, and reads
   * everything back from the disk. Blocks that the slot holds already are not written; where they
   * turn out not to be on the disk, the image is written anew. Then the bootloader is given what it
   * starts for this slot. The slot is marked unusable. On return all of it is durable and is what
   * is signed.
   *
   * @param pacer is told each byte that was rebuilt or read back
   * @throws RejectedException {@code DELTA_MALFORMED} or {@code IMAGE_DIGEST_MISMATCH}
   * @throws RetryableException what the pacer throws
   * @throws DeviceException {@code BASE_UNREADABLE}, {@code READ_BACK_MISMATCH}, or what the
   *     storage did
   */
  Written rebuild(
      Slot slot, Manifest manifest, SlotFiles.Documents documents, boolean full, Pacer pacer)
      throws SutureException {
    Set<ComponentName> names = new HashSet<>();
    for (PatchComponent component : manifest.components()) {
      names.add(component.name());
    }
    slots.prepare(slot, names);
    Map<ComponentName, Written> written = new LinkedHashMap<>();
    for (PatchComponent component : manifest.components()) {
      try (SlotImage file =
          slots.openImage(slot, component.name(), SlotSink.fileBytes(component.image()))) {
        written.put(component.name(), rebuild(file, component, choose(component, full), pacer));
      }
    }
    slots.seal(slot, documents);
    Written all = Written.NOTHING;
    for (PatchComponent component : manifest.components()) {
      Written one = Objects.requireNonNull(written.get(component.name()));
      try {
        device.readBack(slot, component, pacer);
      } catch (DeviceException e) {
        if (e.code() != FailureCode.READ_BACK_MISMATCH || one.keptBytes() == 0) {
          throw e;
        }
        // The disk does not hold what the file seemed to hold.
        one = new Written(one.writtenBytes(), 0).and(anew(slot, component, full, pacer));
        device.readBack(slot, component, pacer);
      }
      all = all.and(one);
    }
    device.prepareStart(slot, manifest);
    return all;
  }

  private Written anew(Slot slot, PatchComponent component, boolean full, Pacer pacer)
      throws SutureException {
    try (SlotImage file = slots.createImage(slot, component.name())) {
      return rebuild(file, component, choose(component, full), pacer);
    }
  }

  private Written rebuild(SlotImage file, PatchComponent component, Payload payload, Pacer pacer)
      throws SutureException {
    try (ReadableFile packed = cache.open(payload.file())) {
      SlotSink sink = new SlotSink(file, component.image());
      ImageSink paced =
          (source, offset, length) -> {
            sink.write(source, offset, length);
            pacer.passed(length);
          };
      switch (payload.kind()) {
        case DELTA -> {
          try (BaseImage base = bases.open(component.name())) {
            DeltaApplier.apply(
                stream(packed),
                payload.file().bytes(),
                component.baseSha256(),
                component.image(),
                base,
                paced);
          }
        }
        case FULL ->
            FullPayload.expand(stream(packed), payload.file().bytes(), component.image(), paced);
      }
      sink.finish();
      return new Written(file.writtenBytes(), file.keptBytes());
    }
  }

  private static InputStream stream(ReadableFile file) {
    return new ReadableFileStream(file);
  }

  /** Whether the full image may succeed where the delta failed. */
  static boolean fullMayHelp(SutureException failure) {
    return failure.code() == FailureCode.DELTA_MALFORMED
        || failure.code() == FailureCode.IMAGE_DIGEST_MISMATCH
        || failure.code() == FailureCode.BASE_UNREADABLE;
  }
}
