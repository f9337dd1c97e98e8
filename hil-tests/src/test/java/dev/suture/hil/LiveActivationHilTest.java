package dev.suture.hil;

import static org.assertj.core.api.Assertions.assertThat;

import dev.suture.hil.Publisher.Change;
import dev.suture.hil.Publisher.Release;
import dev.suture.protocol.manifest.PatchComponent;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer.OrderAnnotation;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Patches that take effect while the device runs: what is restarted, what is not, and that nothing
 * is left of what was there before. {@code -Dsuture.live.rounds=200} installs and removes so often.
 */
@TestMethodOrder(OrderAnnotation.class)
@Timeout(value = 100, unit = TimeUnit.MINUTES)
class LiveActivationHilTest {
  private static final String LEVEL_A = "26.1 (a)";
  private static final String LEVEL_B = "26.1 (b)";
  private static final String LEVEL_C = "26.1 (c)";
  private static final String LEVEL_D = "26.1 (d)";
  private static final String LEVEL_F = "26.1 (f)";
  private static final String LEVEL_E = "26.1 (e)";
  private static final List<String> SERVICES_ARE_ENOUGH = List.of("--restart", "services");
  private static final String LIBRARY = "/components/tls/usr/lib/aarch64-linux-gnu/libssl.so.3";
  private static final Pattern ASKED_TO_END = Pattern.compile("process (\\d+) .*is asked to end");
  private static final int HEALTH_FAILED = 501;
  private static final Pattern KERNEL_STARTS = Pattern.compile("Starting kernel");
  private static final int ROUNDS = Integer.getInteger("suture.live.rounds", 1);
  private static final Duration LIMIT = Duration.ofMinutes(4);

  @RegisterExtension
  static final BenchExtension BENCH = new BenchExtension("live", Duration.ofMinutes(100));

  private static String factorysObjects = "";

  private final Bench bench = BENCH.bench();
  private final Device device = bench.device();
  private final StatusWatcher watcher = bench.watcher();

  @BeforeAll
  static void flashAndBoot() {
    BENCH.bench().rig().flash(BENCH.bench().provisioning());
    BENCH.bench().boot();
    BENCH
        .bench()
        .watcher()
        .awaitStatus(StatusWatcher.Mark.START, "base", DeviceStatus::isBase, LIMIT);
    factorysObjects = BENCH.bench().device().kernelObjects();
  }

  /** From the notice to the report that it protects, and how long HTTPS was not answered. */
  private record Installed(double seconds, long gapMillis) {}

  private Installed installed(Release release, String title) {
    bench.publisher().release(release);
    StatusWatcher.Mark reports = watcher.mark();
    try (Availability https = Availability.watch(device)) {
      long start = System.nanoTime();
      bench.publisher().notice(bench.broker());
      watcher.awaitStatus(reports, title, status -> status.isActive(title), LIMIT);
      double seconds = (System.nanoTime() - start) / 1e9;
      https.awaitAnswer(LIMIT);
      assertThat(https.answers()).isGreaterThan(1);
      return new Installed(seconds, https.longestMillis());
    }
  }

  private void assertRuns(String level) {
    device.awaitHttps(LIMIT);
    for (PatchComponent component : bench.publisher().manifest(level).components()) {
      assertThat(device.mountedFrom(component.name().word())).isEqualTo("dm");
      assertThat(device.mountedDigest(component.name().word()))
          .isEqualTo(component.image().sha256());
    }
    assertThat(device.opensslInUse().version())
        .isEqualTo(ComponentImage.of(ComponentImage.TLS, "new").upstreamVersion());
    assertThat(device.mappingsOfOldCode(ComponentImage.TLS)).isEmpty();
  }

  private void assertBaseRuns() {
    device.awaitHttps(LIMIT);
    assertThat(device.mountedFrom(ComponentImage.TLS)).isEqualTo("loop");
    assertThat(device.mountedDigest(ComponentImage.TLS))
        .isEqualTo(ComponentImage.of(ComponentImage.TLS, "old").sha256());
    assertThat(device.opensslInUse().version())
        .isEqualTo(ComponentImage.of(ComponentImage.TLS, "old").upstreamVersion());
    assertThat(device.mappingsOfOldCode(ComponentImage.TLS)).isEmpty();
    Await.until( // The kernel lets go of them a moment after their last user.
        "nothing is left behind: " + factorysObjects,
        LIMIT,
        () -> device.kernelObjects().equals(factorysObjects),
        device::kernelObjects);
  }

