package dev.suture.hil;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.suture.hil.Publisher.Change;
import dev.suture.hil.Publisher.Release;
import dev.suture.protocol.FileRef;
import dev.suture.protocol.Sha256;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.manifest.ManifestCodec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer.OrderAnnotation;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Everything that must not be installed, served to one device that runs its base: each is refused
 * with its own code, nothing is written to a slot, and the device still runs what it ran. At last
 * the good patch comes, and is installed.
 */
@TestMethodOrder(OrderAnnotation.class)
@Timeout(value = 5, unit = TimeUnit.MINUTES)
@Tag(Campaign.TAG)
class RefusalHilTest {
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final Duration INSTALL_LIMIT = Duration.ofMinutes(4);
  private static final String TOPIC = "suture/1/" + Publisher.FLEET + "/notice";

  @RegisterExtension
  static final BenchExtension BENCH = new BenchExtension("refusal", Duration.ofMinutes(20));

  /** Signs what it should not. */
  private static @Nullable Forgery forgery;

  /** The good patch's manifest, as text. */
  private static String good = "";

  /** Levels go up, so that each replaces an attempt at the one before. */
  private static char nextLevel = 'a';

  private final Bench bench = BENCH.bench();
  private final Device device = bench.device();
  private final StatusWatcher watcher = bench.watcher();

  @BeforeAll
  static void publishAsideAndBoot() throws IOException {
    Bench bench = BENCH.bench();
    Path aside = bench.folder().resolve("good");
    Publisher publisher = bench.publisher().withRepository(aside);
    publisher.release(Release.of("a", Change.to("new", ComponentImage.TLS)));
    good = new String(ManifestCodec.encode(publisher.manifest("a")), UTF_8);
    Path repository = bench.publisher().repository();
    Files.createDirectories(repository.resolve("payloads"));
    try (Stream<Path> payloads = Files.list(aside.resolve("payloads"))) {
      for (Path payload : payloads.toList()) {
        Files.copy(payload, repository.resolve("payloads").resolve(payload.getFileName()));
      }
    }
    forgery = new Forgery(repository, bench.publisher().keys());
    bench.rig().flash(bench.provisioning());
    bench.boot();
    bench
        .watcher()
        .awaitStatus(StatusWatcher.Mark.START, "base", DeviceStatus::isBase, INSTALL_LIMIT);
  }

  @Test
  @Order(1)
  void notice_garbage_changesNothing() {
    String before = device.slotsAndRecord();
    for (String notice :
        new String[] {
          "",
          "not json",
          "{\"format\":1}",
          "{\"format\":1,\"sequence\":-1}",
          "{\"format\":2,\"sequence\":1}",
          "[".repeat(1_000),
          "x".repeat(100_000)
        }) {
      bench.broker().publish(bench.broker().publisher(), TOPIC, notice);
    }
    // A device must not be able to speak for the publisher; the broker drops this.
    bench.broker().publish(bench.broker().device(), TOPIC, "{\"format\":1,\"sequence\":1}");
    assertUnchanged(before);
  }

  @Test
  @Order(2)
  void metadata_missing_isSaid() {
    String before = device.slotsAndRecord();
    assertThat(bench.publisher().repository().resolve("metadata")).doesNotExist();
    notice(1_000);
    // It has been so since the start, and what has not changed is not reported again.
    awaitFailedLook(StatusWatcher.Mark.START, FailureCode.SERVER_NOT_FOUND);
    assertUnchanged(before);
  }

  @Test
  @Order(3)
  void metadata_signedByAStranger_isRefused() throws IOException {
    String before = device.slotsAndRecord();
    StatusWatcher.Mark reports = watcher.mark();
    notice(forgery().publishAsStranger("a", good.getBytes(UTF_8)));
    device.run("suture check");
    awaitFailedLook(reports, FailureCode.SIGNATURE_INVALID);
    assertUnchanged(before);
  }

  @Test
  @Order(4)
  void manifest_ofAnotherBaseline_isRefused() throws IOException {
    assertRefused(
        manifest -> manifest.replace("\"baseline\": \"26.1\"", "\"baseline\": \"26.2\""),
        FailureCode.WRONG_BASELINE);
  }

  @Test
  @Order(5)
  void manifest_ofAnotherModel_isRefused() throws IOException {
    assertRefused(
        manifest -> manifest.replace("\"" + Publisher.MODEL + "\"", "\"toaster-9000\""),
        FailureCode.WRONG_MODEL);
  }

