package dev.suture.trust;

import dev.suture.protocol.Baseline;
import dev.suture.protocol.FileRef;
import dev.suture.protocol.Sha256;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.RejectedException;
import dev.suture.protocol.failure.RetryableException;
import dev.suture.protocol.failure.SutureException;
import dev.suture.protocol.manifest.Manifest;
import dev.suture.protocol.manifest.ManifestCodec;
import dev.suture.protocol.manifest.PatchComponent;
import dev.suture.protocol.release.LevelEntry;
import dev.suture.protocol.release.SpreadFile;
import dev.suture.protocol.tuf.TargetFile;
import dev.suture.protocol.tuf.TimestampMetadata;
import dev.suture.trust.tuf.TufClient;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the believed metadata says to this device. Levels and sealed files are what the top-level
 * targets role itself lists: whoever it delegates to speaks for components only.
 */
public final class TrustedView {
  private static final Logger LOG = LoggerFactory.getLogger(TrustedView.class);

  private final TufClient client;
  private final ManifestVerifier verifier;
  private final List<LevelEntry> levels = new ArrayList<>();
  private final List<SpreadFile> sealed = new ArrayList<>();

  TrustedView(TufClient client, ManifestVerifier verifier) {
    this.client = client;
    this.verifier = verifier;
    client.targets().targets().forEach(this::read);
  }

  /** A target that cannot be read is not offered; a level that is withdrawn can be read. */
  private void read(String path, TargetFile file) {
    try {
      boolean consistent = client.consistentSnapshot();
      LevelEntry.read(path, file, consistent).filter(this::isOurs).ifPresent(levels::add);
      SpreadFile.read(path, file, consistent)
          .filter(one -> isOurs(one.model(), one.baseline()))
          .filter(one -> sealed.size() < SpreadFile.FILES_MAX)
          .ifPresent(sealed::add);
    } catch (IllegalArgumentException e) {
      LOG.warn("a target is not understood, and left: {}", e.getMessage());
    }
  }

  private boolean isOurs(LevelEntry entry) {
    return isOurs(entry.model(), entry.baseline());
  }

  private boolean isOurs(String model, Baseline baseline) {
    return model.equals(verifier.device().model()) && baseline.equals(verifier.device().baseline());
  }

  /** Every level of this device's model and baseline, withdrawn ones too, in no order. */
  public List<LevelEntry> levels() {
    return Collections.unmodifiableList(levels);
  }

  /** The level whose manifest has this digest, withdrawn or not. */
  public Optional<LevelEntry> level(Sha256 manifest) {
    return levels.stream().filter(entry -> entry.manifest().sha256().equals(manifest)).findFirst();
  }

  /** Sealed files that this device is to keep. */
  public List<SpreadFile> sealed() {
    return Collections.unmodifiableList(sealed);
  }

  /** The timestamp that it hangs on. */
  public TimestampMetadata timestamp() {
    return client.timestamp();
  }

  /**
   * The manifest that these bytes are, if they are the level's, for this device, and every vendor
   * vouches for its components.
   *
   * @throws RetryableException {@code MANIFEST_DIGEST_MISMATCH}, or a vendor's metadata is missing
   * @throws RejectedException as {@link ManifestVerifier}, and {@code COMPONENT_NOT_VOUCHED}
   */
  public Manifest verify(byte[] bytes, LevelEntry entry) throws SutureException {
    Manifest manifest = verifier.verify(bytes, entry);
    for (PatchComponent component : manifest.components()) {
      requireVouched(component);
    }
    return manifest;
  }

  /**
   * Gets the metadata of everybody who vouches for these statements, so that it is there without
   * network later. What is wrong with a vendor's metadata stops patches of its component alone.
   *
   * @return whether all of it is there
   */
  boolean prepare(List<String> statementPaths) {
    boolean isComplete = true;
    for (String path : statementPaths) {
      if (isDelegated(path)) {
        try {
          client.target(path);
        } catch (SutureException e) {
          LOG.warn("vendor's metadata for {}: {}", path, e.getMessage());
          isComplete = false;
        }
      }
    }
    return isComplete;
  }

  private boolean isDelegated(String path) {
    return client.targets().delegations().stream().anyMatch(role -> role.isFor(path));
  }

  /** What is wrong with a vendor's metadata as a mirror has it may be right tomorrow. */
  private Optional<FileRef> vouched(String path) throws SutureException {
    try {
      return client.target(path).map(file -> LevelEntry.reference(path, file, true));
    } catch (RejectedException e) {
      throw new RetryableException(e.code(), e.explanation(), e);
    }
  }

  private void requireVouched(PatchComponent component) throws SutureException {
    String path = ManifestCodec.statementPath(component);
    if (!isDelegated(path)) {
      return; // The component is the publisher's own.
    }
    byte[] statement = ManifestCodec.statement(component);
    Optional<FileRef> signed = vouched(path);
    if (!signed.isPresent()
        || signed.get().bytes() != statement.length
        || !signed.get().sha256().equals(Sha256.of(statement))) {
      throw new RejectedException(
          FailureCode.COMPONENT_NOT_VOUCHED,
          "component "
              + component.name()
              + ": expected its vendor's signature over "
              + Sha256.of(statement)
              + ", got "
              + signed.map(file -> "one over " + file.sha256()).orElse("none"));
    }
  }
}