  /** The independent look is worth something only if it finds what is there. */
  @Test
  @Order(1)
  void mappingsOfOldCode_someoneHoldsBase_isFound() {
    long server = device.processes("nginx").get(0);
    assertThat(device.run("grep -c libcrypto /proc/" + server + "/maps").orThrow().text())
        .isNotEqualTo("0");
    assertThat(device.mappingsOfOldCode(ComponentImage.TLS)).isEmpty();
    // Something else over it, and nginx is what runs old code.
    device.run("mount -t tmpfs none /components/tls").orThrow();
    assertThat(device.mappingsOfOldCode(ComponentImage.TLS)).contains("/proc/" + server + "/maps");
    device.run("umount /components/tls").orThrow();
  }

  @Test
  @Order(2)
  void install_servicesAreEnough_deviceStaysUp_onlyItsServiceRestarts() {
    String boot = device.bootId();
    List<Long> servers = device.processes("nginx");
    List<Long> agents = device.processes("java");
    List<Long> others = device.processes("watchdog");
    Installed first =
        installed(
            Release.of("a", Change.to("new", ComponentImage.TLS)).with(SERVICES_ARE_ENOUGH),
            LEVEL_A);
    assertRuns("a");
    assertThat(device.bootId()).isEqualTo(boot);
    assertThat(device.processes("java")).isEqualTo(agents);
    assertThat(device.processes("watchdog")).isEqualTo(others);
    assertThat(device.processes("nginx")).isNotEmpty().doesNotContainAnyElementsOf(servers);
    DeviceStatus.Activation activation = device.status().activation().orElseThrow();
    assertThat(activation.scope()).isEqualTo("services");
    assertThat(activation.restarted()).containsExactly("nginx");
    System.out.printf(
        "live: the first one of a boot: notice to protected %.1f s, of it switch and proof %.1f s; "
            + "longest HTTPS gap %,d ms%n",
        first.seconds, activation.millis() / 1e3, first.gapMillis);
  }

  @Test
  @Order(3)
  void rounds_ofRemoveAndInstall_leaveNothingBehind() {
    String boot = device.bootId();
    long agent = device.processes("java").get(0);
    int openFiles = device.openFiles(agent);
    long resident = device.status().agentFigure("rss_kib").orElseThrow();
    for (int round = 1; round <= ROUNDS; round++) {
      StatusWatcher.Mark before = watcher.mark();
      device.run("suture remove").orThrow();
      watcher.awaitStatus(before, "base", DeviceStatus::isBase, LIMIT);
      assertBaseRuns();
      before = watcher.mark();
      if (round == 1) {
        assertIsToldBefore();
      }
      device.run("suture install").orThrow();
      watcher.awaitStatus(before, LEVEL_A, status -> status.isActive(LEVEL_A), LIMIT);
      assertRuns("a");
    }
    assertThat(device.bootId()).isEqualTo(boot);
    assertThat(device.processes("java")).containsExactly(agent);
    assertThat(device.openFiles(agent)).isEqualTo(openFiles);
    System.out.printf(
        "live: %d rounds of remove and install on one boot; agent resident %,d KiB before, %,d after; %s%n",
        ROUNDS,
        resident,
        device.status().agentFigure("rss_kib").orElseThrow(),
        device.kernelObjects().replace('\n', ','));
  }

  /** What restarts is told before, and nothing restarts for it. */
  private void assertIsToldBefore() {
    List<Long> servers = device.processes("nginx");
    String told = device.run("suture install --dry-run").orThrow().text();
    System.out.println(told);
    assertThat(told)
        .contains(LEVEL_A + " instead of base", "restarts: services alone", "\n  nginx\n")
        .doesNotContain("of no service");
    for (long server : servers) {
      assertThat(told).contains("\n    " + server + " (nginx), which maps /components/tls/");
    }
    assertThat(device.processes("nginx")).isEqualTo(servers);
  }

