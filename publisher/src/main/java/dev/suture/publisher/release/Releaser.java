package dev.suture.publisher.release;

import dev.suture.protocol.FileRef;
import dev.suture.protocol.ReleaseIndex;
import dev.suture.protocol.failure.RejectedException;
import dev.suture.protocol.manifest.AgentVersion;
import dev.suture.protocol.manifest.ImageIdentity;
import dev.suture.protocol.manifest.Manifest;
import dev.suture.protocol.manifest.ManifestCodec;
import dev.suture.publisher.InputFiles;
import dev.suture.publisher.Problem;
import dev.suture.publisher.PublisherException;
import dev.suture.publisher.PublisherException.Details;
import dev.suture.publisher.keys.PublisherKeys;
import dev.suture.publisher.release.PayloadWorkshop.Finished;
import dev.suture.publisher.repository.LevelRules;
import dev.suture.publisher.repository.Publication;
import dev.suture.publisher.repository.Repository;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Publishes one level: reads the images, makes and checks the payloads in a work folder, and only
 * then touches the repository.
 */
public final class Releaser {
  /** Oldest agent that understands what this version publishes. */
  private static final AgentVersion MINIMUM_AGENT = new AgentVersion(0, 1, 0);

  private final Repository repository;
  private final PublisherKeys keys;
  private final Path workParent;
  private final Clock clock;
  private final Progress progress;
  private final PayloadMaker maker;

  /**
   * A publisher at work.
   *
   * @param repository where to publish
   * @param keys what signs
   * @param workParent folder for a work folder, which is removed in the end
   * @param clock says when the index was issued
   * @param progress takes lines for people
   */
  public Releaser(
      Repository repository, PublisherKeys keys, Path workParent, Clock clock, Progress progress) {
    this(repository, keys, workParent, clock, progress, new EnginePayloads());
  }

  Releaser(
      Repository repository,
      PublisherKeys keys,
      Path workParent,
      Clock clock,
      Progress progress,
      PayloadMaker maker) {
    this.repository = repository;
    this.keys = keys;
    this.workParent = workParent;
    this.clock = clock;
    this.progress = progress;
    this.maker = maker;
  }

  /**
   * Publishes a level; durable on return. If power fails inside, or an exception is thrown, nothing
   * is published.
   *
   * @throws PublisherException with every problem but those of keys and broker
   */
  public ReleaseReport release(ReleaseRequest request) throws PublisherException {
    long began = System.nanoTime();
    // The rules first, as payloads take minutes; and again under the lock, where they count.
    Optional<ReleaseIndex> published = repository.index(keys.trustRoot());
    if (published.isPresent()) {
      LevelRules.checkNew(published.get(), request.baseline(), request.model(), request.level());
    }
    List<InspectedComponent> components = new ArrayList<>();
    for (ComponentSource source : request.components()) {
      components.add(inspect(source));
    }
    Predecessor predecessor =
        Predecessor.find(repository, published, request.baseline(), request.model());
    predecessor.check(components);
    Path work = makeWorkFolder();
    try {
      List<Finished> finished =
          new PayloadWorkshop(maker, predecessor, work, progress).makeAll(components);
      return publish(request, finished, began);
    } finally {
      removeWorkFolder(work);
    }
  }

  private InspectedComponent inspect(ComponentSource source) throws PublisherException {
    ImageIdentity base = ImageInspector.inspect(source.name(), source.base());
    ImageIdentity image = ImageInspector.inspect(source.name(), source.image());
    progress.line(
        String.format(
            Locale.ROOT,
            "%s: base %s (%,d bytes), image %s (%,d bytes), verity root %s",
            source.name(),
            base.sha256().brief(),
            base.bytes(),
            image.sha256().brief(),
            image.bytes(),
            image.verityRoot().brief()));
    return new InspectedComponent(source, base.sha256(), image);
  }

  private ReleaseReport publish(ReleaseRequest request, List<Finished> finished, long began)
      throws PublisherException {
    List<ComponentCost> costs = finished.stream().map(Finished::cost).toList();
    Manifest manifest =
        new Manifest(
            request.baseline(),
            request.level(),
            request.model(),
            MINIMUM_AGENT,
            request.restart(),
            costs.stream().map(ComponentCost::component).toList(),
            request.advisories(),
            request.health());
    byte[] encoded = encode(manifest);
    try (Publication publication =
        Publication.begin(repository, keys, clock, Publication.WAIT_MAX)) {
      ReleaseIndex index = publication.index();
      LevelRules.checkNew(index, request.baseline(), request.model(), request.level());
      List<String> warnings = new ArrayList<>(unchanged(finished));
      warnings.addAll(
          Predecessor.find(repository, Optional.of(index), request.baseline(), request.model())
              .check(finished.stream().map(Finished::component).toList()));
      for (Finished component : finished) {
        publication.addPayload(component.delta().payload().file(), component.delta().content());
        publication.addPayload(component.full().payload().file(), component.full().content());
      }
      FileRef file = publication.addManifest(encoded);
      ReleaseIndex next =
          publication.publish(
              new ReleaseIndex.Entry(
                  request.baseline(), request.model(), request.level(), file, false));
      progress.line(request.title() + ": published, index version " + next.version());
      return new ReleaseReport(
          manifest,
          file,
          next.version(),
          costs,
          warnings,
          TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began));
    }
  }

  private static List<String> unchanged(List<Finished> finished) {
    return finished.stream()
        .map(Finished::component)
        .filter(component -> component.baseSha256().equals(component.image().sha256()))
        .map(component -> component.name() + ": the new image is the base image")
        .toList();
  }

  /** The manifest's bytes, if a device reads the same manifest out of them. */
  private static byte[] encode(Manifest manifest) throws PublisherException {
    byte[] encoded = ManifestCodec.encode(manifest);
    String got;
    try {
      if (ManifestCodec.decode(encoded).equals(manifest)) {
        return encoded;
      }
      got = "another manifest";
    } catch (RejectedException e) {
      got = e.explanation();
    }
    throw new PublisherException(
        Problem.SELF_CHECK_FAILED,
        new Details(
            "read the manifest of " + manifest.title() + " as a device does",
            "the manifest that was written",
            got,
            "manifest",
            "shorten what the message names; nothing was published"));
  }

  private Path makeWorkFolder() throws PublisherException {
    try {
      return Files.createTempDirectory(workParent, "suture-publish-");
    } catch (IOException e) {
      throw new PublisherException(
          Problem.STORAGE_FAILED,
          new Details(
              "make a work folder",
              "a folder that can be written to",
              InputFiles.describe(e),
              workParent.toString(),
              "choose another one with --work"),
          e);
    }
  }

  private void removeWorkFolder(Path work) {
    try (Stream<Path> files = Files.list(work)) {
      for (Path file : files.toList()) {
        Files.deleteIfExists(file);
      }
      Files.deleteIfExists(work);
    } catch (IOException e) {
      // The outcome of the release stands; what is left costs space only, so it is said.
      progress.line("left behind: " + work + " (" + InputFiles.describe(e) + ")");
    }
  }
}