  @Test
  @Order(6)
  void manifest_ofAComponentThatIsNotThere_isRefused() throws IOException {
    assertRefused(
        manifest -> manifest.replace("\"name\": \"tls\"", "\"name\": \"kitchen\""),
        FailureCode.WRONG_COMPONENTS);
  }

  @Test
  @Order(7)
  void manifest_withACheckThatCannotBeRunHere_isRefused() throws IOException {
    assertRefused(
        manifest ->
            manifest.replace("\"kind\": \"https\"", "\"kind\": \"unit\", \"name\": \"a.service\""),
        FailureCode.HEALTH_CHECK_UNSUPPORTED);
    assertRefused(
        manifest ->
            manifest.replace("\"kind\": \"https\"", "\"kind\": \"command\", \"name\": \"modem\""),
        FailureCode.HEALTH_CHECK_UNSUPPORTED);
  }

  @Test
  @Order(7)
  void manifest_fromAnotherBaseImage_isRefused() throws IOException {
    String base = ComponentImage.of(ComponentImage.TLS, "old").sha256().hex();
    assertRefused(
        manifest -> manifest.replace(base, Sha256.of(new byte[0]).hex()),
        FailureCode.WRONG_BASE_IMAGE);
  }

  @Test
  @Order(8)
  void manifest_withAMissingMember_isRefused() throws IOException {
    assertRefused(
        manifest -> manifest.replace("\"base_sha256\"", "\"base_sha265\""),
        FailureCode.MANIFEST_MALFORMED);
  }

  @Test
  @Order(9)
  void metadata_olderThanWhatIsBelieved_isRefused() throws IOException {
    String before = device.slotsAndRecord();
    StatusWatcher.Mark reports = watcher.mark();
    forgery().publishOlder("z", good.getBytes(UTF_8));
    device.run("suture check");
    awaitFailedLook(reports, FailureCode.METADATA_ROLLED_BACK);
    assertUnchanged(before);
  }

  @Test
  @Order(10)
  void payload_absent_isRetriedAndSaid() throws IOException {
    String before = device.slotsAndRecord();
    StatusWatcher.Mark reports = watcher.mark();
    String release = publish(withPayloadsAt("absent", new byte[0], 10));
    awaitAttempt(reports, release, FailureCode.SERVER_NOT_FOUND);
    assertUnchanged(before);
  }

  @Test
  @Order(11)
  void payload_shorterThanSigned_isRetriedAndSaid() throws IOException {
    String before = device.slotsAndRecord();
    StatusWatcher.Mark reports = watcher.mark();
    byte[] content = new byte[10_000];
    Files.write(bench.publisher().repository().resolve("payloads/short"), content);
    String release = publish(withPayloadsAt("short", content, 20_000));
    awaitAttempt(reports, release, FailureCode.DOWNLOAD_TRUNCATED);
    assertUnchanged(before);
  }

  @Test
  @Order(12)
  void payload_longerThanSigned_isRetriedAndSaid() throws IOException {
    String before = device.slotsAndRecord();
    StatusWatcher.Mark reports = watcher.mark();
    byte[] content = new byte[2_000_000];
    Files.write(bench.publisher().repository().resolve("payloads/long"), content);
    String release = publish(withPayloadsAt("long", content, 1_000_000));
    awaitAttempt(reports, release, FailureCode.PAYLOAD_LENGTH_MISMATCH);
    assertUnchanged(before);
  }

  @Test
  @Order(13)
  void payload_thatIsNoDelta_isRefusedInBothForms() throws IOException {
    byte[] content = new byte[50_000];
    Files.write(bench.publisher().repository().resolve("payloads/zeros"), content);
    StatusWatcher.Mark reports = watcher.mark();
    String release = publish(withPayloadsAt("zeros", content, content.length));
    DeviceStatus.Attempt outcome = awaitOutcome(reports, release, "REJECTED");
    assertThat(outcome.code()).isEqualTo(FailureCode.DELTA_MALFORMED.number());
    // The slot was marked before it was written: base runs, and the record says so.
    assertThat(device.status().isBase()).isTrue();
    assertThat(device.mountedFrom(ComponentImage.TLS)).isEqualTo("loop");
  }

  @Test
  @Order(14)
  void data_readOnly_isSaidAndNothingIsInstalled() throws IOException {
    String before = device.slotsAndRecord();
    device.run("sync; mount -o remount,ro /data").orThrow();
    StatusWatcher.Mark reports = watcher.mark();
    publish(UnaryOperator.identity());
    watcher.awaitStatus(
        reports,
        "storage read-only",
        status -> status.lastFailureCode() == FailureCode.STORAGE_READ_ONLY.number(),
        LIMIT);
    assertUnchanged(before);

    // In one line, so that there is no moment with room in it.
    device
        .run(
            "mount -o remount,rw /data && "
                + "fallocate -l $(($(df -k /data | awk 'END { print $4 }') - 4096))k /data/filler && "
                + "sync")
        .orThrow();
  }

