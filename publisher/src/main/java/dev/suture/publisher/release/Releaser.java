package dev.suture.publisher.release;

import dev.suture.protocol.ComponentName;
import dev.suture.protocol.FileRef;
import dev.suture.protocol.Sha256;
import dev.suture.protocol.failure.SutureException;
import dev.suture.protocol.manifest.AgentVersion;
import dev.suture.protocol.manifest.ImageIdentity;
import dev.suture.protocol.manifest.Manifest;
import dev.suture.protocol.manifest.ManifestCodec;
import dev.suture.protocol.release.LevelEntry;
import dev.suture.protocol.tuf.RoleType;
import dev.suture.protocol.tuf.TargetFile;
import dev.suture.publisher.Problem;
import dev.suture.publisher.PublisherException;
import dev.suture.publisher.PublisherException.Details;
import dev.suture.publisher.advisory.AdvisoryRules;
import dev.suture.publisher.device.ManifestCheck;
import dev.suture.publisher.keys.role.SafeFiles;
import dev.suture.publisher.release.PayloadWorkshop.Finished;
import dev.suture.publisher.repository.Authority;
import dev.suture.publisher.repository.LevelRules;
import dev.suture.publisher.repository.Publication;
import dev.suture.publisher.repository.Published;
import dev.suture.publisher.repository.Repository;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Publishes one level: reads the images, makes and checks the payloads in a work folder, and only
 * then touches the repository.
 */
public final class Releaser {
  /** Oldest agent that understands what this version publishes. */
  private static final AgentVersion MINIMUM_AGENT = new AgentVersion(0, 1, 0);

  private final Repository repository;
  private final Authority authority;
  private final Path workParent;
  private final Progress progress;
  private final PayloadMaker maker;
  private final PayloadRules rules;

  /**
   * A publisher at work.
   *
   * @param repository where to publish
   * @param authority what signs
   * @param workParent folder for a work folder, which is removed in the end
   * @param progress takes lines for people
   * @param rules what is asked of deltas; a vendor must choose the same memory if the publisher
   *     makes payloads of its component
   */
  public Releaser(
      Repository repository,
      Authority authority,
      Path workParent,
      Progress progress,
      PayloadRules rules) {
    this(
        repository,
        authority,
        workParent,
        progress,
        new EnginePayloads(rules.lowMemory(), rules.fullLevel()),
        rules);
  }

  Releaser(
      Repository repository,
      Authority authority,
      Path workParent,
      Progress progress,
      PayloadMaker maker,
      PayloadRules rules) {
    this.repository = repository;
    this.authority = authority;
    this.workParent = workParent;
    this.progress = progress;
    this.maker = maker;
    this.rules = rules;
  }

  /**
   * Publishes a level; durable on return. If power fails inside, or an exception is thrown, nothing
   * is published.
   *
   * @throws PublisherException with every problem but those of keys and broker
   */
  public ReleaseReport release(ReleaseRequest request) throws PublisherException {
    long began = System.nanoTime();
    check(request);
    try (WorkFolder work = WorkFolder.make(workParent, progress)) {
      return publish(request, make(request, work), began);
    }
  }

