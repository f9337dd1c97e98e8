package dev.suture.publisher.delta.account;

import dev.suture.publisher.delta.account.DeltaAccount.FileCost;
import dev.suture.publisher.image.ImageFiles;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Adds up fractions of bytes for each file and kind.
 *
 * <p>Memory: a few hundred bytes for each file that the delta has bytes for.
 */
final class Shares {
  private final ImageFiles files;

  /** By the file's number; the one behind the last is the delta itself. */
  private final Map<Integer, Map<ByteKind, Double>> sums = new TreeMap<>();

  Shares(ImageFiles files) {
    this.files = files;
  }

  /** A sum, and what it is rounded to. */
  private static final class Rounded {
    private final int file;
    private final ByteKind kind;
    private final double rest;
    private long bytes;

    Rounded(int file, ByteKind kind, double sum) {
      this.file = file;
      this.kind = kind;
      bytes = (long) sum;
      rest = sum - bytes;
    }

    double rest() {
      return rest;
    }
  }

  /** Adds what is for a file of the image. */
  void add(int file, ByteKind kind, double bytes) {
    sums.computeIfAbsent(file, key -> new EnumMap<>(ByteKind.class))
        .merge(kind, bytes, Double::sum);
  }

  /** Adds what is for the delta itself. */
  void addFormat(long bytes) {
    add(files.count(), ByteKind.FORMAT, (double) bytes);
  }

  /**
   * The sums in whole bytes, those with the most first: rounded down, then up again where the most
   * was lost.
   *
   * @param total the sum of all sums
   */
  List<FileCost> whole(long total) {
    List<Rounded> all = new ArrayList<>();
    sums.forEach(
        (file, kinds) -> kinds.forEach((kind, sum) -> all.add(new Rounded(file, kind, sum))));
    long left = total - all.stream().mapToLong(one -> one.bytes).sum();
    List<Rounded> byRest = new ArrayList<>(all);
    byRest.sort(Comparator.comparingDouble(Rounded::rest).reversed());
    for (int i = 0; i < left; i++) {
      byRest.get(i).bytes++;
    }
    Map<Integer, Map<ByteKind, Long>> whole = new TreeMap<>();
    for (Rounded one : all) {
      if (one.bytes > 0) {
        whole
            .computeIfAbsent(one.file, key -> new EnumMap<>(ByteKind.class))
            .put(one.kind, one.bytes);
      }
    }
    return whole.entrySet().stream()
        .map(file -> cost(file.getKey(), file.getValue()))
        .sorted(Comparator.comparingLong(FileCost::bytes).reversed().thenComparing(FileCost::path))
        .toList();
  }

  private FileCost cost(int file, Map<ByteKind, Long> kinds) {
    return file == files.count()
        ? new FileCost(DeltaAccount.DELTA, 0, kinds)
        : new FileCost(files.name(file), files.bytes(file), kinds);
  }
}
