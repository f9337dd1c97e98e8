package dev.suture.publisher.repository;

import dev.suture.protocol.Baseline;
import dev.suture.protocol.Level;
import dev.suture.protocol.ReleaseIndex;
import dev.suture.publisher.Problem;
import dev.suture.publisher.PublisherException;
import dev.suture.publisher.PublisherException.Details;
import java.util.Comparator;
import java.util.Optional;

/** Which levels may be published and withdrawn. Pure. */
public final class LevelRules {
  private LevelRules() {}

  /**
   * A new level is above every level of its baseline and model that was ever published, withdrawn
   * ones included: devices remember levels, so a letter is never used again.
   *
   * @throws PublisherException {@code LEVEL_EXISTS}, {@code LEVEL_NOT_NEWER}, {@code
   *     REPOSITORY_FULL}
   */
  public static void checkNew(ReleaseIndex index, Baseline baseline, String model, Level level)
      throws PublisherException {
    if (index.entries().size() >= ReleaseIndex.ENTRIES_MAX) {
      throw full("at most " + ReleaseIndex.ENTRIES_MAX + " published levels");
    }
    Optional<ReleaseIndex.Entry> same = find(index, baseline, model, level);
    Optional<ReleaseIndex.Entry> newest =
        index.entries().stream()
            .filter(entry -> entry.baseline().equals(baseline) && entry.model().equals(model))
            .max(Comparator.comparing(ReleaseIndex.Entry::level));
    if (newest.isEmpty() || newest.get().level().compareTo(level) < 0) {
      return;
    }
    String above = "a level above " + newest.get().level() + ", the highest one so far";
    if (same.isPresent()) {
      throw new PublisherException(
          Problem.LEVEL_EXISTS,
          new Details(
              "publish " + baseline.with(level) + " for " + model,
              above,
              level + ", which was published" + (same.get().withdrawn() ? " and withdrawn" : ""),
              where(index),
              "choose a higher --level: devices remember a level, so a letter is never used"
                  + " again"));
    }
    throw new PublisherException(
        Problem.LEVEL_NOT_NEWER,
        new Details(
            "publish " + baseline.with(level) + " for " + model,
            above,
            level.toString(),
            where(index),
            "choose a higher --level: devices never go back to a lower one"));
  }

  /**
   * A level that can be withdrawn is published and not withdrawn.
   *
   * @throws PublisherException {@code LEVEL_UNKNOWN}, {@code LEVEL_WITHDRAWN}
   */
  public static ReleaseIndex.Entry checkPublished(
      ReleaseIndex index, Baseline baseline, String model, Level level) throws PublisherException {
    String attempted = "withdraw " + baseline.with(level) + " for " + model;
    ReleaseIndex.Entry entry =
        find(index, baseline, model, level)
            .orElseThrow(
                () ->
                    new PublisherException(
                        Problem.LEVEL_UNKNOWN,
                        new Details(
                            attempted,
                            "a published level",
                            "none of this baseline, model and letter",
                            where(index),
                            "see what is published: suture-publish status --repository DIR")));
    if (entry.withdrawn()) {
      throw new PublisherException(
          Problem.LEVEL_WITHDRAWN,
          new Details(
              attempted,
              "a level that devices may run",
              "one that was withdrawn before",
              where(index),
              "nothing: it is withdrawn; \"suture-publish notify\" tells the fleet again"));
    }
    return entry;
  }

  static PublisherException full(String expected) {
    return new PublisherException(
        Problem.REPOSITORY_FULL,
        new Details(
            "publish one more level",
            expected,
            "one more than that",
            Repository.INDEX,
            "use a repository of its own for each model or each new baseline"));
  }

  private static Optional<ReleaseIndex.Entry> find(
      ReleaseIndex index, Baseline baseline, String model, Level level) {
    return index.entries().stream()
        .filter(
            entry ->
                entry.baseline().equals(baseline)
                    && entry.model().equals(model)
                    && entry.level().equals(level))
        .findFirst();
  }

  private static String where(ReleaseIndex index) {
    return Repository.INDEX + ", version " + index.version();
  }
}
