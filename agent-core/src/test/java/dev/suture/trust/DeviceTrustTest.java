package dev.suture.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.suture.fuzz.Bytes;
import dev.suture.protocol.ComponentName;
import dev.suture.protocol.Sha256;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.RejectedException;
import dev.suture.protocol.failure.RetryableException;
import dev.suture.protocol.failure.SutureException;
import dev.suture.protocol.manifest.Manifest;
import dev.suture.protocol.manifest.ManifestCodec;
import dev.suture.protocol.tuf.RoleType;
import dev.suture.sim.SimPublisher;
import dev.suture.trust.DeviceTrust.Refresh;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class DeviceTrustTest {
  private static final int VENDOR_KEY = 40;
  private static final Instant START = Instant.parse("2026-11-21T00:00:00Z");
  private static final Optional<Instant> NO_CLOCK = Optional.empty();
  private static final List<String> NO_VENDORS = List.of();

  private final SimPublisher publisher = new SimPublisher();
  private final Manifest level = publisher.release(SimPublisher.level("a"));
  private final MemoryMirror mirror = new MemoryMirror(publisher);
  private final DeviceTrust trust = trust(publisher.trustRoot());

  private DeviceTrust trust(byte[] root) {
    Map<ComponentName, Sha256> bases = new LinkedHashMap<>();
    publisher.bases().forEach((name, base) -> bases.put(name, Sha256.of(base)));
    try {
      return new DeviceTrust(
          TrustAnchor.decode(root),
          new ManifestVerifier(
              new ManifestVerifier.DeviceIdentity(
                  SimPublisher.BASELINE, SimPublisher.MODEL, bases)));
    } catch (SutureException e) {
      throw new AssertionError(e);
    }
  }

  private byte[] file(String name) {
    return Optional.ofNullable(publisher.files().get("metadata/" + name)).orElseThrow();
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private Instant issued() {
    return START.plus(Duration.ofHours(publisher.version()));
  }

  /** A refresh that must succeed. */
  private Refresh refreshed(TrustState state, List<String> vendors) throws SutureException {
    Refresh refresh = trust.refresh(state, mirror, NO_CLOCK, vendors);
    assertThat(refresh.failure()).isEmpty();
    return refresh;
  }

  private TrustState refreshed() throws SutureException {
    return refreshed(TrustState.EMPTY, NO_VENDORS).state();
  }

  private static void assertFailed(Refresh refresh, FailureCode code) {
    assertThat(refresh.view()).isEmpty();
    assertThat(refresh.isComplete()).isFalse();
    assertThat(refresh.failure().map(SutureException::code)).hasValue(code);
  }

  private static void assertThrown(
      Class<? extends SutureException> kind, FailureCode code, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(kind, e -> assertThat(e.code()).isEqualTo(code));
  }

  private List<String> statements() {
    return level.components().stream().map(ManifestCodec::statementPath).toList();
  }

  private void delegate(String role) {
    publisher.delegate(SimPublisher.TLS, role, VENDOR_KEY);
  }

  @Test
  void refresh_fromNothing_believesWhatIsPublished_byteForByte() throws SutureException {
    Refresh refresh = refreshed(TrustState.EMPTY, statements());
    assertThat(refresh.isComplete()).isTrue();
    assertThat(refresh.view().orElseThrow().levels()).containsExactly(publisher.entry(level));
    assertThat(refresh.view().orElseThrow().timestamp().issued()).hasValue(issued());
    assertThat(refresh.state())
        .isEqualTo(
            new TrustState(
                List.of(),
                Map.of(
                    "timestamp.json", text(file("timestamp.json")),
                    "snapshot.json", text(file("2.snapshot.json")),
                    "targets.json", text(file("2.targets.json"))),
                TrustState.Marks.NONE.seen(issued())));
  }

  @Test
  void refresh_nothingNew_isTheSameState_andKeepsTheQuiet() throws SutureException {
    TrustState state = refreshed();
    TrustState quiet = state.with(state.marks().quiet(7));
    assertThat(refreshed(quiet, NO_VENDORS).state()).isEqualTo(quiet);
  }

  @Test
  void refresh_newTimestamp_movesTheTime_andEndsTheQuiet() throws SutureException {
    TrustState state = refreshed();
    publisher.publish();
    TrustState next = refreshed(state.with(state.marks().quiet(7)), NO_VENDORS).state();
    assertThat(next.marks()).isEqualTo(TrustState.Marks.NONE.seen(issued()));
  }

  @Test
  void refresh_rolledBack_failsAndNothingChanges() throws SutureException {
    byte[] old = file("timestamp.json");
    publisher.publish();
    TrustState state = refreshed();
    publisher.files().put(SimPublisher.timestamp(), old);
    Refresh refresh = trust.refresh(state, mirror, NO_CLOCK, NO_VENDORS);
    assertFailed(refresh, FailureCode.METADATA_ROLLED_BACK);
    assertThat(refresh.state()).isEqualTo(state);
  }

  @Test
  void refresh_failsOnItsWay_keepsWhatWasVerified_andHealsLater() throws SutureException {
    mirror.silentAt = Optional.of("2.targets.json");
    Refresh broken = trust.refresh(TrustState.EMPTY, mirror, NO_CLOCK, NO_VENDORS);
    assertFailed(broken, FailureCode.SERVER_UNREACHABLE);
    assertThat(broken.state().files()).containsOnlyKeys("timestamp.json", "snapshot.json");
    assertThat(broken.state().marks().signedTime()).hasValue(issued());
    assertThrown(
        RetryableException.class,
        FailureCode.SERVER_NOT_FOUND,
        () -> trust.believed(broken.state()));
    mirror.silentAt = Optional.empty();
    assertThat(refreshed(broken.state(), NO_VENDORS).state()).isEqualTo(refreshed());
  }

  @Test
  void refresh_failsBeforeTheTimestamp_changesNothing() throws SutureException {
    TrustState state = refreshed();
    mirror.silentAt = Optional.of("timestamp.json");
    Refresh refresh = trust.refresh(state, mirror, NO_CLOCK, NO_VENDORS);
    assertFailed(refresh, FailureCode.SERVER_UNREACHABLE);
    assertThat(refresh.state()).isEqualTo(state);
  }

  @Test
  void refresh_notUtf8_isRefused_andNothingIsStored() throws SutureException {
    byte[] timestamp = file("timestamp.json").clone();
    timestamp[timestamp.length / 2] = (byte) 0xff;
    publisher.files().put(SimPublisher.timestamp(), timestamp);
    Refresh refresh = trust.refresh(TrustState.EMPTY, mirror, NO_CLOCK, NO_VENDORS);
    assertFailed(refresh, FailureCode.METADATA_MALFORMED);
    assertThat(refresh.state()).isEqualTo(TrustState.EMPTY);
  }

  @Test
  void refresh_timestampExpired_isRefusedByATrueClock_andTakenWithoutOne() throws SutureException {
    Instant expired = issued().plus(Duration.ofDays(7));
    Refresh refresh = trust.refresh(TrustState.EMPTY, mirror, Optional.of(expired), NO_VENDORS);
    assertFailed(refresh, FailureCode.METADATA_EXPIRED);
    assertThat(refresh.state()).isEqualTo(TrustState.EMPTY);
    assertThat(
            trust
                .refresh(TrustState.EMPTY, mirror, Optional.of(expired.minusSeconds(1)), NO_VENDORS)
                .failure())
        .isEmpty();
    assertThat(refreshed().files()).isNotEmpty();
  }

  @Test
  void refresh_signedTimeIsLaterThanTheClock_countsInItsPlace() throws SutureException {
    TrustState state =
        TrustState.EMPTY.with(TrustState.Marks.NONE.seen(issued().plus(Duration.ofDays(7))));
    assertFailed(
        trust.refresh(state, mirror, Optional.of(issued()), NO_VENDORS),
        FailureCode.METADATA_EXPIRED);
  }

  @Test
  void timestampKey_revoked_forgetsTheTimeThatItsThiefMadeUp() throws SutureException {
    TrustState state = refreshed();
    TrustState ahead = state.with(state.marks().seen(Instant.parse("2100-01-01T00:00:00Z")));
    publisher.rotate(RoleType.TIMESTAMP, 50);
    Refresh first = trust.refresh(ahead, mirror, NO_CLOCK, NO_VENDORS);
    assertFailed(first, FailureCode.METADATA_EXPIRED); // Now was fixed before.
    assertThat(first.state().roots()).containsExactly(text(file("2.root.json")));
    assertThat(first.state().files()).containsOnlyKeys("targets.json");
    assertThat(first.state().marks().signedTime()).isEmpty();
    assertThat(refreshed(first.state(), NO_VENDORS).state().marks().signedTime())
        .hasValue(issued());
  }

  @Test
  void snapshotKey_revokedAndTheMirrorHasTheOldTimestamp_timeIsMarkedAgain()
      throws SutureException {
    TrustState state = refreshed();
    Instant time = issued();
    byte[] old = file("timestamp.json");
    byte[] oldSnapshot = file("2.snapshot.json");
    publisher.rotate(RoleType.SNAPSHOT, 50);
    publisher.files().put(SimPublisher.timestamp(), old);
    publisher.files().put("metadata/2.snapshot.json", oldSnapshot);
    Refresh refresh = trust.refresh(state, mirror, NO_CLOCK, NO_VENDORS);
    assertFailed(refresh, FailureCode.SIGNATURE_INVALID);
    assertThat(refresh.state().files()).containsOnlyKeys("timestamp.json", "targets.json");
    assertThat(refresh.state().marks().signedTime()).hasValue(time);
  }

  @Test
  void targetsKey_rotated_timeStays() throws SutureException {
    TrustState state = refreshed();
    publisher.rotate(RoleType.TARGETS, 50);
    mirror.silentAt = Optional.of("timestamp.json");
    Refresh refresh = trust.refresh(state, mirror, NO_CLOCK, NO_VENDORS);
    assertThat(refresh.state().roots()).hasSize(1);
    assertThat(refresh.state().marks()).isEqualTo(state.marks());
    assertThat(refresh.state().files()).isEqualTo(state.files());
  }

  @Test
  void believed_afterARefresh_saysTheSame_withoutMirrorOrExpiry() throws SutureException {
    publisher.rotate(RoleType.ROOT, 50);
    publisher.rotate(RoleType.TARGETS, 51);
    TrustState state = refreshed();
    TrustedView view = trust.believed(TrustState.decode(state.metadata().encode()));
    assertThat(view.levels()).containsExactly(publisher.entry(level));
    assertThat(view.timestamp().signed().version()).isEqualTo(publisher.version());
  }

  @Test
  void believed_nothing_isNotWhole() {
    assertThrown(
        RetryableException.class,
        FailureCode.SERVER_NOT_FOUND,
        () -> trust.believed(TrustState.EMPTY));
  }

  @Test
  void believed_anyFileMissingOrOther_isNotWhole() throws SutureException {
    TrustState state = refreshed();
    for (String name : state.files().keySet()) {
      Map<String, String> files = new LinkedHashMap<>(state.files());
      files.remove(name);
      assertThrown(
          RetryableException.class,
          FailureCode.SERVER_NOT_FOUND,
          () -> trust.believed(new TrustState(List.of(), files, state.marks())));
    }
    publisher.publish();
    Map<String, String> mixed = new LinkedHashMap<>(state.files());
    mixed.put("targets.json", text(file(publisher.version() + ".targets.json")));
    assertThrown(
        RetryableException.class,
        FailureCode.SERVER_NOT_FOUND,
        () -> trust.believed(new TrustState(List.of(), mixed, state.marks())));
  }

  @Test
  void roots_ofAStranger_areRefused_andNothingIsFetched() throws SutureException {
    SimPublisher stranger = SimPublisher.stranger();
    stranger.rotate(RoleType.TARGETS, 60);
    byte[] root = Optional.ofNullable(stranger.files().get("metadata/2.root.json")).orElseThrow();
    TrustState state =
        new TrustState(List.of(text(root)), refreshed().files(), TrustState.Marks.NONE);
    mirror.requests.clear();
    assertThrown(
        RejectedException.class, FailureCode.SIGNATURE_INVALID, () -> trust.believed(state));
    assertThrown(
        RejectedException.class,
        FailureCode.SIGNATURE_INVALID,
        () -> trust.refresh(state, mirror, NO_CLOCK, NO_VENDORS));
    assertThat(mirror.requests).isEmpty();
  }

  @Test
  void roots_oneMissing_areRefused() throws SutureException {
    publisher.rotate(RoleType.TARGETS, 60);
    publisher.rotate(RoleType.TARGETS, 61);
    TrustState state = refreshed();
    assertThat(state.roots()).hasSize(2);
    TrustState holed = new TrustState(state.roots().subList(1, 2), state.files(), state.marks());
    assertThrown(
        RejectedException.class, FailureCode.METADATA_ROLLED_BACK, () -> trust.believed(holed));
  }

  @Test
  void roots_overtakenByANewerShippedOne_areDropped_nothingElseIsLost() throws SutureException {
    publisher.rotate(RoleType.TIMESTAMP, 60);
    publisher.rotate(RoleType.TARGETS, 61);
    TrustState state = refreshed();
    DeviceTrust newer = trust(file("2.root.json"));
    assertThat(newer.believed(state).levels()).containsExactly(publisher.entry(level));
    mirror.requests.clear();
    Refresh refresh = newer.refresh(state, mirror, NO_CLOCK, NO_VENDORS);
    assertThat(refresh.state())
        .isEqualTo(new TrustState(state.roots().subList(1, 2), state.files(), state.marks()));
    assertThat(mirror.requests).startsWith("4.root.json");
    DeviceTrust newest = trust(file("3.root.json"));
    assertThat(newest.refresh(state, mirror, NO_CLOCK, NO_VENDORS).state().roots()).isEmpty();
  }

  @Test
  void vendors_allThere_isComplete_andTheirFilesAreKept() throws SutureException {
    publisher.delegate(SimPublisher.TLS, VENDOR_KEY);
    publisher.vouch(level, SimPublisher.TLS, VENDOR_KEY);
    Refresh refresh = refreshed(TrustState.EMPTY, statements());
    assertThat(refresh.isComplete()).isTrue();
    assertThat(refresh.state().files()).containsKey("component-tls.json");
    TrustedView view = trust.believed(refresh.state());
    assertThat(view.verify(ManifestCodec.encode(level), publisher.entry(level))).isEqualTo(level);
  }

  @Test
  void vendors_notAskedFor_areNotFetched() throws SutureException {
    publisher.delegate(SimPublisher.TLS, VENDOR_KEY);
    assertThat(refreshed(TrustState.EMPTY, NO_VENDORS).isComplete()).isTrue();
    assertThat(mirror.requests).doesNotContain("1.component-tls.json");
  }

  @Test
  void vendors_oneIsMissing_isIncomplete_andTheViewNeverAsksTheMirror() throws SutureException {
    publisher.delegate(SimPublisher.TLS, VENDOR_KEY);
    publisher.vouch(level, SimPublisher.TLS, VENDOR_KEY);
    byte[] vendors = file("1.component-tls.json");
    publisher.files().remove("metadata/1.component-tls.json");
    Refresh refresh = refreshed(TrustState.EMPTY, statements());
    assertThat(refresh.isComplete()).isFalse();
    assertThat(refresh.state().files()).doesNotContainKey("component-tls.json");

    publisher.files().put("metadata/1.component-tls.json", vendors);
    List<String> before = new ArrayList<>(mirror.requests);
    assertThrown(
        RetryableException.class,
        FailureCode.SERVER_NOT_FOUND,
        () ->
            refresh
                .view()
                .orElseThrow()
                .verify(ManifestCodec.encode(level), publisher.entry(level)));
    assertThat(mirror.requests).isEqualTo(before);
    assertThat(refreshed(refresh.state(), statements()).isComplete()).isTrue();
  }

  @Test
  void vendors_oneIsBroken_doesNotStopTheOther() throws SutureException {
    publisher.delegate(SimPublisher.TLS, VENDOR_KEY);
    publisher.delegate(SimPublisher.WEB, VENDOR_KEY);
    publisher.files().put("metadata/1.component-tls.json", Bytes.of("{}"));
    Refresh refresh = refreshed(TrustState.EMPTY, statements());
    assertThat(refresh.isComplete()).isFalse();
    assertThat(refresh.state().files())
        .containsKey("component-web.json")
        .doesNotContainKey("component-tls.json");
  }

  @Test
  void vendor_nameWithSlashes_isOneSegment() throws SutureException {
    delegate("../../etc/passwd");
    Refresh refresh = refreshed(TrustState.EMPTY, statements());
    assertThat(refresh.isComplete()).isTrue();
    assertThat(mirror.requests).contains("1...%2F..%2Fetc%2Fpasswd.json");
    assertThat(refresh.state().files()).containsKey("..%2F..%2Fetc%2Fpasswd.json");
    assertThat(mirror.requests).noneMatch(name -> name.contains("/"));
  }

  @Test
  void vendor_longestName_isKept_andTheStateCanBeReadAgain() throws SutureException {
    delegate("v".repeat(200));
    Refresh refresh = refreshed(TrustState.EMPTY, statements());
    assertThat(refresh.isComplete()).isTrue();
    assertThat(TrustState.decode(refresh.state().encode())).isEqualTo(refresh.state());
  }

  @Test
  void isUnchanged_sameBytes_isOneRequest() throws SutureException {
    TrustState state = refreshed();
    TrustedView view = trust.believed(state);
    mirror.requests.clear();
    assertThat(trust.isUnchanged(state, view, mirror, NO_CLOCK)).isTrue();
    assertThat(trust.isUnchanged(state, view, mirror, Optional.of(issued()))).isTrue();
    assertThat(mirror.requests).containsExactly("timestamp.json", "timestamp.json");
  }

  @Test
  void isUnchanged_otherBytesOrNone_isNot() throws SutureException {
    TrustState state = refreshed();
    TrustedView view = trust.believed(state);
    assertThat(trust.isUnchanged(TrustState.EMPTY, view, mirror, NO_CLOCK)).isFalse();
    publisher.publish();
    assertThat(trust.isUnchanged(state, view, mirror, NO_CLOCK)).isFalse();
    publisher.files().remove(SimPublisher.timestamp());
    assertThat(trust.isUnchanged(state, view, mirror, NO_CLOCK)).isFalse();
  }

  @Test
  void isUnchanged_expiredByNow_isNot_soThatARefreshAsksForANewRoot() throws SutureException {
    TrustState state = refreshed();
    TrustedView view = trust.believed(state);
    Instant expiry = issued().plus(Duration.ofDays(7));
    assertThat(trust.isUnchanged(state, view, mirror, Optional.of(expiry.minusSeconds(1))))
        .isTrue();
    assertThat(trust.isUnchanged(state, view, mirror, Optional.of(expiry))).isFalse();
    TrustState later = state.with(state.marks().seen(expiry));
    assertThat(trust.isUnchanged(later, view, mirror, NO_CLOCK)).isFalse();
  }

  @Test
  void isUnchanged_endlessOrSilent_saysSo() throws SutureException {
    TrustState state = refreshed();
    TrustedView view = trust.believed(state);
    publisher.files().put(SimPublisher.timestamp(), new byte[(16 << 10) + 1]);
    assertThrown(
        RejectedException.class,
        FailureCode.METADATA_TOO_LARGE,
        () -> trust.isUnchanged(state, view, mirror, NO_CLOCK));
    publisher.files().put(SimPublisher.timestamp(), new byte[16 << 10]);
    assertThat(trust.isUnchanged(state, view, mirror, NO_CLOCK)).isFalse();
    mirror.silentAt = Optional.of("timestamp.json");
    assertThrown(
        RetryableException.class,
        FailureCode.SERVER_UNREACHABLE,
        () -> trust.isUnchanged(state, view, mirror, NO_CLOCK));
  }
}
