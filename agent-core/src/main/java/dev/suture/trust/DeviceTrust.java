package dev.suture.trust;

import dev.suture.protocol.failure.RejectedException;
import dev.suture.protocol.failure.RetryableException;
import dev.suture.protocol.failure.SutureException;
import dev.suture.protocol.tuf.FileNames;
import dev.suture.protocol.tuf.RoleType;
import dev.suture.trust.tuf.MetadataSource;
import dev.suture.trust.tuf.TufClient;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What a device believes, and how that changes: from the shipped root through a trust state to what
 * is said to this device. Files and network belong to whoever calls.
 */
public final class DeviceTrust {
  private static final String TIMESTAMP = FileNames.metadata(RoleType.TIMESTAMP.word());
  private static final int TIMESTAMP_BYTES_MAX = 16 << 10;

  /** Longest file of metadata on a device: less than the specification's client takes. */
  private static final int FILE_BYTES_MAX = 1 << 20;

  private final TrustAnchor anchor;
  private final ManifestVerifier verifier;

  /** Trusts this root, for this device. */
  public DeviceTrust(TrustAnchor anchor, ManifestVerifier verifier) {
    this.anchor = anchor;
    this.verifier = verifier;
  }

  /**
   * What a state says, without network. Nothing expires.
   *
   * @throws RejectedException if the roots do not lead on from the shipped one
   * @throws RetryableException if it is not whole, as after a refresh that did not go to its end
   */
  public TrustedView believed(TrustState state) throws SutureException {
    return new TrustedView(TufClient.believed(metadata(state), anchor.checked()), verifier);
  }

  /**
   * A state whose roots are usable: the same, or without what cannot be verified. Roots that an OS
   * release has overtaken are dropped, nothing else of it is lost.
   */
  private StateMetadata metadata(TrustState state) throws RejectedException {
    List<byte[]> roots = state.roots().stream().map(TrustState::bytes).collect(Collectors.toList());
    List<String> behind = new ArrayList<>();
    for (byte[] root : TufClient.rootsBehind(anchor.toBytes(), roots, anchor.checked())) {
      behind.add(state.roots().get(roots.indexOf(root)));
    }
    return new StateMetadata(anchor, behind, state);
  }

  /**
   * The end of a refresh.
   *
   * @param state what is believed now: to be made durable, also when it failed
   * @param view what it says; nothing if it failed
   * @param isComplete whether every vendor's metadata is there as well
   * @param failure why it failed
   */
  public record Refresh(
      TrustState state,
      Optional<TrustedView> view,
      boolean isComplete,
      Optional<SutureException> failure) {}

  /**
   * A mirror that is asked no more once the refresh is over: what is used then is what is stored.
   */
  private static final class Source implements MetadataSource {
    private final MetadataSource mirror;
    private boolean isOver;

    Source(MetadataSource mirror) {
      this.mirror = mirror;
    }

    @Override
    public Optional<byte[]> fetch(String name, int bytesMax) throws SutureException {
      return isOver ? Optional.empty() : mirror.fetch(name, Math.min(bytesMax, FILE_BYTES_MAX));
    }
  }

  /**
   * Whether there is nothing new: the mirror's timestamp is the one that is believed, to the byte,
   * and holds still. One small file; whether there is a new root is not asked, so a whole refresh
   * is due now and then.
   *
   * @param clock the time, if the clock can be trusted
   * @throws RejectedException {@code METADATA_TOO_LARGE}
   */
  public boolean isUnchanged(
      TrustState state, TrustedView view, MetadataSource source, Optional<Instant> clock)
      throws SutureException {
    Optional<byte[]> fetched = source.fetch(TIMESTAMP, TIMESTAMP_BYTES_MAX);
    String known = state.files().get(TIMESTAMP);
    return known != null
        && fetched.isPresent()
        && Arrays.equals(fetched.get(), TrustState.bytes(known))
        && !view.timestamp().signed().isExpired(Freshness.now(clock, state.marks()));
  }

  /**
   * Brings a state up to date, by the whole workflow of the specification.
   *
   * @param mirror where metadata comes from
   * @param clock the time, if the clock can be trusted
   * @param statementPaths a path of a statement for each component of the device: the metadata of
   *     vendors is fetched as well
   * @throws RejectedException if the state's own roots are no good; nothing was fetched
   */
  public Refresh refresh(
      TrustState state, MetadataSource mirror, Optional<Instant> clock, List<String> statementPaths)
      throws RejectedException {
    StateMetadata metadata = metadata(state);
    Source source = new Source(mirror);
    try {
      TufClient client =
          TufClient.refreshed(
              metadata, source, Freshness.now(clock, state.marks()), anchor.checked());
      TrustedView view = new TrustedView(client, verifier);
      boolean isComplete = view.prepare(statementPaths);
      source.isOver = true;
      return new Refresh(metadata.state(), Optional.of(view), isComplete, Optional.empty());
    } catch (SutureException e) {
      return new Refresh(metadata.state(), Optional.empty(), false, Optional.of(e));
    }
  }
}