  @Test
  @Order(15)
  void data_full_waitsUntilThereIsRoomAndThenInstalls() throws IOException {
    StatusWatcher.Mark reports = watcher.mark();
    // Members that this agent does not know are a newer publisher's business.
    String release =
        publish(manifest -> manifest.replaceFirst("\\{", "{\n  \"colour\": {\"of\": [\"x\", 1]},"));
    awaitAttempt(reports, release, FailureCode.DISK_FULL);
    assertThat(device.status().running()).isEqualTo("base");
    assertThat(device.httpsStatus()).isEqualTo(200);

    device.run("rm /data/filler && sync").orThrow();
    // Not waited for: the device may restart before it can answer.
    device.run("suture check >/dev/null 2>&1 &").orThrow();
    watcher.awaitStatus(reports, release, status -> status.isActive(release), INSTALL_LIMIT);
    device.awaitHttps(LIMIT);
    assertThat(device.opensslInUse().version())
        .isEqualTo(ComponentImage.of(ComponentImage.TLS, "new").upstreamVersion());
  }

  /** All payloads of the manifest become this file, with this signed length. */
  private static UnaryOperator<String> withPayloadsAt(String name, byte[] content, long bytes) {
    FileRef file = new FileRef("payloads/" + name, bytes, Sha256.of(content));
    return manifest ->
        Pattern.compile(
                "\"path\": \"payloads/[^\"]*\",\\s*\"bytes\": \\d+,\\s*\"sha256\": \"[0-9a-f]*\"")
            .matcher(manifest)
            .replaceAll(
                "\"path\": \"%s\", \"bytes\": %d, \"sha256\": \"%s\""
                    .formatted(file.path(), file.bytes(), file.sha256().hex()));
  }

  /** Publishes the good manifest after this change under the next level, and says so. */
  private String publish(UnaryOperator<String> change) throws IOException {
    String level = String.valueOf(nextLevel++);
    String changed = change.apply(good.replace("\"level\": \"a\"", "\"level\": \"" + level + "\""));
    notice(forgery().publish(level, changed.getBytes(UTF_8)));
    return Publisher.BASELINE + " (" + level + ")";
  }

  private static Forgery forgery() {
    return Objects.requireNonNull(forgery);
  }

  private void notice(long sequence) {
    bench
        .broker()
        .publish(bench.broker().publisher(), TOPIC, "{\"format\":1,\"sequence\":" + sequence + "}");
  }

  private void assertRefused(UnaryOperator<String> change, FailureCode code) throws IOException {
    assertThat(change.apply(good)).isNotEqualTo(good);
    String before = device.slotsAndRecord();
    StatusWatcher.Mark reports = watcher.mark();
    String release = publish(change);
    DeviceStatus.Attempt outcome = awaitOutcome(reports, release, "REJECTED");
    assertThat(outcome.code()).as(outcome.message()).isEqualTo(code.number());
    assertThat(outcome.message()).contains("expected", "got");
    assertUnchanged(before);
  }

  private DeviceStatus.Attempt awaitOutcome(StatusWatcher.Mark from, String release, String phase) {
    return watcher
        .awaitStatus(
            from,
            release + " " + phase,
            status ->
                status
                    .lastOutcome()
                    .filter(outcome -> outcome.release().equals(release))
                    .filter(outcome -> outcome.phase().equals(phase))
                    .isPresent(),
            LIMIT)
        .status()
        .lastOutcome()
        .orElseThrow();
  }

  private void awaitAttempt(StatusWatcher.Mark from, String release, FailureCode code) {
    watcher.awaitStatus(
        from,
        release + " waits with " + code,
        status ->
            status
                .attempt()
                .filter(attempt -> attempt.release().equals(release))
                .filter(attempt -> attempt.code() == code.number())
                .isPresent(),
        LIMIT);
  }

  private void awaitFailedLook(StatusWatcher.Mark from, FailureCode code) {
    watcher.awaitStatus(
        from,
        "last look failed with " + code,
        status -> status.lastFailureCode() == code.number(),
        LIMIT);
  }

  private void assertUnchanged(String before) {
    assertThat(device.slotsAndRecord()).isEqualTo(before);
    assertThat(device.httpsStatus()).isEqualTo(200);
    DeviceStatus status = device.status();
    assertThat(status.running()).isEqualTo("base");
    assertThat(status.isProtected()).isFalse();
  }
}
