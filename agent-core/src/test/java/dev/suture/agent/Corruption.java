package dev.suture.agent;

import dev.suture.sim.SimDevice;
import dev.suture.sim.SimFlash;
import dev.suture.slot.RecordMedium;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * One thing that went bad on a device while it was off.
 *
 * @param place path of a file, or {@link #COPY} and the number of a copy of the activation record
 * @param kind what happened to it
 * @param at which byte; the new length for {@code TRUNCATED}
 */
record Corruption(String place, Kind kind, int at) {
  /** Begins the place of a copy of the activation record. */
  static final String COPY = "record copy ";

  /** Both copies, in the same way. */
  static final String BOTH_COPIES = "record copies 0 and 1";

  /** What can happen to a file. */
  enum Kind {
    /** One bit of this byte is another one. */
    FLIPPED,
    /** This byte is zero. */
    ZEROED,
    /** The file ends before this byte; a record has zeros from there on. */
    TRUNCATED,
    /** Every byte is zero. */
    BLANK,
    /** There is no such file; a record has bytes of all ones. */
    GONE
  }

  /** Everything on the device that can go bad, with what it holds. */
  static List<String> places(SimFlash flash) {
    List<String> places = new ArrayList<>();
    for (int copy = 0; copy < RecordMedium.COPIES; copy++) {
      places.add(COPY + copy);
    }
    places.add(BOTH_COPIES);
    for (Map.Entry<String, byte[]> file : flash.disk().durable().entrySet()) {
      if (!file.getKey().endsWith("/")) {
        places.add(file.getKey());
      }
    }
    return places;
  }

  /** Whether a place is in the activation record. */
  static boolean isRecord(String place) {
    return place.equals(BOTH_COPIES) || place.startsWith(COPY);
  }

  /** What a place holds; copy 0 stands for both copies. */
  static byte[] content(SimFlash flash, String place) {
    return isRecord(place)
        ? flash.record().peek(place.equals(COPY + 1) ? 1 : 0)
        : flash.disk().durable(place).orElseThrow();
  }

  /**
   * All that can happen to a place, or every so many-th of it.
   *
   * @param step 1 for every byte
   */
  static List<Corruption> of(SimFlash flash, String place, int step) {
    byte[] content = content(flash, place);
    List<Corruption> all = new ArrayList<>();
    all.add(new Corruption(place, Kind.BLANK, 0));
    all.add(new Corruption(place, Kind.GONE, 0));
    // Another offset for each place, so that a coarse step meets different bytes of like files.
    for (int at = Math.floorMod(place.hashCode(), step); at < content.length; at += step) {
      all.add(new Corruption(place, Kind.FLIPPED, at));
      all.add(new Corruption(place, Kind.ZEROED, at));
      all.add(new Corruption(place, Kind.TRUNCATED, at));
    }
    all.removeIf(one -> Arrays.equals(one.applied(content), content) && one.kind != Kind.GONE);
    return all;
  }

  /** The bytes after it. */
  byte[] applied(byte[] before) {
    byte[] after = before.clone();
    switch (kind) {
      case FLIPPED -> after[at] ^= (byte) (1 << at % Byte.SIZE);
      case ZEROED -> after[at] = 0;
      case TRUNCATED -> after = Arrays.copyOf(before, at);
      case BLANK -> Arrays.fill(after, (byte) 0);
      case GONE -> Arrays.fill(after, (byte) -1);
    }
    return after;
  }

  /** Does it, durably. */
  void applyTo(SimFlash flash) {
    if (place.startsWith(COPY)) {
      overwrite(flash, place.equals(COPY + 1) ? 1 : 0);
    } else if (place.equals(BOTH_COPIES)) {
      overwrite(flash, 0);
      overwrite(flash, 1);
    } else if (kind == Kind.GONE) {
      flash.disk().remove(place);
    } else {
      flash.disk().put(place, applied(content(flash, place)));
    }
  }

  private void overwrite(SimFlash flash, int copy) {
    byte[] before = flash.record().peek(copy);
    flash.record().overwrite(copy, Arrays.copyOf(applied(before), before.length));
  }

  /** Whether it is the agent's own file. */
  boolean isState(String file) {
    return place.equals(SimDevice.statePath(file));
  }
}
