package dev.suture.publisher.release;

import dev.suture.protocol.Baseline;
import dev.suture.protocol.ComponentName;
import dev.suture.protocol.manifest.Manifest;
import dev.suture.protocol.manifest.PatchComponent;
import dev.suture.protocol.manifest.Payload;
import dev.suture.protocol.release.LevelEntry;
import dev.suture.publisher.Problem;
import dev.suture.publisher.PublisherException;
import dev.suture.publisher.PublisherException.Details;
import dev.suture.publisher.repository.Published;
import dev.suture.publisher.repository.Repository;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The newest level of the same baseline and model, if there is one, and what follows from it; with
 * it, what vendors say of the images that are to be published.
 */
final class Predecessor {
  private final Repository repository;
  private final Optional<Manifest> manifest;
  private final List<PatchComponent> vouched;

  private Predecessor(
      Repository repository, Optional<Manifest> manifest, List<PatchComponent> vouched) {
    this.repository = repository;
    this.manifest = manifest;
    this.vouched = List.copyOf(vouched);
  }

  /**
   * Reads its manifest.
   *
   * @throws PublisherException what {@link Repository#manifest} throws
   */
  static Predecessor find(
      Repository repository, Published published, Baseline baseline, String model)
      throws PublisherException {
    Optional<LevelEntry> newest = published.newest(model, baseline);
    return new Predecessor(
        repository,
        newest.isPresent()
            ? Optional.of(repository.manifest(newest.get().manifest()))
            : Optional.empty(),
        List.of());
  }

  /**
   * The same, but payloads that a vendor vouches for come before those of the level: only they will
   * do for its component.
   */
  Predecessor with(List<PatchComponent> statements) {
    return new Predecessor(repository, manifest, statements);
  }

  /** None: for who publishes nothing. */
  static Predecessor none(Repository repository) {
    return new Predecessor(repository, Optional.empty(), List.of());
  }

  /**
   * Levels are cumulative: every one is made from the baseline's own images. A base image that
   * differs from that of the level before is therefore a mistake; a component that is missing now
   * goes back to base, which may be meant.
   *
   * @return warnings for people
   * @throws PublisherException {@code BASE_DIFFERS}
   */
  List<String> check(List<InspectedComponent> components) throws PublisherException {
    List<String> warnings = new ArrayList<>();
    if (manifest.isEmpty()) {
      return warnings;
    }
    String title = manifest.get().title();
    for (PatchComponent before : manifest.get().components()) {
      Optional<InspectedComponent> now =
          components.stream().filter(c -> c.name().equals(before.name())).findFirst();
      if (now.isEmpty()) {
        warnings.add(dropped(before.name()));
      } else if (!now.get().baseSha256().equals(before.baseSha256())) {
        throw new PublisherException(
            Problem.BASE_DIFFERS,
            new Details(
                "compare the base image of " + before.name(),
                before.baseSha256().brief() + ", as in " + title,
                now.get().baseSha256().brief(),
                now.get().source().base().toString(),
                "give the image as flashed with the baseline as OLD.img: every level is made from"
                    + " it, never from another level"));
      }
    }
    return warnings;
  }

  /**
   * The same of a patch that was made before.
   *
   * @return warnings for people
   * @throws PublisherException {@code BASE_DIFFERS}
   */
  List<String> check(Manifest next) throws PublisherException {
    List<String> warnings = new ArrayList<>();
    for (PatchComponent before :
        manifest.map(Manifest::components).orElse(List.<PatchComponent>of())) {
      Optional<PatchComponent> now = next.component(before.name());
      if (now.isEmpty()) {
        warnings.add(dropped(before.name()));
      } else if (!now.get().baseSha256().equals(before.baseSha256())) {
        throw new PublisherException(
            Problem.BASE_DIFFERS,
            new Details(
                "compare the base image of " + before.name(),
                before.baseSha256().brief() + ", as in the level before",
                now.get().baseSha256().brief(),
                next.title(),
                "make the patch again from the image as flashed with the baseline"));
      }
    }
    return warnings;
  }

  private String dropped(ComponentName name) {
    return manifest.map(Manifest::title).orElse("the level before")
        + " patches "
        + name
        + ", this level does not: devices will run its base image again";
  }

  /** The published file that rebuilds the same image from the same base. */
  Optional<Path> payload(InspectedComponent component, Payload.Kind kind) {
    return Stream.concat(
            vouched.stream(), manifest.stream().flatMap(level -> level.components().stream()))
        .filter(before -> before.name().equals(component.name()))
        .filter(before -> before.baseSha256().equals(component.baseSha256()))
        .filter(before -> before.image().equals(component.image()))
        .flatMap(before -> before.payload(kind).stream())
        .findFirst()
        .map(payload -> repository.file(payload.file()));
  }
}
