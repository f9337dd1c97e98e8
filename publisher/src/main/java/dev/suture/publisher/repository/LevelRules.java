package dev.suture.publisher.repository;

import dev.suture.protocol.Baseline;
import dev.suture.protocol.Level;
import dev.suture.protocol.release.LevelEntry;
import dev.suture.protocol.release.SpreadFile;
import dev.suture.protocol.release.Withdrawal;
import dev.suture.protocol.tuf.TargetFile;
import dev.suture.publisher.Problem;
import dev.suture.publisher.PublisherException;
import dev.suture.publisher.PublisherException.Details;
import java.util.Comparator;
import java.util.Optional;

/** Which levels may be published and withdrawn. Pure. */
public final class LevelRules {
  /**
   * Most levels of one repository: what devices read of its targets stays far below their limit.
   */
  public static final int LEVELS_MAX = 1_000;

  private LevelRules() {}

  /**
   * A new level is above every level of its baseline and model that was ever published, withdrawn
   * ones included: devices remember levels, so a letter is never used again.
   *
   * @throws PublisherException {@code LEVEL_EXISTS}, {@code LEVEL_NOT_NEWER}, {@code
   *     REPOSITORY_FULL}
   */
  public static void checkNew(Published published, Baseline baseline, String model, Level level)
      throws PublisherException {
    if (published.levels().size() >= LEVELS_MAX) {
      throw full("at most " + LEVELS_MAX + " published levels");
    }
    Optional<LevelEntry> newest =
        published.levels().stream()
            .filter(entry -> entry.baseline().equals(baseline) && entry.model().equals(model))
            .max(Comparator.comparing(LevelEntry::level));
    if (newest.isEmpty() || newest.get().level().compareTo(level) < 0) {
      return;
    }
    String above = "a level above " + newest.get().level() + ", the highest one so far";
    Optional<LevelEntry> same = published.level(model, baseline, level);
    if (same.isPresent()) {
      throw new PublisherException(
          Problem.LEVEL_EXISTS,
          new Details(
              "publish " + baseline.with(level) + " for " + model,
              above,
              level
                  + ", which was published"
                  + (same.get().withdrawal().isPresent() ? " and withdrawn" : ""),
              where(published),
              "choose a higher --level: devices remember a level, so a letter is never used"
                  + " again"));
    }
    throw new PublisherException(
        Problem.LEVEL_NOT_NEWER,
        new Details(
            "publish " + baseline.with(level) + " for " + model,
            above,
            level.toString(),
            where(published),
            "choose a higher --level: devices never go back to a lower one"));
  }

  /**
   * A level that can be changed is published and not withdrawn.
   *
   * @param verb what is done to it, for messages
   * @throws PublisherException {@code LEVEL_UNKNOWN}, {@code LEVEL_WITHDRAWN}
   */
  public static LevelEntry checkPublished(
      Published published, String verb, Baseline baseline, String model, Level level)
      throws PublisherException {
    String attempted = verb + " " + baseline.with(level) + " for " + model;
    LevelEntry entry =
        published
            .level(model, baseline, level)
            .orElseThrow(
                () ->
                    new PublisherException(
                        Problem.LEVEL_UNKNOWN,
                        new Details(
                            attempted,
                            "a published level",
                            "none of this baseline, model and letter",
                            where(published),
                            "see what is published: suture-publish status --repository DIR")));
    if (entry.withdrawal().isPresent()) {
      throw new PublisherException(
          Problem.LEVEL_WITHDRAWN,
          new Details(
              attempted,
              "a level that devices may run",
              "one that was withdrawn before",
              where(published),
              "nothing: it is withdrawn; \"suture-publish notify\" tells the fleet again"));
    }
    return entry;
  }

  /**
   * A level that can be withdrawn is published, and not withdrawn as far already.
   *
   * @throws PublisherException {@code LEVEL_UNKNOWN}, {@code LEVEL_WITHDRAWN}
   */
  static LevelEntry checkWithdrawable(
      Published published, Baseline baseline, String model, Level level, Withdrawal how)
      throws PublisherException {
    Optional<LevelEntry> stopped =
        published
            .level(model, baseline, level)
            .filter(
                entry ->
                    entry
                        .withdrawal()
                        .map(Withdrawal::reach)
                        .equals(Optional.of(Withdrawal.Reach.STOP)))
            .filter(entry -> how.reach() == Withdrawal.Reach.REMOVE);
    return stopped.isPresent()
        ? stopped.get()
        : checkPublished(published, "withdraw", baseline, model, level);
  }

  /**
   * One more sealed file of a baseline and model is not more than devices keep.
   *
   * @throws PublisherException {@code REPOSITORY_FULL}
   */
  public static void checkSealing(Published published, Baseline baseline, String model)
      throws PublisherException {
    long listed =
        published.sealed().stream()
            .filter(one -> one.model().equals(model) && one.baseline().equals(baseline))
            .count();
    if (listed >= SpreadFile.FILES_MAX) {
      throw new PublisherException(
          Problem.REPOSITORY_FULL,
          new Details(
              "spread one more sealed file of " + baseline + " for " + model,
              "at most " + SpreadFile.FILES_MAX + ", which is what devices keep",
              listed + " and one more",
              where(published),
              "take one back that is installed everywhere or never to be opened:"
                  + " \"suture-publish withdraw --sealed NAME\"; \"status\" shows the names"));
    }
  }

  /**
   * A sealed file that can be opened or taken back is listed.
   *
   * @param path of its target
   * @return what the metadata says of it
   * @throws PublisherException {@code SEALED_UNKNOWN}
   */
  public static TargetFile checkListed(Published published, String verb, String path)
      throws PublisherException {
    TargetFile file = published.targets().targets().get(path);
    if (file == null || !path.startsWith(SpreadFile.SEALED)) {
      throw new PublisherException(
          Problem.SEALED_UNKNOWN,
          new Details(
              verb + " the sealed file " + path,
              "one that is listed",
              "none of this name: it was never published here, or taken back",
              where(published),
              "see what is published: suture-publish status --repository DIR"));
    }
    return file;
  }

  static PublisherException full(String expected) {
    return new PublisherException(
        Problem.REPOSITORY_FULL,
        new Details(
            "publish one more level",
            expected,
            "one more than that",
            "the targets metadata",
            "use a repository of its own for each model or each new baseline"));
  }

  private static String where(Published published) {
    return "targets, version " + published.targets().signed().version();
  }
}