  /**
   * Makes a level, but publishes only a sealed file with its manifest and payloads; durable on
   * return. What opens it is durable before anything is published.
   *
   * @param keyFile gets it, for its owner alone; must not be there
   * @param dryRun whether the key file is not written either
   * @throws PublisherException as {@link #release}, {@code KEYS_EXIST}, and {@code REPOSITORY_FULL}
   *     if devices keep no more sealed files
   */
  public ReleaseReport seal(ReleaseRequest request, Path keyFile, boolean dryRun)
      throws PublisherException {
    long began = System.nanoTime();
    SafeFiles.requireAbsent(keyFile);
    LevelRules.checkSealing(check(request), request.baseline(), request.model());
    try (WorkFolder work = WorkFolder.make(workParent, progress)) {
      List<Finished> finished = make(request, work);
      Manifest manifest = manifest(request, finished);
      SealedRelease sealed =
          SealedRelease.make(manifest, encode(manifest, finished), finished, work.path());
      try (Publication publication =
          Publication.begin(repository, authority, Publication.WAIT_MAX)) {
        List<String> warnings = checkLocked(publication.published(), request, finished);
        for (ComponentCost cost : costs(finished)) {
          Vendors.role(publication.published(), cost.component())
              .ifPresent(
                  role ->
                      warnings.add(
                          cost.component().name()
                              + ": \"open\" needs its vendor's statement; do not import it before,"
                              + " as that publishes its payloads"));
        }
        Published after = sealed.publish(publication, keyFile, dryRun);
        progress.line(request.title() + ": sealed, timestamp version " + after.version());
        return new ReleaseReport(
            manifest,
            sealed.key().manifest(),
            after.version(),
            costs(finished),
            warnings,
            Optional.of(sealed.key().sealed()),
            TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began));
      }
    }
  }

  /** The rules first, as payloads take minutes; and again under the lock, where they count. */
  private Published check(ReleaseRequest request) throws PublisherException {
    AdvisoryRules.require(request.advisories(), "advisories");
    Published published =
        repository
            .published(authority.trustedRoot())
            .orElseThrow(() -> repository.empty("publish " + request.title()));
    LevelRules.checkNew(published, request.baseline(), request.model(), request.level());
    authority.rehearse(published, RoleType.TARGETS);
    return published;
  }

  private List<Finished> make(ReleaseRequest request, WorkFolder work) throws PublisherException {
    List<InspectedComponent> components = new ArrayList<>();
    for (ComponentSource source : request.components()) {
      components.add(inspect(source));
    }
    Published published = repository.published(authority.trustedRoot()).orElseThrow();
    Predecessor predecessor =
        Predecessor.find(repository, published, request.baseline(), request.model())
            .with(new VendorStatements(repository, authority).about(components));
    predecessor.check(components);
    BaselineRules.check(request, components);
    return new PayloadWorkshop(maker, rules, predecessor, work.path(), progress)
        .makeAll(components);
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
    return new InspectedComponent(source, base, image);
  }

  private static List<ComponentCost> costs(List<Finished> finished) {
    return finished.stream().map(Finished::cost).toList();
  }

  private static Manifest manifest(ReleaseRequest request, List<Finished> finished) {
    return new Manifest(
        request.baseline(),
        request.level(),
        request.model(),
        MINIMUM_AGENT,
        request.restart(),
        costs(finished).stream().map(ComponentCost::component).toList(),
        request.advisories(),
        request.health(),
        request.compatibility());
  }

  /** What a person should look at. */
  private List<String> checkLocked(
      Published before, ReleaseRequest request, List<Finished> finished) throws PublisherException {
    LevelRules.checkNew(before, request.baseline(), request.model(), request.level());
    List<String> warnings = new ArrayList<>(unchanged(finished));
    warnings.addAll(
        Predecessor.find(repository, before, request.baseline(), request.model())
            .check(finished.stream().map(Finished::component).toList()));
    return warnings;
  }

  private ReleaseReport publish(ReleaseRequest request, List<Finished> finished, long began)
      throws PublisherException {
    Manifest manifest = manifest(request, finished);
    byte[] encoded = encode(manifest, finished);
    try (Publication publication = Publication.begin(repository, authority, Publication.WAIT_MAX)) {
      Published before = publication.published();
      List<String> warnings = checkLocked(before, request, finished);
      Vendors.of(repository, authority, before).check(manifest);
      for (Finished component : finished) {
        publication.addPayload(component.delta().payload().file(), component.delta().content());
        publication.addPayload(component.full().payload().file(), component.full().content());
      }
      String path = LevelEntry.path(request.model(), request.baseline(), request.level());
      TargetFile target = publication.addTarget(path, encoded);
      FileRef file = LevelEntry.reference(path, target, true);
      Published after =
          publication.publish(
              new LevelEntry(
                  request.model(),
                  request.baseline(),
                  request.level(),
                  file,
                  Optional.empty(),
                  request.rollout(),
                  Optional.empty()));
      progress.line(request.title() + ": published, timestamp version " + after.version());
      return new ReleaseReport(
          manifest,
          file,
          after.version(),
          costs(finished),
          warnings,
          Optional.empty(),
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
  private static byte[] encode(Manifest manifest, List<Finished> finished)
      throws PublisherException {
    byte[] encoded = ManifestCodec.encode(manifest);
    Map<ComponentName, Sha256> bases = new HashMap<>();
    finished.forEach(one -> bases.put(one.component().name(), one.component().baseSha256()));
    String got;
    try {
      FileRef file = new FileRef("manifest", encoded.length, Sha256.of(encoded));
      ManifestCheck.check(encoded, file, manifest, bases);
      return encoded;
    } catch (SutureException e) {
      got = e.explanation();
    } catch (IllegalArgumentException e) {
      got = String.valueOf(e.getMessage());
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
}
