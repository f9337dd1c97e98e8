package dev.suture.publisher.cli;

import dev.suture.protocol.Baseline;
import dev.suture.protocol.Level;
import dev.suture.protocol.manifest.Manifest;
import dev.suture.protocol.release.LevelEntry;
import dev.suture.publisher.Problem;
import dev.suture.publisher.PublisherException;
import dev.suture.publisher.PublisherException.Details;
import dev.suture.publisher.repository.Repository;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * One level that is published and not withdrawn, its signature checked.
 *
 * @param manifest what it is
 * @param earlier lower levels of the same baseline and model that are not withdrawn, ascending
 */
record PublishedLevel(Manifest manifest, List<Manifest> earlier) {
  /**
   * Looks a level up.
   *
   * @param root the root whose signatures count
   * @throws PublisherException {@code REPOSITORY_EMPTY}, {@code REPOSITORY_DAMAGED}, {@code
   *     LEVEL_UNKNOWN}, {@code LEVEL_WITHDRAWN}, or what reading files may say
   */
  static PublishedLevel find(
      Repository repository, byte[] root, Baseline baseline, String model, Level level)
      throws PublisherException {
    String attempted = "find " + baseline.with(level) + " for " + model;
    List<LevelEntry> levels =
        repository.published(root).orElseThrow(() -> repository.empty(attempted)).levels().stream()
            .filter(entry -> entry.baseline().equals(baseline) && entry.model().equals(model))
            .sorted(Comparator.comparing(LevelEntry::level))
            .toList();
    LevelEntry wanted =
        levels.stream()
            .filter(entry -> entry.level().equals(level))
            .findFirst()
            .orElseThrow(
                () ->
                    refused(
                        Problem.LEVEL_UNKNOWN,
                        attempted,
                        "none; there are " + titles(levels),
                        repository));
    if (wanted.withdrawal().isPresent()) {
      throw refused(Problem.LEVEL_WITHDRAWN, attempted, "one that was withdrawn", repository);
    }
    List<Manifest> earlier = new ArrayList<>();
    for (LevelEntry entry : levels) {
      if (entry.level().compareTo(level) < 0 && entry.withdrawal().isEmpty()) {
        earlier.add(repository.manifest(entry.manifest()));
      }
    }
    return new PublishedLevel(repository.manifest(wanted.manifest()), earlier);
  }

  private static String titles(List<LevelEntry> levels) {
    List<String> titles =
        levels.stream().map(entry -> entry.baseline().with(entry.level())).toList();
    return titles.isEmpty() ? "no levels for this baseline and model" : String.join(", ", titles);
  }

  private static PublisherException refused(
      Problem problem, String attempted, String got, Repository repository) {
    return new PublisherException(
        problem,
        new Details(
            attempted,
            "a level that is published",
            got,
            repository.folder().toString(),
            "choose one of those that \"suture-publish status\" shows as published"));
  }
}
