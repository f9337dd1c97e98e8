package dev.suture.publisher.release;

import dev.suture.protocol.FileRef;
import dev.suture.protocol.failure.SutureException;
import dev.suture.protocol.manifest.Manifest;
import dev.suture.protocol.manifest.ManifestCodec;
import dev.suture.protocol.manifest.PatchComponent;
import dev.suture.protocol.release.LevelEntry;
import dev.suture.protocol.tuf.TargetFile;
import dev.suture.publisher.PublisherException;
import dev.suture.publisher.device.DeviceView;
import dev.suture.publisher.repository.Authority;
import dev.suture.publisher.repository.Repository;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What vendors signed about images, as far as it was taken over into the repository. */
record VendorStatements(Repository repository, Authority authority) {
  /**
   * The statements about these images, expired ones as well; one that no device accepts is not
   * there. Whether the component may be published is said by {@link Vendors#check}.
   *
   * @throws PublisherException {@code REPOSITORY_DAMAGED} or {@code STORAGE_FAILED}
   */
  List<PatchComponent> about(List<InspectedComponent> components) throws PublisherException {
    DeviceView device = repository.view(authority.trustedRoot(), Instant.EPOCH);
    List<PatchComponent> statements = new ArrayList<>();
    for (InspectedComponent component : components) {
      about(component, device).ifPresent(statements::add);
    }
    return statements;
  }

  private Optional<PatchComponent> about(InspectedComponent component, DeviceView device)
      throws PublisherException {
    String path = ManifestCodec.statementPath(component.name(), component.image().sha256());
    try {
      Optional<TargetFile> signed = device.target(path);
      if (signed.isEmpty()) {
        return Optional.empty();
      }
      FileRef file = LevelEntry.reference(path, signed.get(), true);
      return Optional.of(
          ManifestCodec.decodeStatement(repository.target(file, Manifest.BYTES_MAX)));
    } catch (SutureException e) {
      return Optional.empty();
    }
  }
}
