package dev.suture.agent;

import dev.suture.sim.CacheFate;
import dev.suture.sim.CacheFate.Kind;
import dev.suture.sim.CacheFate.Part;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.IntPredicate;

/**
 * What may have become of unsynced parts: every subset of up to {@code all} of them; of more, none,
 * all, names alone, content alone, all but the last few in the order in which they were written,
 * every other, whole operations, and some at random.
 *
 * @param all up to so many parts, every subset
 * @param some of more parts, so many of each kind of choice
 */
record CrashFates(int all, int some) {
  /**
   * One of them.
   *
   * @param id the subset as a hexadecimal number, first part lowest
   */
  record Fate(String id, CacheFate fate) {}

  /** Whether every subset of these is enumerated. */
  boolean isExhaustive(List<Part> parts) {
    return parts.size() <= all;
  }

  List<Fate> of(List<Part> parts, long seed) {
    List<Fate> fates = new ArrayList<>();
    for (BigInteger subset : isExhaustive(parts) ? everySubset(parts) : choice(parts, seed)) {
      fates.add(new Fate(subset.toString(16), fate(parts, subset)));
    }
    return fates;
  }

  static CacheFate fate(List<Part> parts, BigInteger subset) {
    if (subset.signum() == 0) {
      return CacheFate.lost();
    }
    if (subset.bitCount() == parts.size()) {
      return CacheFate.landed();
    }
    Set<Part> landed = new HashSet<>();
    for (int i = 0; i < parts.size(); i++) {
      if (subset.testBit(i)) {
        landed.add(parts.get(i));
      }
    }
    return CacheFate.only(landed);
  }

  private static Iterable<BigInteger> everySubset(List<Part> parts) {
    List<BigInteger> subsets = new ArrayList<>();
    for (int subset = 0; subset < 1 << parts.size(); subset++) {
      subsets.add(BigInteger.valueOf(subset));
    }
    return subsets;
  }

  private Iterable<BigInteger> choice(List<Part> parts, long seed) {
    int size = parts.size();
    Set<BigInteger> subsets = new LinkedHashSet<>();
    subsets.add(BigInteger.ZERO);
    subsets.add(where(size, i -> true));
    subsets.add(where(size, i -> parts.get(i).kind() == Kind.NAME));
    subsets.add(where(size, i -> parts.get(i).kind() != Kind.NAME));
    subsets.add(where(size, i -> i % 2 == 0));
    long last = operation(parts, size - 1);
    subsets.add(where(size, i -> (last - operation(parts, i)) % 2 == 0));
    Random random = new Random(seed);
    for (int i = 0; i < some; i++) {
      int length = 1 + random.nextInt(size - 1);
      subsets.add(where(size, at -> at < length));
      long operations = random.nextLong();
      subsets.add(where(size, at -> (operations >>> (last - operation(parts, at)) % 64 & 1) == 1));
      subsets.add(new BigInteger(size, random));
    }
    return subsets;
  }

  private static long operation(List<Part> parts, int at) {
    return parts.get(at).operation();
  }

  private static BigInteger where(int size, IntPredicate landed) {
    BigInteger subset = BigInteger.ZERO;
    for (int i = 0; i < size; i++) {
      if (landed.test(i)) {
        subset = subset.setBit(i);
      }
    }
    return subset;
  }
}