  @Test
  @Order(4)
  void patch_badHealth_waitsForAnInhibitorAndGoesBackWithoutARestart() {
    String boot = device.bootId();
    device.run("mkdir /run/suture/inhibit.d && touch /run/suture/inhibit.d/film").orThrow();
    bench
        .publisher()
        .release(
            Release.of("b", Change.to("broken", ComponentImage.TLS))
                .withHealthDeadline(15)
                .with(SERVICES_ARE_ENOUGH));
    StatusWatcher.Mark reports = watcher.mark();
    bench.publisher().notice(bench.broker());
    watcher.awaitStatus(
        reports,
        LEVEL_B + " waits",
        status -> status.waitsFor().equals(Optional.of("inhibitor film is held")),
        LIMIT);
    device.run("rm /run/suture/inhibit.d/film").orThrow();
    DeviceStatus reverted =
        watcher
            .awaitStatus(
                reports,
                LEVEL_B + " reverted",
                status ->
                    status.isActive(LEVEL_A)
                        && status
                            .lastOutcome()
                            .filter(
                                outcome ->
                                    outcome.release().equals(LEVEL_B)
                                        && outcome.phase().equals("REVERTED"))
                            .isPresent(),
                LIMIT)
            .status();
    assertThat(reverted.lastOutcome().orElseThrow().code()).isEqualTo(HEALTH_FAILED);
    assertThat(device.bootId()).isEqualTo(boot);
    assertRuns("a");
  }

  /** A program that is no service, with the same library: it ends when it is asked to. */
  private long stranger() {
    device
        .run(
            "cp /usr/sbin/nginx /tmp/stranger && "
                + "echo 'daemon off; master_process off; pid /tmp/stranger.pid; events {}' "
                + ">/tmp/stranger.conf && "
                + "(setsid /tmp/stranger -e stderr -c /tmp/stranger.conf >/dev/null 2>&1 </dev/null &)")
        .orThrow();
    return started("stranger", "libssl");
  }

  /** One that has the library open, and does not end when it is asked to. */
  private long deaf() {
    device
        .run("(trap '' TERM; exec setsid tail -f " + LIBRARY + " >/dev/null 2>&1 </dev/null &)")
        .orThrow();
    return started("tail", "");
  }

  private long started(String name, String maps) {
    Await.until(
        name + " runs",
        LIMIT,
        () ->
            device.processes(name).size() == 1
                && device
                        .run(
                            "grep -q '"
                                + maps
                                + "' /proc/"
                                + device.processes(name).get(0)
                                + "/maps")
                        .exitCode()
                    == 0,
        () -> device.processes(name).toString());
    return device.processes(name).get(0);
  }

  /** Neither device nor agent, nor what has to do with neither. */
  private void assertOnlyUserspaceRestarted(
      String boot, List<List<Long>> stayed, List<Long> ended, SerialLog.Mark log) {
    assertThat(device.processes("crond")).hasSize(1).doesNotContainAnyElementsOf(ended);
    assertThat(device.bootId()).isEqualTo(boot);
    assertThat(whatStays()).isEqualTo(stayed);
    assertThat(device.processes("nginx")).isNotEmpty().doesNotContainAnyElementsOf(ended);
    assertThat(device.processes("stranger")).isEmpty();
    assertThat(device.processes("tail")).isEmpty();
    assertThat(device.status().activation().orElseThrow().scope()).isEqualTo("userspace");
    assertThat(device.status().activation().orElseThrow().restarted())
        .containsExactly("nginx", "crond");
    assertThat(bench.rig().serialLog().find(log, ASKED_TO_END)).hasSizeGreaterThanOrEqualTo(2);
  }

  /** One that init starts again, and one that is stopped and started by commands. */
  private List<Long> services() {
    return Stream.of("nginx", "crond").flatMap(name -> device.processes(name).stream()).toList();
  }

  private List<List<Long>> whatStays() {
    return List.of("java", "watchdog", "sleep", "init").stream().map(device::processes).toList();
  }

  @Test
  @Order(5)
  void install_processesOfNoService_areEndedInsteadOfTheDevice_andSoIsTheWayBack() {
    String boot = device.bootId();
    device.run("(setsid sleep 86400 >/dev/null 2>&1 </dev/null &)").orThrow();
    long stranger = stranger();
    long deaf = deaf();
    List<List<Long>> stayed = whatStays();
    List<Long> ended = services();
    String told = device.run("suture remove --dry-run").orThrow().text();
    System.out.println(told);
    assertThat(told)
        .contains("restarts: the userspace", "of no service, ended")
        .contains(stranger + " (stranger), which maps " + "/components/tls/")
        .contains(deaf + " (tail), which has " + LIBRARY)
        .doesNotContain("(sleep)", "(watchdog)", "(java)");

    SerialLog.Mark log = bench.rig().mark();
    Installed live =
        installed(
            Release.of("c", Change.to("new", ComponentImage.TLS))
                .with(List.of("--restart", "userspace")),
            LEVEL_C);
    assertRuns("c");
    assertOnlyUserspaceRestarted(boot, stayed, ended, log);
    System.out.printf(
        "live: by userspace, one of two processes deaf: notice to protected %.1f s, of it switch and "
            + "proof %.1f s; longest HTTPS gap %,d ms%n",
        live.seconds, device.status().activation().orElseThrow().millis() / 1e3, live.gapMillis);

    stranger();
    deaf();
    ended = services();
    log = bench.rig().mark();
    StatusWatcher.Mark reports = watcher.mark();
    device.run("suture remove").orThrow();
    watcher.awaitStatus(reports, "base", DeviceStatus::isBase, LIMIT);
    assertBaseRuns();
    assertOnlyUserspaceRestarted(boot, stayed, ended, log);
  }

