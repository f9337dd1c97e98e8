package dev.suture.publisher.delta.account;

import dev.suture.publisher.delta.account.DeltaAccount.Place;
import dev.suture.publisher.image.ImageFiles;
import dev.suture.publisher.image.ImageFiles.Region;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;

/**
 * Finds the places that surprise most, in one pass over the image: what is near to each other, in
 * one file, is one place.
 */
final class Places {
  /** So many bytes without a surprise end a place. */
  private static final int APART_BYTES = 64;

  private static final Comparator<Found> LEAST_FIRST =
      Comparator.comparingDouble(Found::cost)
          .thenComparing(Comparator.comparingLong(Found::start).reversed());

  private final ImageFiles files;
  private final int max;
  private final PriorityQueue<Found> most = new PriorityQueue<>(LEAST_FIRST);
  private final Map<ByteKind, Double> costs = new EnumMap<>(ByteKind.class);
  private int file = -1;
  private long start;
  private long end;
  private long newBytes;
  private long surpriseBytes;

  /**
   * Begins with the image's first byte.
   *
   * @param max how many places are remembered
   */
  Places(ImageFiles files, int max) {
    this.files = files;
    this.max = max;
  }

  private record Found(
      int file,
      long start,
      long length,
      ByteKind kind,
      long surpriseBytes,
      long newBytes,
      double cost) {}

  /** Adds bytes that came otherwise: within a region, behind those that were added before. */
  void add(Region region, ByteKind kind, long position, long length, double cost) {
    if (region.file() != file || position - end > APART_BYTES) {
      close();
      file = region.file();
      start = position;
    }
    end = position + length;
    costs.merge(kind, cost, Double::sum);
    if (kind == ByteKind.NEW) {
      newBytes += length;
    } else {
      surpriseBytes += length;
    }
  }

  /** The places, those with the most bytes of the delta first. */
  List<Place> most() {
    close();
    return most.stream().sorted(LEAST_FIRST.reversed()).map(this::place).toList();
  }

  private Place place(Found found) {
    return new Place(
        files.name(found.file),
        files.at(found.start).inFile(found.start),
        found.length,
        found.kind,
        found.surpriseBytes,
        found.newBytes,
        Math.round(found.cost));
  }

  private void close() {
    if (file >= 0) {
      double sum = costs.values().stream().mapToDouble(Double::doubleValue).sum();
      ByteKind kind =
          costs.entrySet().stream().max(Map.Entry.comparingByValue()).orElseThrow().getKey();
      most.add(new Found(file, start, end - start, kind, surpriseBytes, newBytes, sum));
      if (most.size() > max) {
        most.remove();
      }
    }
    file = -1;
    costs.clear();
    newBytes = 0;
    surpriseBytes = 0;
  }
}
