package dev.suture.publisher.release;

import dev.suture.protocol.failure.SutureException;
import dev.suture.protocol.manifest.Manifest;
import dev.suture.protocol.manifest.ManifestCodec;
import dev.suture.protocol.manifest.PatchComponent;
import dev.suture.protocol.tuf.DelegatedRole;
import dev.suture.protocol.tuf.TargetFile;
import dev.suture.publisher.Problem;
import dev.suture.publisher.PublisherException;
import dev.suture.publisher.PublisherException.Details;
import dev.suture.publisher.device.DeviceView;
import dev.suture.publisher.repository.Authority;
import dev.suture.publisher.repository.Publication;
import dev.suture.publisher.repository.Published;
import dev.suture.publisher.repository.Repository;
import java.time.Instant;
import java.util.Optional;

/** Components for which somebody else must sign. */
public final class Vendors {
  private final Published published;
  private final DeviceView device;
  private final Instant now;

  private Vendors(Published published, DeviceView device, Instant now) {
    this.published = published;
    this.device = device;
    this.now = now;
  }

  /**
   * Those of a repository. That timestamp or snapshot have expired does not matter: what is going
   * to be published brings new ones.
   *
   * @throws PublisherException {@code REPOSITORY_DAMAGED}
   */
  static Vendors of(Repository repository, Authority authority, Published published)
      throws PublisherException {
    return new Vendors(
        published,
        repository.view(authority.trustedRoot(), Instant.EPOCH),
        authority.clock().instant());
  }

  /** The role of a component's vendor, if there is one. */
  public static Optional<DelegatedRole> role(Published published, PatchComponent component) {
    String path = ManifestCodec.statementPath(component);
    return published.targets().delegations().stream().filter(role -> role.isFor(path)).findFirst();
  }

  /**
   * What a manifest says about a vendor's component must be what the vendor signed.
   *
   * @throws PublisherException {@code VENDOR_DISAGREES}
   */
  void check(Manifest manifest) throws PublisherException {
    for (PatchComponent component : manifest.components()) {
      Optional<DelegatedRole> role = role(published, component);
      if (role.isPresent()) {
        check(component, role.get());
      }
    }
  }

  private void check(PatchComponent component, DelegatedRole role) throws PublisherException {
    String path = ManifestCodec.statementPath(component);
    TargetFile expected = Publication.targetFile(ManifestCodec.statement(component));
    String got;
    try {
      Optional<TargetFile> signed = device.target(path);
      boolean hasExpired =
          device.asked(role.name()).filter(said -> said.signed().isExpired(now)).isPresent();
      if (!hasExpired
          && signed.isPresent()
          && signed.get().length() == expected.length()
          && signed.get().hashes().equals(expected.hashes())) {
        return;
      }
      got =
          hasExpired
              ? "metadata that has expired"
              : signed.isPresent()
                  ? "a statement about other images or payloads"
                  : "no statement about this image";
    } catch (SutureException e) {
      got = e.code() + ", " + e.explanation();
    }
    throw new PublisherException(
        Problem.VENDOR_DISAGREES,
        new Details(
            "publish " + component.name() + ", which is delegated to " + role.name(),
            "a statement signed by its vendor that says the same as the manifest",
            got,
            path,
            "have the vendor run \"suture-publish patch build\" and \"patch sign\" with these"
                + " images, for a sealed release with --low-memory and --full-level if and only if it has that as"
                + " well, and take it over with \"suture-publish component import\""));
  }
}
