package dev.suture.publisher.release;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.suture.protocol.Baseline;
import dev.suture.protocol.ComponentName;
import dev.suture.protocol.Level;
import dev.suture.protocol.Sha256;
import dev.suture.protocol.manifest.Advisory;
import dev.suture.protocol.manifest.HealthCheck;
import dev.suture.protocol.manifest.HealthPlan;
import dev.suture.protocol.manifest.ImageIdentity;
import dev.suture.protocol.manifest.Manifest;
import dev.suture.protocol.manifest.Payload;
import dev.suture.protocol.manifest.RestartScope;
import dev.suture.protocol.tuf.DelegatedRole;
import dev.suture.protocol.tuf.DraftMetadata;
import dev.suture.protocol.tuf.PathPattern;
import dev.suture.protocol.tuf.RoleKeys;
import dev.suture.publisher.Problem;
import dev.suture.publisher.PublisherException;
import dev.suture.publisher.TestImages;
import dev.suture.publisher.delta.FullPayloadWriter;
import dev.suture.publisher.keys.role.KeyFile;
import dev.suture.publisher.keys.role.KeyType;
import dev.suture.publisher.keys.role.RoleSigner;
import dev.suture.publisher.repository.Authority;
import dev.suture.publisher.repository.Publication;
import dev.suture.publisher.repository.Published;
import dev.suture.publisher.repository.Repository;
import dev.suture.publisher.repository.TestAuthority;
import dev.suture.publisher.repository.VendorFolder;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ReleaserTest {
  private static final Clock CLOCK =
      Clock.fixed(Instant.parse("2026-11-21T12:00:00Z"), ZoneOffset.UTC);
  private static final Advisory ADVISORY =
      new Advisory(
          "CVE-2026-12345",
          "pkg:deb/debian/x@2",
          "2",
          Optional.of("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"),
          "A sentence.");

  @TempDir private Path temp;
  private Authority authority = TestAuthority.NONE;
  private final List<String> lines = Collections.synchronizedList(new ArrayList<>());
  private Path base = Path.of("");
  private Path image = base;
  private Path work = base;

  @BeforeEach
  void makeImages() throws IOException, PublisherException {
    byte[] old = TestImages.random(40, 1);
    base = TestImages.write(temp.resolve("old.img"), old);
    image = TestImages.write(temp.resolve("new.img"), TestImages.edited(old, 2));
    work = Files.createDirectory(temp.resolve("work"));
    authority = TestAuthority.in(temp.resolve("keys"), CLOCK);
    Publication.create(repository(), authority, Publication.WAIT_MAX).close();
  }

  private Published published() throws PublisherException {
    return repository().published(authority.trustedRoot()).orElseThrow();
  }

  private Repository repository() {
    return Repository.at(temp.resolve("mirror"));
  }

  private Releaser releaser(PayloadMaker maker) {
    return new Releaser(repository(), authority, work, lines::add, maker, PayloadRules.of(false));
  }

  private ReleaseReport release(String level, ComponentSource... components)
      throws PublisherException {
    return releaser(new EnginePayloads(false, FullPayloadWriter.LEVEL_MAX))
        .release(request(level, components));
  }

  private ReleaseRequest request(String level, ComponentSource... components) {
    return new ReleaseRequest(
        new Baseline("26.1"),
        "suture-virt-arm64",
        new Level(level),
        List.of(components),
        List.of(ADVISORY),
        new HealthPlan(60, 5, List.of(new HealthCheck.Https(443, "/", 200))),
        RestartScope.REBOOT);
  }

  private ComponentSource tls() {
    return component("tls", base, image);
  }

  private static ComponentSource component(String name, Path base, Path image) {
    return new ComponentSource(new ComponentName(name), base, image);
  }

  private PublisherException refusal(String level, ComponentSource... components) {
    PublisherException e =
        catchThrowableOfType(PublisherException.class, () -> release(level, components));
    assertThat(e).isNotNull();
    return e;
  }

  private List<String> files() throws IOException {
    try (Stream<Path> files = Files.walk(temp.resolve("mirror"))) {
      return files
          .filter(Files::isRegularFile)
          .map(file -> temp.resolve("mirror").relativize(file).toString())
          .filter(file -> !file.startsWith("metadata/1.") && !file.startsWith("."))
          .filter(file -> !file.equals("metadata/timestamp.json"))
          .sorted()
          .toList();
    }
  }

  private Authority later(Duration time) {
    return new Authority(
        authority.trustedRoot(),
        authority.signing(),
        authority.expiry(),
        Clock.offset(CLOCK, time));
  }

  @Test
  void release_vendorsComponentWhenTheTimestampHasExpired_renewsIt_untilTheVendorsWordExpires()
      throws Exception {
    ComponentName name = new ComponentName("tls");
    RoleSigner vendor =
        new KeyFile(temp.resolve("vendor.key")).generate(KeyType.ED25519, Optional.empty());
    DelegatedRole role =
        new DelegatedRole(
            VendorFolder.role(name),
            new RoleKeys(Map.of(vendor.keyId(), vendor.key()), 1),
            true,
            List.of(new PathPattern("components/tls/*")),
            List.of());
    Path out = temp.resolve("handover");
    new PatchBuilder(out, work, lines::add, PayloadRules.of(false)).build(tls());
    VendorFolder folder = new VendorFolder(out);
    DraftMetadata draft = folder.draft(name, 1, CLOCK.instant().plus(Duration.ofDays(20)));
    folder.put(name, 1, draft.file(List.of(vendor.sign(draft))));
    try (Publication publication =
        Publication.begin(repository(), authority, Publication.WAIT_MAX)) {
      publication.delegate(role);
      folder.importInto(publication, role, name);
    }

    Authority inTime = later(Duration.ofDays(10));
    assertThat(
            catchThrowableOfType(
                    PublisherException.class,
                    () -> new RepositoryCheck(repository(), inTime, lines::add).check())
                .problem())
        .isEqualTo(Problem.REPOSITORY_EXPIRED);
    new Releaser(repository(), inTime, work, lines::add, PayloadRules.of(false))
        .release(request("a", tls()));

    Authority tooLate = later(Duration.ofDays(30));
    PublisherException refused =
        catchThrowableOfType(
            PublisherException.class,
            () ->
                new Releaser(repository(), tooLate, work, lines::add, PayloadRules.of(false))
                    .release(request("b", tls())));
    assertThat(refused.problem()).isEqualTo(Problem.VENDOR_DISAGREES);
    assertThat(refused.details().got()).contains("expired");
  }

  @Test
  void release_twoComponents_publishedAsADeviceNeedsIt() throws Exception {
    byte[] other = TestImages.random(7, 3);
    Path otherBase = TestImages.write(temp.resolve("other-old.img"), other);
    Path otherImage = TestImages.write(temp.resolve("other-new.img"), TestImages.random(9, 4));

    ReleaseReport report = release("a", tls(), component("other", otherBase, otherImage));

    assertThat(published().version()).isEqualTo(report.version()).isEqualTo(2);
    Manifest manifest = repository().manifest(published().levels().get(0).manifest());
    assertThat(manifest).isEqualTo(report.manifest());
    assertThat(manifest.title()).isEqualTo("26.1 (a)");
    assertThat(manifest.advisories()).containsExactly(ADVISORY);
    assertThat(manifest.components())
        .extracting(c -> c.name().word())
        .containsExactly("tls", "other");
    assertThat(manifest.components().get(0).baseSha256())
        .isEqualTo(Sha256.of(Files.readAllBytes(base)));
    ImageIdentity identity = manifest.components().get(0).image();
    assertThat(identity.sha256()).isEqualTo(Sha256.of(Files.readAllBytes(image)));
    assertThat(identity.veritySalt())
        .isEqualTo(Sha256.of("suture verity salt v1 tls".getBytes(StandardCharsets.US_ASCII)));
    for (var component : manifest.components()) {
      for (Payload payload : component.payloads()) {
        byte[] content = Files.readAllBytes(repository().file(payload.file()));
        assertThat(content).hasSize((int) payload.file().bytes());
        assertThat(Sha256.of(content)).isEqualTo(payload.file().sha256());
      }
    }
    ComponentCost cost = report.costs().get(0);
    assertThat(cost.imageBytes()).isEqualTo(40 * 4096);
    assertThat(cost.deltaBytes()).isLessThan(4096);
    assertThat(cost.fullBytes()).isGreaterThan(39 * 4096);
    assertThat(report.warnings()).isEmpty();
    assertThat(work).isEmptyDirectory();
  }

  @Test
  void release_sameInputsElsewhere_sameManifestBytes() throws Exception {
    ReleaseReport first = release("a", tls());
    Repository other = Repository.at(temp.resolve("other"));
    Authority others = TestAuthority.in(temp.resolve("others"), CLOCK);
    Publication.create(other, others, Publication.WAIT_MAX).close();
    ReleaseReport second =
        new Releaser(other, others, work, lines::add, PayloadRules.of(false))
            .release(request("a", tls()));

    assertThat(second.manifestFile()).isEqualTo(first.manifestFile());
  }

  @Test
  void release_levelThatIsThere_refusedBeforeAnyWork() throws Exception {
    release("b", tls());
    List<String> before = files();
    PayloadMaker never = new Broken(new IOException("not to be called"));

    for (String level : List.of("b", "a")) {
      assertThatThrownBy(() -> releaser(never).release(request(level, tls())))
          .isInstanceOfSatisfying(
              PublisherException.class,
              e ->
                  assertThat(e.problem())
                      .isEqualTo(
                          level.equals("b") ? Problem.LEVEL_EXISTS : Problem.LEVEL_NOT_NEWER));
    }
    assertThat(files()).isEqualTo(before);
  }

  @Test
  void release_unchangedComponent_payloadsOfTheLevelBeforeAreUsed() throws Exception {
    release("a", tls());
    Path more = TestImages.write(temp.resolve("more.img"), TestImages.random(3, 9));
    List<String> made = Collections.synchronizedList(new ArrayList<>());
    PayloadMaker maker = new Recording(made);

    ReleaseReport report =
        releaser(maker).release(request("b", tls(), component("more", more, more)));

    assertThat(made).containsExactlyInAnyOrder("delta more.img", "full more.img");
    assertThat(report.costs()).hasSize(2);
    assertThat(report.warnings()).containsExactly("more: the new image is the base image");
  }

  @Test
  void release_payloadOfTheLevelBeforeDamaged_madeAnewAndHealed() throws Exception {
    ReleaseReport first = release("a", tls());
    for (Payload payload : first.manifest().components().get(0).payloads()) {
      Files.writeString(repository().file(payload.file()), "rotten");
    }

    release("b", tls());

    for (Payload payload : first.manifest().components().get(0).payloads()) {
      assertThat(Sha256.of(Files.readAllBytes(repository().file(payload.file()))))
          .isEqualTo(payload.file().sha256());
    }
    assertThat(lines).anyMatch(line -> line.contains("made anew"));
  }

  @Test
  void release_baseOfAnotherLevel_refused() throws Exception {
    release("a", tls());
    Path next = TestImages.write(temp.resolve("next.img"), TestImages.random(40, 5));

    assertThat(refusal("b", component("tls", image, next)).problem())
        .isEqualTo(Problem.BASE_DIFFERS);
  }

  @Test
  void release_componentOfTheLevelBeforeMissing_warned() throws Exception {
    release("a", tls());
    Path other = TestImages.write(temp.resolve("other.img"), TestImages.random(3, 5));

    ReleaseReport report = release("b", component("other", other, base));
    assertThat(report.warnings()).hasSize(1).first().asString().contains("26.1 (a) patches tls");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 4095, 4097, 8191})
  void release_imageNotAMultipleOfTheBlock_refused(int bytes) throws Exception {
    Path odd = Files.write(temp.resolve("odd.img"), Arrays.copyOf(TestImages.random(2, 1), bytes));

    assertThat(refusal("a", component("tls", base, odd)).problem())
        .isEqualTo(Problem.IMAGE_UNSUITABLE);
    assertThat(refusal("a", component("tls", odd, image)).problem())
        .isEqualTo(Problem.IMAGE_UNSUITABLE);
    assertThat(files()).isEmpty();
  }

  @Test
  void release_notAnErofsImage_refused() throws Exception {
    Path zeros = Files.write(temp.resolve("zeros.img"), new byte[8192]);

    assertThat(refusal("a", component("tls", base, zeros)).problem())
        .isEqualTo(Problem.IMAGE_UNSUITABLE);
  }

  @Test
  void release_partsOfTheOs_areARootAndAFit_andNeedAReboot() throws Exception {
    byte[] fit = TestImages.random(4, 5);
    ByteBuffer.wrap(fit).putInt(0xD00DFEED);
    Path oldFit = Files.write(temp.resolve("old.fit"), TestImages.random(4, 5));
    ComponentSource os = component("os", base, image);

    assertThat(refusal("a", os, component("boot", base, image)).problem())
        .isEqualTo(Problem.IMAGE_UNSUITABLE);
    assertThatThrownBy(() -> request("a", os))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected both os and boot or neither");
    Files.write(oldFit, fit);
    fit[100] ^= 1;
    Path newFit = Files.write(temp.resolve("new.fit"), fit);
    Manifest manifest = release("a", os, component("boot", oldFit, newFit)).manifest();
    assertThat(manifest.hasOs()).isTrue();
    assertThat(manifest.restart()).isEqualTo(RestartScope.REBOOT);
  }

  @Test
  void release_imageMissingOrAFolder_refused() {
    assertThat(refusal("a", component("tls", base, temp.resolve("missing"))).problem())
        .isEqualTo(Problem.INPUT_UNREADABLE);
    PublisherException e = refusal("a", component("tls", temp, image));
    assertThat(e.problem()).isIn(Problem.INPUT_UNREADABLE, Problem.IMAGE_UNSUITABLE);
  }

  @Test
  void release_makerLies_selfCheckFailsAndNothingIsPublished() throws Exception {
    Path wrong = TestImages.write(temp.resolve("wrong.img"), TestImages.random(40, 8));
    for (boolean lieInDelta : List.of(true, false)) {
      PayloadMaker liar = new Lying(wrong, lieInDelta);
      PublisherException e =
          catchThrowableOfType(
              PublisherException.class, () -> releaser(liar).release(request("a", tls())));
      assertThat(e.problem()).isEqualTo(Problem.SELF_CHECK_FAILED);
      assertThat(files()).isEmpty();
      assertThat(work).isEmptyDirectory();
    }
  }

  @Test
  void release_makerCannotWrite_failedAndNothingIsPublished() throws Exception {
    PublisherException e =
        catchThrowableOfType(
            PublisherException.class,
            () ->
                releaser(new Broken(new IOException("No space left on device")))
                    .release(request("a", tls())));

    assertThat(e.problem()).isEqualTo(Problem.STORAGE_FAILED);
    assertThat(e.details().got()).contains("No space left on device");
    assertThat(files()).isEmpty();
    assertThat(work).isEmptyDirectory();
  }

  @Test
  void release_makerRunsOutOfMemory_saysWhatToSetAndPublishesNothing() throws Exception {
    PublisherException e =
        catchThrowableOfType(
            PublisherException.class, () -> releaser(new Greedy()).release(request("a", tls())));

    assertThat(e.problem()).isEqualTo(Problem.HEAP_TOO_SMALL);
    assertThat(e.details().got()).contains("Java heap space");
    assertThat(e.details().todo()).contains("SUTURE_PUBLISH_JAVA_OPTS=-Xmx", "--low-memory");
    assertThat(files()).isEmpty();
    assertThat(work).isEmptyDirectory();
  }

  @Test
  void deltaWorkers_largestBase_saysHowManyHaveRoom() throws Exception {
    List<InspectedComponent> components =
        List.of(inspected("small", 4096, 1 << 30), inspected("large", 10 << 20, 4096));
    for (boolean lowMemory : List.of(false, true)) {
      PayloadMaker maker = new EnginePayloads(lowMemory, FullPayloadWriter.LEVEL_MAX);
      PayloadWorkshop workshop =
          new PayloadWorkshop(
              maker, PayloadRules.of(lowMemory), Predecessor.none(repository()), work, lines::add);
      long one = ((lowMemory ? 3 : 7) * 10L + 16) << 20;

      assertThat(workshop.deltaWorkers(components, 8, one - 1)).isEqualTo(1);
      assertThat(workshop.deltaWorkers(components, 8, 2 * one - 1)).isEqualTo(1);
      assertThat(workshop.deltaWorkers(components, 8, 2 * one)).isEqualTo(2);
      assertThat(workshop.deltaWorkers(components, 8, 100 * one)).isEqualTo(8);
    }
  }

  private InspectedComponent inspected(String name, long baseBytes, long imageBytes)
      throws IOException {
    Path zeros = work.resolve(name + ".zeros");
    try (RandomAccessFile file = new RandomAccessFile(zeros.toFile(), "rw")) {
      file.setLength(baseBytes);
    }
    Sha256 any = Sha256.of(new byte[0]);
    return new InspectedComponent(
        component(name, zeros, image),
        new ImageIdentity(baseBytes, any, any, any),
        new ImageIdentity(imageBytes, any, any, any));
  }

  @Test
  void release_interrupted_stopsTheWorkersAndPublishesNothing() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    AtomicBoolean stopped = new AtomicBoolean();
    PayloadMaker endless = new Endless(begun, stopped);
    Problem[] problem = new Problem[1];
    Thread publisher =
        new Thread(
            () -> {
              try {
                releaser(endless).release(request("a", tls()));
              } catch (PublisherException e) {
                problem[0] = e.problem();
              }
            });
    publisher.start();
    begun.await();
    publisher.interrupt();
    publisher.join();

    assertThat(problem[0]).isEqualTo(Problem.INTERRUPTED);
    assertThat(stopped).isTrue();
    assertThat(files()).isEmpty();
  }

  @Test
  void release_workFolderMissing_failed() {
    Releaser releaser =
        new Releaser(
            repository(), authority, temp.resolve("nowhere"), lines::add, PayloadRules.of(false));

    assertThatThrownBy(() -> releaser.release(request("a", tls())))
        .isInstanceOfSatisfying(
            PublisherException.class,
            e -> assertThat(e.problem()).isEqualTo(Problem.STORAGE_FAILED));
  }

  @Test
  void request_sameComponentTwice_refused() {
    assertThatThrownBy(() -> request("a", tls(), tls()))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> request("a")).isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "tls", "tls=", "tls=a", "tls=a,", "tls=,b", "=a,b", "tls=a,b,c", "../x=a,b"})
  void parse_unknownComponentForm_refused(String text) {
    assertThatThrownBy(() -> ComponentSource.parse(text))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void inspect_knownImage_identityAsVeritysetupComputesIt() throws Exception {
    // truncate -s 8192 i; printf '\xe2\xe1\xf5\xe0' | dd of=i bs=1 seek=1024 conv=notrunc
    // veritysetup format --no-superblock --salt $(printf 'suture verity salt v1 tls' | sha256sum |
    // cut -c-64) i tree
    byte[] bytes = new byte[8192];
    bytes[1024] = (byte) 0xe2;
    bytes[1025] = (byte) 0xe1;
    bytes[1026] = (byte) 0xf5;
    bytes[1027] = (byte) 0xe0;
    Path file = Files.write(temp.resolve("known.img"), bytes);

    assertThat(ImageInspector.inspect(new ComponentName("tls"), file).verityRoot().hex())
        .isEqualTo(KNOWN_ROOT);
  }

  private static final String KNOWN_ROOT =
      "413aafd19161395335f0463039c15df262f6d8a4a3e6eac2c7885d801c1ee51e";

  /** Makes payloads of another image. */
  private record Lying(Path wrong, boolean inDelta) implements PayloadMaker {
    @Override
    public void delta(Path base, Path image, Path out)
        throws IOException, InterruptedException, PublisherException {
      new EnginePayloads(false, FullPayloadWriter.LEVEL_MAX)
          .delta(base, inDelta ? wrong : image, out);
    }

    @Override
    public long deltaHeapBytes(Path base) throws IOException {
      return Files.size(base);
    }

    @Override
    public void full(Path image, Path out) throws IOException, InterruptedException {
      new EnginePayloads(false, FullPayloadWriter.LEVEL_MAX).full(inDelta ? image : wrong, out);
    }
  }

  /** Cannot write. */
  private record Broken(IOException trouble) implements PayloadMaker {
    @Override
    public void delta(Path base, Path image, Path out) throws IOException {
      throw trouble;
    }

    @Override
    public long deltaHeapBytes(Path base) throws IOException {
      return Files.size(base);
    }

    @Override
    public void full(Path image, Path out) throws IOException {
      throw trouble;
    }
  }

  /** Takes more than there is. */
  private record Greedy() implements PayloadMaker {
    @Override
    public void delta(Path base, Path image, Path out) {
      throw new OutOfMemoryError("Java heap space");
    }

    @Override
    public long deltaHeapBytes(Path base) throws IOException {
      return Files.size(base);
    }

    @Override
    public void full(Path image, Path out) throws IOException, InterruptedException {
      new EnginePayloads(false, FullPayloadWriter.LEVEL_MAX).full(image, out);
    }
  }

  /** Never ends unless interrupted. */
  private record Endless(CountDownLatch begun, AtomicBoolean stopped) implements PayloadMaker {
    @Override
    public void delta(Path base, Path image, Path out) throws InterruptedException {
      begun.countDown();
      try {
        new CountDownLatch(1).await();
      } finally {
        stopped.set(true);
      }
    }

    @Override
    public long deltaHeapBytes(Path base) throws IOException {
      return Files.size(base);
    }

    @Override
    public void full(Path image, Path out) throws IOException, InterruptedException {
      new EnginePayloads(false, FullPayloadWriter.LEVEL_MAX).full(image, out);
    }
  }

  /** Writes down what it makes. */
  private record Recording(List<String> made) implements PayloadMaker {
    @Override
    public void delta(Path base, Path image, Path out)
        throws IOException, InterruptedException, PublisherException {
      made.add("delta " + image.getFileName());
      new EnginePayloads(false, FullPayloadWriter.LEVEL_MAX).delta(base, image, out);
    }

    @Override
    public long deltaHeapBytes(Path base) throws IOException {
      return Files.size(base);
    }

    @Override
    public void full(Path image, Path out) throws IOException, InterruptedException {
      made.add("full " + image.getFileName());
      new EnginePayloads(false, FullPayloadWriter.LEVEL_MAX).full(image, out);
    }
  }
}
