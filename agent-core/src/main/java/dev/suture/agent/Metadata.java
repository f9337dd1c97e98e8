package dev.suture.agent;

import dev.suture.attempt.Patch;
import dev.suture.protocol.Level;
import dev.suture.protocol.ReleaseIndex;
import dev.suture.protocol.Sha256;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.RejectedException;
import dev.suture.protocol.failure.RetryableException;
import dev.suture.protocol.failure.SutureException;
import dev.suture.protocol.manifest.Manifest;
import dev.suture.store.Held;
import dev.suture.store.MetadataStore;
import dev.suture.trust.IndexVerifier;
import dev.suture.trust.ManifestVerifier;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** The newest signed metadata that this device accepted, and what follows from it. */
final class Metadata {
  private final Mirror mirror;
  private final MetadataStore store;
  private final IndexVerifier verifier;
  private final ManifestVerifier manifestVerifier;
  private final DeviceConfig config;
  private Optional<ReleaseIndex> index = Optional.empty();

  Metadata(
      Mirror mirror,
      MetadataStore store,
      IndexVerifier verifier,
      ManifestVerifier manifestVerifier,
      DeviceConfig config) {
    this.mirror = mirror;
    this.store = store;
    this.verifier = verifier;
    this.manifestVerifier = manifestVerifier;
    this.config = config;
  }

  /**
   * Reads what was accepted before the start.
   *
   * @throws DeviceException {@code TRUST_STATE_DAMAGED}; the damaged file is kept aside
   */
  void load() throws SutureException {
    Optional<byte[]> accepted = store.index();
    if (!accepted.isPresent()) {
      return;
    }
    try {
      index = Optional.of(verifier.verify(accepted.get()));
    } catch (RejectedException e) {
      store.keepIndexAside();
      throw new DeviceException(
          FailureCode.TRUST_STATE_DAMAGED,
          "accepted index: expected a valid one, got: " + e.explanation(),
          e);
    }
  }

  /** Fetches the index, verifies it, and accepts it when it is not older. Durable on return. */
  void refresh() throws SutureException {
    byte[] fetched = mirror.index();
    Optional<byte[]> accepted = store.index();
    ReleaseIndex newer =
        accepted.isPresent()
            ? verifier.verifyNewer(fetched, accepted.get())
            : verifier.verify(fetched);
    if (!index.isPresent() || newer.version() > index.get().version()) {
      store.accept(fetched);
    }
    index = Optional.of(newer);
  }

  /** Version of the accepted index, 0 if there is none. */
  long version() {
    return index.map(ReleaseIndex::version).orElse(0L);
  }

  /** The newest level above this one that is published for this device and not held. */
  Optional<Patch> candidate(Optional<Level> above, Predicate<Sha256> isHeld) {
    if (!index.isPresent()) {
      return Optional.empty();
    }
    return index.get().entries().stream()
        .filter(entry -> entry.baseline().equals(config.baseline()))
        .filter(entry -> entry.model().equals(config.model()))
        .filter(entry -> !entry.withdrawn() && !isHeld.test(entry.manifest().sha256()))
        .filter(entry -> !above.isPresent() || entry.level().compareTo(above.get()) > 0)
        .max(Comparator.comparing(ReleaseIndex.Entry::level))
        .map(entry -> new Patch(entry.baseline(), entry.level(), entry.manifest()));
  }

  /** Every level that is published for this device. */
  List<Held> published() {
    List<Held> published = new ArrayList<>();
    for (ReleaseIndex.Entry entry :
        index.map(ReleaseIndex::entries).orElse(Collections.emptyList())) {
      if (entry.baseline().equals(config.baseline()) && entry.model().equals(config.model())) {
        published.add(new Held(entry.manifest().sha256(), entry.baseline().with(entry.level())));
      }
    }
    return published;
  }

  /** Fetches the manifest of a patch and verifies it. */
  byte[] fetchManifest(Patch patch) throws SutureException {
    byte[] bytes = mirror.small(patch.manifest(), Manifest.BYTES_MAX);
    verify(bytes, patch);
    return bytes;
  }

  /**
   * The manifest that these bytes are, if they are the patch's.
   *
   * @throws RetryableException also {@code TRUST_STATE_DAMAGED}: no index is known until the next
   *     look, which is not the patch's fault
   */
  Manifest verify(byte[] bytes, Patch patch) throws SutureException {
    if (!index.isPresent()) {
      throw new RetryableException(
          FailureCode.TRUST_STATE_DAMAGED,
          patch.title() + ": expected an accepted index that lists it, there is none yet");
    }
    ReleaseIndex.Entry entry =
        index
            .flatMap(accepted -> accepted.byManifest(patch.manifest().sha256()))
            .filter(one -> !one.withdrawn())
            .orElseThrow(
                () ->
                    new RejectedException(
                        FailureCode.LEVEL_WITHDRAWN,
                        patch.title()
                            + ": expected in the signed index and not withdrawn, it is not"));
    return manifestVerifier.verify(bytes, entry);
  }

  /** The envelope that was accepted, to be stored with a slot. */
  byte[] envelope() throws SutureException {
    return store
        .index()
        .orElseThrow(
            () ->
                new DeviceException(
                    FailureCode.TRUST_STATE_DAMAGED, "accepted index: expected one, got none"));
  }
}
