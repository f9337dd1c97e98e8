package dev.suture.publisher.delta.account;

import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What the bytes of one delta are spent on: each is attributed to a file of the image and a kind.
 *
 * <p>An attribution is a share. Many places are compressed together, and each pays for what the
 * decoder reads to make it: see {@link StreamCosts}. So what repeats is cheap, and the first of its
 * kind pays for it; leaving one place out can make another one cost more. A few bytes around a
 * place can be its neighbour's. The shares are rounded so that their sum is the length of the
 * delta.
 *
 * @param deltaBytes length of the delta: the sum of all files
 * @param imageBytes length of the image
 * @param files what the delta has bytes for, those with the most first
 * @param places the places that surprise most, see {@link Place}, those with the most bytes first
 * @param refusal why files have no names of their own, if they have none
 */
public record DeltaAccount(
    long deltaBytes,
    long imageBytes,
    List<FileCost> files,
    List<Place> places,
    Optional<String> refusal) {
  /** The name of what the delta has bytes for whatever is in the image. */
  public static final String DELTA = "(delta)";

  private static final Comparator<Reason> MOST_FIRST =
      Comparator.comparingLong(Reason::bytes)
          .reversed()
          .thenComparing(Reason::path)
          .thenComparing(Reason::kind);

  /** Copies the lists, and checks the sum. */
  public DeltaAccount {
    files = List.copyOf(files);
    places = List.copyOf(places);
    long sum = files.stream().mapToLong(FileCost::bytes).sum();
    if (sum != deltaBytes) {
      throw new IllegalArgumentException(
          "account of a delta: expected " + deltaBytes + " bytes, got " + sum);
    }
  }

  /**
   * What one file costs.
   *
   * @param path its name, or what it is called in parentheses; whatever characters its maker chose
   * @param imageBytes how many bytes of the image it has; 0 for the delta itself
   * @param kinds bytes of the delta, by kind; none is 0
   */
  public record FileCost(String path, long imageBytes, Map<ByteKind, Long> kinds) {
    /** Copies the map, in the order of kinds. */
    public FileCost {
      EnumMap<ByteKind, Long> sorted = new EnumMap<>(ByteKind.class);
      sorted.putAll(kinds);
      kinds = Collections.unmodifiableMap(sorted);
    }

    /** Bytes of the delta for all of it. */
    public long bytes() {
      return kinds.values().stream().mapToLong(Long::longValue).sum();
    }
  }

  /**
   * A range of a file that came otherwise than predicted: surprises and new bytes near to each
   * other.
   *
   * @param path name of the file
   * @param offset where in the file it begins; in the image if the bytes are no file's
   * @param length from its first surprise or new byte to its last
   * @param kind what most of its bytes are spent on
   * @param surpriseBytes bytes of it that were predicted otherwise
   * @param newBytes bytes of it that are new
   * @param bytes its share of the delta, rounded
   */
  public record Place(
      String path,
      long offset,
      long length,
      ByteKind kind,
      long surpriseBytes,
      long newBytes,
      long bytes) {}

  /** One kind of bytes for one file. */
  public record Reason(String path, ByteKind kind, long bytes) {}

  /** Bytes by kind, of all files; every kind has an entry. */
  public Map<ByteKind, Long> kinds() {
    EnumMap<ByteKind, Long> sums = new EnumMap<>(ByteKind.class);
    Arrays.stream(ByteKind.values()).forEach(kind -> sums.put(kind, 0L));
    files.forEach(file -> file.kinds.forEach((kind, bytes) -> sums.merge(kind, bytes, Long::sum)));
    return sums;
  }

  /** What costs most, at most this many. */
  public List<Reason> reasons(int max) {
    return files.stream().flatMap(DeltaAccount::reasons).sorted(MOST_FIRST).limit(max).toList();
  }

  private static Stream<Reason> reasons(FileCost file) {
    return file.kinds.entrySet().stream()
        .map(entry -> new Reason(file.path, entry.getKey(), entry.getValue()));
  }
}
