package dev.suture.attempt;

/**
 * What was counted of one service while a level is on probation. Counting is bounded by {@link
 * #COUNT_MAX}.
 *
 * @param name the service
 * @param isExcused whether it was in trouble before the level ran: nothing of it is held against
 *     the level
 * @param usesPatch whether it was seen to use patched code
 * @param deaths how often it ended by itself since the level was confirmed
 * @param crashes how often of those by the signal of a crash
 * @param epoch since when whoever runs it counts, in a word of his own; empty before the first look
 * @param seenDeaths how many he had counted at the newest look
 * @param seenCrashes likewise
 */
public record ServiceWatch(
    String name,
    boolean isExcused,
    boolean usesPatch,
    int deaths,
    int crashes,
    String epoch,
    long seenDeaths,
    long seenCrashes) {
  /** Nobody counts further. */
  public static final int COUNT_MAX = 1_000_000;

  /** Longest word for an epoch. */
  public static final int EPOCH_CHARS_MAX = 64;

  /** Checks the bounds. */
  public ServiceWatch {
    if (deaths < 0 || deaths > COUNT_MAX || crashes < 0 || crashes > COUNT_MAX) {
      throw new IllegalArgumentException(
          "service "
              + name
              + ": expected counts up to "
              + COUNT_MAX
              + ", got "
              + deaths
              + ", "
              + crashes);
    }
    if (seenDeaths < 0 || seenCrashes < 0) {
      throw new IllegalArgumentException(
          "service " + name + ": expected counters from 0, got " + seenDeaths + ", " + seenCrashes);
    }
    if (epoch.length() > EPOCH_CHARS_MAX) {
      throw new IllegalArgumentException(
          "service " + name + ": expected an epoch of at most " + EPOCH_CHARS_MAX + " characters");
    }
  }

  /** Before the level runs. */
  public static ServiceWatch of(String name, boolean isExcused) {
    return new ServiceWatch(name, isExcused, false, 0, 0, "", 0, 0);
  }

  /** It was seen to use patched code. */
  public ServiceWatch usingPatch() {
    return new ServiceWatch(name, isExcused, true, deaths, crashes, epoch, seenDeaths, seenCrashes);
  }

  /**
   * Where the counters stand now; what they counted since the newest look is not held against it.
   */
  public ServiceWatch stocked(String nowEpoch, long nowDeaths, long nowCrashes) {
    return new ServiceWatch(
        name, isExcused, usesPatch, deaths, crashes, nowEpoch, nowDeaths, nowCrashes);
  }

  /** The next look says only where the counters stand. */
  ServiceWatch unlooked() {
    return new ServiceWatch(name, isExcused, usesPatch, deaths, crashes, "", 0, 0);
  }

  /**
   * A look at the counters of whoever runs it. The first one says only where they stand. However
   * often it ended since the look before, that is one end: who is started ten times in a second,
   * until somebody has put his configuration right, had one trouble. In another epoch they began
   * from 0. A counter of deaths that is lower was set back, because somebody started the service;
   * one of crashes was forgotten in part.
   */
  public ServiceWatch looked(String nowEpoch, long nowDeaths, long nowCrashes) {
    if (epoch.isEmpty()) {
      return stocked(nowEpoch, nowDeaths, nowCrashes);
    }
    boolean isSame = epoch.equals(nowEpoch);
    long died = Math.min(1, isSame && nowDeaths >= seenDeaths ? nowDeaths - seenDeaths : nowDeaths);
    long crashed = isSame ? Math.max(0, nowCrashes - seenCrashes) : nowCrashes;
    return new ServiceWatch(
        name,
        isExcused,
        usesPatch,
        sum(deaths, died),
        sum(crashes, crashed),
        nowEpoch,
        nowDeaths,
        nowCrashes);
  }

  private static int sum(int counted, long more) {
    return (int) Math.min(COUNT_MAX, counted + Math.min(COUNT_MAX, more));
  }
}
