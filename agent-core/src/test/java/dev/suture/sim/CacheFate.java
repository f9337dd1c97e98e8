package dev.suture.sim;

import java.util.Set;

/** What becomes of everything that was written but not synced when the power fails. */
@FunctionalInterface
public interface CacheFate {
  /** What can reach the disk, or not, on its own. */
  enum Kind {
    /** A name that was made, changed or removed; a rename is one. */
    NAME,
    /** A file that was emptied or cut. */
    LENGTH,
    /** One sector of a write. */
    SECTOR,
    /** A few bytes of a copy of the activation record. */
    RECORD
  }

  /**
   * Something that was not synced.
   *
   * @param kind what it is
   * @param operation number of the operation that it belongs to
   * @param part which part of that operation
   */
  record Part(Kind kind, long operation, long part) {}

  /**
   * Whether it reached the disk.
   *
   * @param operation number of the operation that it belongs to
   * @param part which part of that operation: the sector, or the bytes of a record
   */
  boolean lands(Kind kind, long operation, long part);

  /** Nothing did. */
  static CacheFate lost() {
    return (kind, operation, part) -> false;
  }

  /** Everything did. */
  static CacheFate landed() {
    return (kind, operation, part) -> true;
  }

  /** Names did, content did not. */
  static CacheFate namesOnly() {
    return (kind, operation, part) -> kind == Kind.NAME;
  }

  /** Content did, names did not. */
  static CacheFate contentOnly() {
    return (kind, operation, part) -> kind != Kind.NAME;
  }

  /** These did. */
  static CacheFate only(Set<Part> parts) {
    return (kind, operation, part) -> parts.contains(new Part(kind, operation, part));
  }

  /** Every operation did as a whole or not at all, as this seed says. */
  static CacheFate mixed(long seed) {
    return (kind, operation, part) -> coin(seed, operation, 0);
  }

  /** Every part of every operation did or did not, as this seed says. */
  static CacheFate torn(long seed) {
    return (kind, operation, part) -> coin(seed, operation, part + 1);
  }

  /** Every other part of every write did; names did. */
  static CacheFate everyOther() {
    return (kind, operation, part) -> kind == Kind.NAME || part % 2 == 0;
  }

  private static boolean coin(long seed, long operation, long part) {
    long hash = seed * 0x9e3779b97f4a7c15L + operation * 0xc2b2ae3d27d4eb4fL + part;
    hash = (hash ^ (hash >>> 30)) * 0xbf58476d1ce4e5b9L;
    hash = (hash ^ (hash >>> 27)) * 0x94d049bb133111ebL;
    return ((hash ^ (hash >>> 31)) & 1) == 1;
  }
}
