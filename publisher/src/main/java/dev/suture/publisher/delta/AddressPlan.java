package dev.suture.publisher.delta;

import dev.suture.delta.CopyMap;
import dev.suture.delta.Segments;
import dev.suture.delta.Spans;
import dev.suture.protocol.delta.DeltaLimits;
import dev.suture.protocol.delta.SpanKind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Which files of the base became which files of the image, and what can be predicted in them. */
final class AddressPlan {
  private static final int SAMPLES = 64;
  private static final int LEARNED_EVERY_BYTES = 32;
  private static final int LEARNED_LOG_MIN = 10;

  private final Segments segments;
  private final Spans spans;
  private final List<AddressedFile[]> pairs;
  private final int copies;
  private final StreamWriter segmentNumbers = new StreamWriter();
  private final StreamWriter spanNumbers = new StreamWriter();

  private AddressPlan(List<AddressedFile[]> pairs, int copies) {
    this.pairs = List.copyOf(pairs);
    this.copies = copies;
    int count = 0;
    List<AddressedFile.Span> all = new ArrayList<>();
    for (AddressedFile[] pair : pairs) {
      count += pair[0].segments().size();
      all.addAll(pair[0].spans());
    }
    segments = new Segments(count);
    int next = 0;
    long end = 0;
    for (AddressedFile[] pair : pairs) {
      for (int i = 0; i < pair[0].segments().size(); i++) {
        AddressedFile.Segment from = pair[0].segments().get(i);
        AddressedFile.Segment to = pair[1].segments().get(i);
        segments.set(
            next++,
            i == 0,
            from.start(),
            from.bytes(),
            from.address(),
            to.start(),
            to.bytes(),
            to.address());
        segmentNumbers.number(i == 0 ? Segments.NEW_FILE : 0);
        segmentNumbers.number(from.start() - end);
        segmentNumbers.number(from.bytes());
        segmentNumbers.signed(from.address() - from.start());
        segmentNumbers.signed(to.start() - from.start());
        segmentNumbers.signed(to.bytes() - from.bytes());
        segmentNumbers.signed(to.address() - to.start() - from.address() + from.start());
        end = from.start() + from.bytes();
      }
    }
    SpanKind[] kinds = new SpanKind[all.size()];
    long[] starts = new long[all.size()];
    long[] lengths = new long[all.size()];
    end = 0;
    for (int i = 0; i < kinds.length; i++) {
      AddressedFile.Span span = all.get(i);
      kinds[i] = span.kind();
      starts[i] = span.start();
      lengths[i] = span.bytes();
      spanNumbers.number(span.kind().number());
      spanNumbers.number(span.start() - end);
      spanNumbers.number(span.bytes());
      end = span.start() + span.bytes();
    }
    spans = new Spans(kinds, starts, lengths);
  }

  /** Nothing is predicted. */
  static AddressPlan none() {
    return new AddressPlan(List.of(), 0);
  }

  /** Pairs the files of a base with those of an image by where most of them is copied to. */
  static AddressPlan of(List<AddressedFile> base, List<AddressedFile> image, CopyMap map) {
    NavigableMap<Long, AddressedFile> targets = new TreeMap<>();
    for (AddressedFile file : image) {
      targets.put(file.start(), file);
    }
    List<AddressedFile[]> pairs = new ArrayList<>();
    int segments = 0;
    int spans = 0;
    for (AddressedFile from : base) {
      AddressedFile to = target(from, targets, map);
      if (to == null || to.segments().size() != from.segments().size()) {
        continue;
      }
      segments += from.segments().size();
      spans += from.spans().size();
      if (segments > DeltaLimits.SEGMENTS_MAX || spans > DeltaLimits.SPANS_MAX) {
        break;
      }
      pairs.add(new AddressedFile[] {from, to});
    }
    return new AddressPlan(pairs, map.count());
  }

  /** The file of the image that most samples of a file of the base were copied to. */
  private static @Nullable AddressedFile target(
      AddressedFile from, NavigableMap<Long, AddressedFile> targets, CopyMap map) {
    Map<AddressedFile, Integer> votes = new HashMap<>();
    AddressedFile best = null;
    for (int i = 0; i < SAMPLES; i++) {
      long at = from.start() + (from.end() - from.start()) * i / SAMPLES;
      long moved = at + map.shift(at);
      Map.Entry<Long, AddressedFile> found = targets.floorEntry(moved);
      if (found != null && moved < found.getValue().end()) {
        int count = votes.merge(found.getValue(), 1, Integer::sum);
        if (best == null || count > votes.getOrDefault(best, 0)) {
          best = found.getValue();
        }
      }
    }
    return best;
  }

  /** Files of the base, each with what it became in the image. */
  List<AddressedFile[]> pairs() {
    return pairs;
  }

  Segments segments() {
    return segments;
  }

  Spans spans() {
    return spans;
  }

  StreamWriter[] streams() {
    return new StreamWriter[] {segmentNumbers, spanNumbers};
  }

  /**
   * How many learned targets there is room for, as a power of two: enough for each target of code
   * once, which about every sixteenth instruction is the first for, and as many for places; fewer
   * if a device has no memory for them beside the copies.
   */
  int learnedLog() {
    long bytes = 0;
    for (int i = 0; i < spans.count(); i++) {
      if (spans.kind(i) == SpanKind.CODE || spans.kind(i) == SpanKind.SECTION_RELOCATIONS) {
        bytes += spans.end(i) - spans.start(i);
      }
    }
    if (bytes == 0) {
      return 0;
    }
    int log = Long.SIZE - Long.numberOfLeadingZeros(bytes / LEARNED_EVERY_BYTES);
    log = Math.max(LEARNED_LOG_MIN, Math.min(DeltaLimits.LEARNED_LOG_MAX, log));
    while (DeltaLimits.mapBytes(log, copies, segments.count(), spans.count())
        > DeltaLimits.MAP_BYTES_MAX) {
      log--;
    }
    return log;
  }
}
