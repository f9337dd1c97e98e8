package dev.suture.hil.replay;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One state that a power cut may leave a recorded disk in. The power fails when {@code cut} entries
 * of the log are complete. What was complete at the last flush before that is on the disk; so is
 * every write that was ordered to be durable by itself. The fate says what became of the rest, the
 * pending writes. The text of a state, such as {@code 812.torn.17}, replays it bit for bit.
 *
 * @param cut how many entries of the log are complete
 * @param fate what became of pending writes
 * @param seed chooses among the fate's possibilities; 0 where there is only one
 */
public record DiskState(int cut, Fate fate, long seed) {
  private static final Pattern TEXT = Pattern.compile("(\\d{1,9})\\.([a-z]+)\\.(\\d{1,18})");

  /** What becomes of pending writes. */
  public enum Fate {
    /** All are on the disk. */
    LANDED,
    /** None is. */
    LOST,
    /** Each is or is not, whatever becomes of the others. */
    DROPPED,
    /**
     * As {@link #DROPPED}, but of each that is longer than a sector any of its sectors may be
     * missing: it stops early, begins late, or has holes.
     */
    TORN,
    /**
     * They land in another order, and the power fails before all have: of two that overlap, the
     * earlier may be the one that is left.
     */
    REORDERED;

    String word() {
      return name().toLowerCase(Locale.ROOT);
    }

    static Fate ofWord(String word) {
      for (Fate fate : values()) {
        if (fate.word().equals(word)) {
          return fate;
        }
      }
      throw new IllegalArgumentException(
          "fate: expected landed, lost, dropped, torn or reordered, got \"" + word + "\"");
    }
  }

  /**
   * Sectors of an entry that land.
   *
   * @param entry which
   * @param from first sector, counted from the entry's own first
   * @param sectors how many
   */
  public record Piece(WriteLog.Entry entry, long from, long sectors) {
    static Piece whole(WriteLog.Entry entry) {
      return new Piece(entry, 0, entry.sectors());
    }
  }

  /** Checks the parts. */
  public DiskState {
    if (cut < 0 || seed < 0) {
      throw new IllegalArgumentException("disk state: expected no negative number");
    }
    if (seed != 0 && (fate == Fate.LANDED || fate == Fate.LOST)) {
      throw new IllegalArgumentException("disk state: expected seed 0 for " + fate.word());
    }
  }

  /** The state after {@code cut} entries, with nothing lost. */
  public static DiskState landed(int cut) {
    return new DiskState(cut, Fate.LANDED, 0);
  }

  /** The state after {@code cut} entries, with all lost that may be. */
  public static DiskState lost(int cut) {
    return new DiskState(cut, Fate.LOST, 0);
  }

  /** Reads what {@link #toString} wrote. */
  public static DiskState parse(String text) {
    Matcher matcher = TEXT.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "disk state: expected CUT.FATE.SEED, as in 812.torn.17, got \"" + text + "\"");
    }
    return new DiskState(
        Integer.parseInt(matcher.group(1)),
        Fate.ofWord(matcher.group(2)),
        Long.parseLong(matcher.group(3)));
  }

  /** The writes that are complete and may yet be lost, the oldest first. */
  public List<WriteLog.Entry> pending(WriteLog log) {
    return log.entries().subList(durableEntries(log), cut).stream()
        .filter(WriteLog.Entry::isWrite)
        .filter(entry -> !entry.isDurable())
        .toList();
  }

  /** How many entries, from the first on, are on the disk for certain. */
  int durableEntries(WriteLog log) {
    return Math.max(0, log.lastFlush(cut));
  }

  /**
   * What lands of the entries from {@link #durableEntries} up to the cut, in the order in which it
   * does.
   */
  List<Piece> landing(WriteLog log) {
    List<Piece> landing = new ArrayList<>();
    List<WriteLog.Entry> pending = new ArrayList<>();
    for (WriteLog.Entry entry : log.entries().subList(durableEntries(log), cut)) {
      if (!entry.isWrite()) {
        continue;
      }
      if (entry.isDurable() && fate != Fate.LANDED) {
        // Durable at once: whatever was pending before it may still be reordered behind it, but
        // not over it.
        landing.add(Piece.whole(entry));
        pending.removeIf(earlier -> overlaps(earlier, entry));
      } else {
        pending.add(entry);
      }
    }
    // Distinct for neighbouring cuts with the same seed.
    Random random = new Random(seed * 1_000_003 + cut);
    switch (fate) {
      case LOST -> {}
      case LANDED -> pending.forEach(entry -> landing.add(Piece.whole(entry)));
      case DROPPED -> {
        for (WriteLog.Entry entry : pending) {
          if (random.nextBoolean()) {
            landing.add(Piece.whole(entry));
          }
        }
      }
      case TORN -> pending.forEach(entry -> tear(entry, random, landing));
      case REORDERED -> {
        Collections.shuffle(pending, random);
        int count = pending.isEmpty() ? 0 : random.nextInt(pending.size());
        pending.subList(0, count).forEach(entry -> landing.add(Piece.whole(entry)));
      }
    }
    return landing;
  }

  private static boolean overlaps(WriteLog.Entry one, WriteLog.Entry other) {
    return one.sector() < other.sector() + other.sectors()
        && other.sector() < one.sector() + one.sectors();
  }

  private static void tear(WriteLog.Entry entry, Random random, List<Piece> landing) {
    long sectors = entry.sectors();
    int way = random.nextInt(5);
    if (sectors == 1) {
      // A sector is written as a whole or not at all.
      if (way % 2 == 0) {
        landing.add(Piece.whole(entry));
      }
      return;
    }
    long at = 1 + (long) (random.nextDouble() * (sectors - 1));
    switch (way) {
      case 0 -> {}
      case 1 -> landing.add(Piece.whole(entry));
      case 2 -> landing.add(new Piece(entry, 0, at));
      case 3 -> landing.add(new Piece(entry, at, sectors - at));
      default -> {
        for (long sector = 0; sector < sectors; sector++) {
          if (random.nextBoolean()) {
            landing.add(new Piece(entry, sector, 1));
          }
        }
      }
    }
  }

  /** As {@link #parse} reads it. */
  @Override
  public String toString() {
    return cut + "." + fate.word() + "." + seed;
  }
}
