package dev.suture.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.suture.fuzz.Bytes;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.RejectedException;
import dev.suture.protocol.failure.SutureException;
import dev.suture.sim.SimPublisher;
import dev.suture.trust.TrustState.Marks;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class StateMetadataTest {
  private static final int ANY = 1 << 20;
  private static final Instant TIME = Instant.parse("2026-01-01T00:00:00Z");

  private final SimPublisher publisher = new SimPublisher();

  private StateMetadata metadata(List<String> roots, Map<String, String> files, Marks marks)
      throws SutureException {
    return new StateMetadata(
        TrustAnchor.decode(publisher.trustRoot()),
        roots,
        new TrustState(List.of("not looked at"), files, marks));
  }

  private static void assertTooLarge(
      StateMetadata metadata, String name, byte[] bytes, String what) {
    TrustState before = metadata.state();
    assertThatThrownBy(() -> metadata.store(name, bytes))
        .isInstanceOfSatisfying(
            RejectedException.class,
            e -> {
              assertThat(e.code()).isEqualTo(FailureCode.METADATA_TOO_LARGE);
              assertThat(e.explanation()).contains(what);
            });
    assertThat(metadata.state()).isEqualTo(before);
  }

  private byte[] timestamp() {
    return Optional.ofNullable(publisher.files().get(SimPublisher.timestamp())).orElseThrow();
  }

  @Test
  void root_withoutAny_isTheAnchor_thenTheNewest() throws SutureException {
    StateMetadata metadata = metadata(List.of(), Map.of(), Marks.NONE);
    assertThat(metadata.load("root.json", ANY)).hasValue(publisher.trustRoot());
    metadata.store("root.json", Bytes.of("second"));
    metadata.store("root.json", Bytes.of("third"));
    assertThat(metadata.load("root.json", ANY)).hasValue(Bytes.of("third"));
    assertThat(metadata.state())
        .isEqualTo(new TrustState(List.of("second", "third"), Map.of(), Marks.NONE));
  }

  @Test
  void file_isStoredReplacedAndRemoved() throws SutureException {
    StateMetadata metadata = metadata(List.of(), Map.of("a.json", "1"), Marks.NONE.seen(TIME));
    metadata.store("a.json", Bytes.of("2"));
    metadata.store("b.json", Bytes.of("3"));
    assertThat(metadata.load("a.json", ANY)).hasValue(Bytes.of("2"));
    assertThat(metadata.state().files()).isEqualTo(Map.of("a.json", "2", "b.json", "3"));
    metadata.delete("a.json");
    metadata.delete("none.json");
    assertThat(metadata.load("a.json", ANY)).isEmpty();
    assertThat(metadata.state().files()).isEqualTo(Map.of("b.json", "3"));
    assertThat(metadata.state().marks()).isEqualTo(Marks.NONE.seen(TIME));
  }

  @Test
  void timestamp_removed_forgetsTheTime() throws SutureException {
    StateMetadata metadata =
        metadata(List.of(), Map.of("timestamp.json", "t"), Marks.NONE.seen(TIME));
    metadata.delete("timestamp.json");
    assertThat(metadata.state()).isEqualTo(TrustState.EMPTY);
  }

  @Test
  void timestamp_stored_marksItsTime_andEndsTheQuiet() throws SutureException {
    StateMetadata metadata = metadata(List.of(), Map.of(), Marks.NONE.seen(TIME).quiet(9));
    metadata.store("timestamp.json", timestamp());
    assertThat(metadata.state().marks())
        .isEqualTo(Marks.NONE.seen(Instant.parse("2026-11-21T01:00:00Z")));
  }

  @Test
  void timestamp_storedThatDoesNotSayItsTime_endsTheQuiet() throws SutureException {
    StateMetadata metadata = metadata(List.of(), Map.of(), Marks.NONE.seen(TIME).quiet(9));
    metadata.store(
        "timestamp.json",
        Bytes.of(
            "{\"signatures\":[],\"signed\":{\"_type\":\"timestamp\",\"spec_version\":\"1.0.31\","
                + "\"version\":7,\"expires\":\"2026-11-21T00:00:00Z\","
                + "\"meta\":{\"snapshot.json\":{\"version\":3}}}}"));
    assertThat(metadata.state().marks()).isEqualTo(Marks.NONE.seen(TIME));
  }

  @Test
  void roots_oneMoreThanTheLimit_isRefused() throws SutureException {
    StateMetadata metadata =
        metadata(Collections.nCopies(TrustState.ROOTS_MAX - 1, ""), Map.of(), Marks.NONE);
    metadata.store("root.json", Bytes.of("last"));
    assertTooLarge(metadata, "root.json", Bytes.of("more"), "1024 roots");
  }

  @Test
  void files_oneMoreThanTheLimit_isRefused_replacingIsNot() throws SutureException {
    Map<String, String> files = new LinkedHashMap<>();
    for (int i = 1; i < TrustState.FILES_MAX; i++) {
      files.put("f" + i, "");
    }
    StateMetadata metadata = metadata(List.of(), files, Marks.NONE);
    metadata.store("last", new byte[0]);
    metadata.store("last", Bytes.of("again"));
    assertTooLarge(metadata, "more", new byte[0], "256 files");
  }

  @Test
  void name_longerThanIsReadAgain_isRefused() throws SutureException {
    StateMetadata metadata = metadata(List.of(), Map.of(), Marks.NONE);
    metadata.store("n".repeat(256), new byte[0]);
    assertTooLarge(metadata, "n".repeat(257), new byte[0], "256 characters");
    assertThat(TrustState.decode(metadata.state().encode())).isEqualTo(metadata.state());
  }

  @Test
  void bytes_oneMoreThanTheLimit_areRefused_replacedOnesDoNotCount() throws SutureException {
    int half = TrustState.STORED_BYTES_MAX / 2;
    StateMetadata metadata =
        metadata(List.of(" ".repeat(half - 1)), Map.of("a", " ".repeat(half)), Marks.NONE);
    assertTooLarge(metadata, "b", new byte[2], "bytes");
    assertTooLarge(metadata, "root.json", new byte[2], "bytes");
    metadata.store("b", new byte[1]);
    metadata.store("a", new byte[half]);
    assertTooLarge(metadata, "a", new byte[half + 1], "bytes");
  }
}