  /** As a machine's control would, which must not be restarted in the middle of its work. */
  @Test
  @Order(6)
  void install_aServiceIsNeverRestarted_isExposedByName_untilItEnds() {
    String boot = device.bootId();
    device
        .run(
            "(setsid tail -f " + LIBRARY + " >/dev/null 2>&1 </dev/null & echo $! >/run/press.pid)")
        .orThrow();
    long press = started("tail", "");
    assertThat(device.run("cat /run/press.pid").orThrow().text().trim())
        .isEqualTo(Long.toString(press));
    List<Long> servers = device.processes("nginx");
    bench
        .publisher()
        .release(Release.of("d", Change.to("new", ComponentImage.TLS)).with(SERVICES_ARE_ENOUGH));
    StatusWatcher.Mark reports = watcher.mark();
    bench.publisher().notice(bench.broker());
    DeviceStatus exposed =
        watcher
            .awaitStatus(reports, "exposed", status -> !status.exposed().isEmpty(), LIMIT)
            .status();
    assertThat(exposed.exposed()).containsExactly("press");
    assertThat(exposed.phase()).isEqualTo("ARMED");
    assertThat(exposed.isProtected()).isFalse();
    assertThat(device.processes("tail")).containsExactly(press);
    assertThat(device.processes("nginx")).isNotEmpty().doesNotContainAnyElementsOf(servers);
    assertThat(device.run("suture status").orThrow().text())
        .containsPattern("exposed +press runs older code since 20\\d\\d-");
    assertThat(device.mappingsOfOldCode(ComponentImage.TLS)).isEmpty();

    device.run("kill " + press).orThrow();
    watcher.awaitStatus(reports, LEVEL_D, status -> status.isActive(LEVEL_D), LIMIT);
    assertThat(device.status().exposed()).isEmpty();
    assertThat(device.bootId()).isEqualTo(boot);
  }

  /** Both by an agent that has done it before: what is compared is the way, not a cold start. */
  @Test
  @Order(7)
  void install_withAndWithoutAReboot_isCompared() {
    String boot = device.bootId();
    Installed live =
        installed(
            Release.of("e", Change.to("new", ComponentImage.TLS)).with(SERVICES_ARE_ENOUGH),
            LEVEL_E);
    assertRuns("e");
    assertThat(device.bootId()).isEqualTo(boot);
    SerialLog.Mark log = bench.rig().mark();
    Installed reboot = installed(Release.of("f", Change.to("new", ComponentImage.TLS)), LEVEL_F);
    assertThat(device.bootId()).isNotEqualTo(boot);
    assertRuns("f");
    assertThat(device.status().activation()).isEmpty();
    System.out.printf(
        "live: notice to protected %.1f s, longest HTTPS gap %,d ms; with a reboot %.1f s, %,d ms; "
            + "%.2f and %.3f of it%n",
        live.seconds,
        live.gapMillis,
        reboot.seconds,
        reboot.gapMillis,
        live.seconds / reboot.seconds,
        (double) live.gapMillis / reboot.gapMillis);
    printStages(log);
  }

  /** What a restart past the firmware would save is the first of these. */
  private void printStages(SerialLog.Mark from) {
    SerialLog.Line off = line(from, Device.RESTARTING);
    SerialLog.Line kernel = line(SerialLog.Mark.after(off), KERNEL_STARTS);
    SerialLog.Line os = line(SerialLog.Mark.after(kernel), Device.OS_STARTED);
    SerialLog.Line ready = line(SerialLog.Mark.after(os), Device.AGENT_READY);
    System.out.printf(
        "live: that restart took %.1f s: firmware %.1f, kernel and initramfs %.1f, OS until the agent is "
            + "ready %.1f%n",
        ready.secondsSince(off),
        kernel.secondsSince(off),
        os.secondsSince(kernel),
        ready.secondsSince(os));
  }

  private SerialLog.Line line(SerialLog.Mark from, Pattern pattern) {
    return bench.rig().awaitSerial(from, pattern, LIMIT);
  }
}
