package dev.suture.publisher.workspace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.suture.protocol.Baseline;
import dev.suture.protocol.ComponentName;
import dev.suture.protocol.Sha256;
import dev.suture.protocol.tuf.RoleType;
import dev.suture.protocol.tuf.RootMetadata;
import dev.suture.protocol.tuf.SignedMetadata;
import dev.suture.publisher.Problem;
import dev.suture.publisher.PublisherException;
import dev.suture.publisher.keys.role.PassphraseSource;
import dev.suture.publisher.repository.Expiry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class WorkspaceTest {
  private static final Clock CLOCK =
      Clock.fixed(Instant.parse("2026-11-21T12:00:00Z"), ZoneOffset.UTC);
  private static final PassphraseSource NEVER =
      what -> {
        throw new AssertionError("no passphrase is needed: " + what);
      };

  @TempDir private Path temp;

  private Path folder() {
    return temp.resolve("keys");
  }

  private Workspace made() throws PublisherException {
    Workspace workspace = new Workspace(folder());
    workspace.init(
        Settings.DEFAULT.with(Expiry.DEFAULT.with(RoleType.ROOT, 30)),
        Optional.empty(),
        NEVER,
        CLOCK);
    return workspace;
  }

  private Map<String, byte[]> keyFiles() throws IOException {
    Map<String, byte[]> files = new TreeMap<>();
    try (Stream<Path> paths = Files.list(folder())) {
      for (Path path : paths.filter(one -> one.toString().endsWith(KeyRing.ENDING)).toList()) {
        files.put(String.valueOf(path.getFileName()), Files.readAllBytes(path));
      }
    }
    return files;
  }

  private static RootMetadata root(byte[] bytes) {
    return new RootMetadata(SignedMetadata.decode(RoleType.ROOT, "root", bytes, bytes.length));
  }

  @Test
  void init_empty_hybridOfflineRolesAndTheExpiryThatWasSaid() throws Exception {
    RootMetadata root = root(made().trustedRoot());

    assertThat(keyFiles().keySet())
        .containsExactly(
            "root-ed25519.key",
            "root-ml-dsa-65.key",
            "snapshot-ed25519.key",
            "targets-ed25519.key",
            "targets-ml-dsa-65.key",
            "timestamp-ed25519.key");
    assertThat(root.signed().signatures()).hasSize(2);
    assertThat(root.signed().expires()).isEqualTo(Instant.parse("2026-12-21T12:00:00Z"));
  }

  @Test
  void init_again_refusedAndNothingChanges() throws Exception {
    Workspace workspace = made();
    byte[] before = workspace.trustedRoot();

    PublisherException e = catchThrowableOfType(PublisherException.class, this::made);
    assertThat(e.problem()).isEqualTo(Problem.KEYS_EXIST);
    assertThat(workspace.trustedRoot()).isEqualTo(before);
  }

  @Test
  void init_powerWasLostAfterAnyKey_goesOnWithTheKeysThatAreThere() throws Exception {
    made();
    Map<String, byte[]> all = keyFiles();
    Files.delete(folder().resolve(Workspace.ROOT));
    for (String lost : List.of("timestamp-ed25519.key", "targets-ml-dsa-65.key")) {
      Files.delete(folder().resolve(lost));
      Files.delete(folder().resolve(lost + ".pub"));
    }

    assertThat(root(made().trustedRoot()).signed().signatures()).hasSize(2);
    Map<String, byte[]> after = keyFiles();
    assertThat(after.keySet()).isEqualTo(all.keySet());
    assertThat(after.get("root-ed25519.key")).isEqualTo(all.get("root-ed25519.key"));
    assertThat(after.get("timestamp-ed25519.key")).isNotEqualTo(all.get("timestamp-ed25519.key"));
  }

  @Test
  void nextKeys_rotationThatLostItsPower_takesTheSameKeys() throws Exception {
    Workspace workspace = made();
    RootMetadata root = root(workspace.trustedRoot());

    var first = workspace.nextKeys(RoleType.TARGETS, root, Optional.empty());
    assertThat(workspace.nextKeys(RoleType.TARGETS, root, Optional.empty())).isEqualTo(first);
    assertThat(first.threshold()).isEqualTo(2);
    assertThat(keyFiles()).containsKeys("targets-ed25519-2.key", "targets-ml-dsa-65-2.key");
  }

  @Test
  void authority_noKeys_refused() {
    PublisherException e =
        catchThrowableOfType(
            PublisherException.class, () -> new Workspace(folder()).authority(NEVER, CLOCK));
    assertThat(e.problem()).isEqualTo(Problem.KEYS_MISSING);
  }

  @Test
  void record_oneRelease_isRead() throws Exception {
    Workspace workspace = made();
    BaselineRecord record =
        new BaselineRecord(
            "m", new Baseline("26.1"), Map.of(new ComponentName("tls"), Sha256.of(new byte[0])));
    Settings settings = workspace.settings().with(record);
    workspace.record(record);

    assertThat(workspace.settings()).isEqualTo(settings);
    assertThat(workspace.settings().baseline("m", new Baseline("26.1"))).contains(record);
    assertThat(workspace.settings().baseline("n", new Baseline("26.1"))).isEmpty();
  }

  @Test
  void record_manyAtOnce_nothingIsLostAndEachOnlyOnce() throws Exception {
    made();
    int racers = 8;
    CountDownLatch start = new CountDownLatch(1);
    ExecutorService threads = Executors.newFixedThreadPool(racers);
    List<Future<Boolean>> done = new ArrayList<>();
    for (int i = 0; i < racers; i++) {
      BaselineRecord record =
          new BaselineRecord(
              "m",
              new Baseline("26." + i / 2), // Two for each release.
              Map.of(new ComponentName("tls"), Sha256.of(new byte[] {(byte) i})));
      done.add(
          threads.submit(
              () -> {
                start.await();
                try {
                  new Workspace(folder()).record(record);
                  return true;
                } catch (PublisherException e) {
                  assertThat(e.problem()).isEqualTo(Problem.BASELINE_EXISTS);
                  return false;
                }
              }));
    }
    start.countDown();
    int recorded = 0;
    for (Future<Boolean> one : done) {
      recorded += one.get() ? 1 : 0;
    }
    threads.shutdown();

    assertThat(recorded).isEqualTo(racers / 2);
    assertThat(new Workspace(folder()).settings().baselines())
        .extracting(record -> record.baseline().version())
        .containsExactlyInAnyOrder("26.0", "26.1", "26.2", "26.3");
  }

  @Test
  void record_folderThatIsNotThere_isNotMade() {
    BaselineRecord record =
        new BaselineRecord(
            "m", new Baseline("26.1"), Map.of(new ComponentName("tls"), Sha256.of(new byte[0])));
    assertThat(
            catchThrowableOfType(
                    PublisherException.class, () -> new Workspace(folder()).record(record))
                .problem())
        .isEqualTo(Problem.STORAGE_FAILED);
    assertThat(folder()).doesNotExist();
  }

  @Test
  void decode_settingsThatAreNone_refused() {
    String good = new String(Settings.DEFAULT.encode(), StandardCharsets.UTF_8);
    for (String bad :
        List.of(
            "{}",
            good.replace("365", "0"),
            good.replace("365", "4000"),
            good.replace("\"timestamp\"", "\"timestamps\""),
            good.replace("[]", "[{\"model\":\"m\",\"baseline\":\"1\",\"bases\":{}}]"))) {
      assertThat(bad).isNotEqualTo(good);
      assertThatThrownBy(() -> Settings.decode(bad.getBytes(StandardCharsets.UTF_8)))
          .as(bad)
          .isInstanceOf(IllegalArgumentException.class);
    }
  }
}
