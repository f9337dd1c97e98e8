package dev.suture.hil;

import static org.assertj.core.api.Assertions.assertThat;

import dev.suture.hil.Publisher.Change;
import dev.suture.hil.Publisher.Release;
import dev.suture.hil.qemu.QemuRig;
import dev.suture.protocol.failure.FailureCode;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer.OrderAnnotation;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * A device whose services are units of a real systemd: a patch takes effect by the restart of
 * exactly one of them, and is gone again by another.
 */
@TestMethodOrder(OrderAnnotation.class)
@Timeout(value = 12, unit = TimeUnit.MINUTES)
class SystemdHilTest {
  private static final String LEVEL_A = "26.1 (a)";
  private static final String LEVEL_B = "26.1 (b)";
  private static final String LEVEL_C = "26.1 (c)";
  private static final String LEVEL_D = "26.1 (d)";
  private static final Pattern GIVEN_UP =
      Pattern.compile("nginx.service: Start request repeated too quickly");
  private static final List<String> OTHERS = List.of("watchdog", "systemd", "systemd-journal");
  private static final String NGINX = "nginx";
  private static final String SCRIPTS = "scripts";
  private static final Duration RUN_LIMIT = Duration.ofMinutes(60);
  private static final Duration LIMIT = Duration.ofMinutes(4);

  @RegisterExtension
  static final BenchExtension BENCH =
      new BenchExtension(
          "systemd", folder -> new QemuRig(folder, RUN_LIMIT, Project.systemdFactory()));

  private static String factorysObjects = "";
  private static String boot = "";
  private static List<List<Long>> others = List.of();
  private static List<Long> scripts = List.of();

  private final Bench bench = BENCH.bench();
  private final Device device = bench.device();
  private final StatusWatcher watcher = bench.watcher();

  @BeforeAll
  static void flashAndBoot() {
    Device device = BENCH.bench().device();
    BENCH.bench().rig().flash(BENCH.bench().provisioning());
    SerialLog.Line ready = BENCH.bench().boot();
    BENCH
        .bench()
        .watcher()
        .awaitStatus(StatusWatcher.Mark.START, "base", DeviceStatus::isBase, LIMIT);
    factorysObjects = device.kernelObjects();
    boot = device.bootId();
    others = OTHERS.stream().map(device::processes).toList();
    assertThat(others).noneMatch(List::isEmpty);
    Await.until(
        "the user of the web engine is up",
        LIMIT,
        () -> device.run("systemctl --quiet is-active scripts.service").exitCode() == 0,
        () -> BENCH.bench().rig().serialLog().tail());
    scripts = device.processes(SCRIPTS);
    assertThat(scripts).hasSize(1);
    System.out.println("systemd: " + ready.text());
  }

  private String property(String unit, String name) {
    return device
        .run("systemctl show --property=" + name + " --value " + unit)
        .orThrow()
        .text()
        .trim();
  }

  /**
   * The service was restarted, by systemd, and everything of it is in its unit; the device and
   * those that are no services were not, and whoever runs code of this component runs what is
   * mounted now.
   */
  private void assertRestarted(String service, List<Long> before, String component) {
    device.awaitHttps(LIMIT);
    assertThat(device.bootId()).isEqualTo(boot);
    assertThat(OTHERS.stream().map(device::processes).toList()).isEqualTo(others);
    String unit = service + ".service";
    assertThat(property(unit, "ActiveState")).isEqualTo("active");
    assertThat(device.processes(service)).isNotEmpty().doesNotContainAnyElementsOf(before);
    assertThat(device.processes(service))
        .contains(Long.parseLong(property(unit, "MainPID")))
        .allSatisfy(
            process ->
                assertThat(device.run("cat /proc/" + process + "/cgroup").orThrow().text())
                    .isEqualTo("0::/system.slice/" + unit));
    assertThat(device.mappingsOfOldCode(component)).isEmpty();
  }

  private void assertOnlyNginxRestarted(List<Long> servers) {
    assertRestarted(NGINX, servers, ComponentImage.TLS);
    assertThat(device.processes(SCRIPTS)).isEqualTo(scripts).isNotEmpty();
  }

  /**
   * The block device of the file system of the JavaScriptCore that the process runs, by its own
   * memory map.
   */
  private String engineInUse(long process) {
    return device
        .run("awk '/ r-xp .*libjavascriptcoregtk/ { print $4 }' /proc/" + process + "/maps | uniq")
        .orThrow()
        .text()
        .trim();
  }

  /** The block device of what is mounted for the component now. */
  private String mountedDevice(String component) {
    return device
        .run(
            "n=$(awk '$5 == \"/components/"
                + component
                + "\" { d = $3 } END { print d }' /proc/self/mountinfo); "
                + "printf '%02x:%02x' ${n%:*} ${n#*:}")
        .orThrow()
        .text()
        .trim();
  }

  private void assertScriptsRestartedOn(
      String variant, List<Long> before, List<Long> servers, DeviceStatus status) {
    assertRestarted(SCRIPTS, before, ComponentImage.WEBENGINE);
    assertThat(device.processes(NGINX)).isEqualTo(servers).isNotEmpty();
    assertThat(device.processes(SCRIPTS))
        .hasSize(1)
        .allSatisfy(
            process ->
                assertThat(engineInUse(process))
                    .isEqualTo(mountedDevice(ComponentImage.WEBENGINE)));
    assertThat(device.mountedDigest(ComponentImage.WEBENGINE))
        .isEqualTo(ComponentImage.of(ComponentImage.WEBENGINE, variant).sha256());
    assertThat(property("scripts.service", "NRestarts")).isEqualTo("0");
    DeviceStatus.Activation activation = status.activation().orElseThrow();
    assertThat(activation.scope()).isEqualTo("services");
    assertThat(activation.restarted()).containsExactly(SCRIPTS);
    System.out.printf("systemd: web engine, %.1f s%n", activation.millis() / 1e3);
  }

  private void awaitHeld(StatusWatcher.Mark reports, String by) {
    watcher.awaitStatus(
        reports,
        "waits for " + by,
        status -> status.waitsFor().filter(held -> held.startsWith(by)).isPresent(),
        LIMIT);
  }

  /** Takes a real lock, and keeps it until the process of this number is killed. */
  private long inhibit(String what, String mode, String why) {
    return Long.parseLong(
        device
            .run(
                "systemd-inhibit --what=%s --mode=%s --why='%s' sleep 3600"
                        .formatted(what, mode, why)
                    + " >/dev/null 2>&1 </dev/null & echo $!")
            .orThrow()
            .text()
            .trim());
  }

  private String locks() {
    return device.run("systemd-inhibit --list --no-legend | cat").orThrow().text();
  }

  /**
   * Whoever cannot be asked holds it up, and whoever has a lock against shutdown; a lock against
   * sleep, and one that only delays, hold nothing up.
   */
  @Test
  @Order(1)
  void install_locksAreTakenWithSystemd_waitsForTheOneAgainstShutdown_thenOneServiceRestarts() {
    List<Long> servers = device.processes(NGINX);
    List<Long> agents = device.processes("java");
    device.run("systemctl stop systemd-logind.service dbus.service dbus.socket").orThrow();
    bench
        .publisher()
        .release(
            Release.of("a", Change.to("new", ComponentImage.WEBENGINE))
                .with(List.of("--restart", "services", "--health-unit", "scripts.service")));
    StatusWatcher.Mark reports = watcher.mark();
    bench.publisher().notice(bench.broker());
    awaitHeld(reports, "systemd's inhibitors cannot be told: busctl: expected exit code 0, got 1");

    // Until all locks are taken.
    device.run("mkdir -m 755 /run/suture/inhibit.d && touch /run/suture/inhibit.d/film").orThrow();
    awaitHeld(reports, "inhibitor film is held");
    device.run("systemctl start dbus.socket systemd-logind.service").orThrow();
    long sleepless = inhibit("sleep:idle", "block", "must not sleep");
    long delaying = inhibit("shutdown", "delay", "one moment");
    long writing = inhibit("shutdown", "block", "writes the archive");
    Await.until(
        "three locks are taken",
        LIMIT,
        () ->
            locks().contains("must not")
                && locks().contains("moment")
                && locks().contains("archive"),
        this::locks);
    System.out.println("systemd: " + locks());
    device.run("rm /run/suture/inhibit.d/film").orThrow();
    awaitHeld(reports, "systemd's inhibitor \"sleep\" is held: \"writes the archive\"");
    assertThat(device.mountedFrom(ComponentImage.WEBENGINE)).isEqualTo("loop");
    assertThat(device.processes(SCRIPTS)).isEqualTo(scripts);

    device.run("kill " + writing).orThrow();
    watcher.awaitStatus(reports, LEVEL_A, status -> status.isActive(LEVEL_A), LIMIT);
    assertThat(locks()).contains("must not sleep", "one moment").doesNotContain("the archive");
    assertScriptsRestartedOn("new", scripts, servers, device.status());
    assertThat(device.processes("java")).isEqualTo(agents);
    device.run("kill " + sleepless + " " + delaying).orThrow();
  }

  @Test
  @Order(2)
  void remove_ofTheWebEngine_oneServiceRestarts_toTheExactBaseline() {
    List<Long> servers = device.processes(NGINX);
    List<Long> before = device.processes(SCRIPTS);
    StatusWatcher.Mark reports = watcher.mark();
    device.run("suture remove").orThrow();
    watcher.awaitStatus(reports, "base", DeviceStatus::isBase, LIMIT);
    assertScriptsRestartedOn("old", before, servers, device.status());
    assertThat(device.mountedFrom(ComponentImage.WEBENGINE)).isEqualTo("loop");
    scripts = device.processes(SCRIPTS);
  }

  @Test
  @Order(3)
  void install_servicesAreEnough_onlyTheUnitThatUsesItRestarts() {
    List<Long> servers = device.processes("nginx");
    List<Long> agents = device.processes("java");
    bench
        .publisher()
        .release(
            Release.of("b", Change.to("new", ComponentImage.TLS))
                .with(List.of("--restart", "services", "--health-unit", "nginx.service")));
    StatusWatcher.Mark reports = watcher.mark();
    bench.publisher().notice(bench.broker());
    watcher.awaitStatus(reports, LEVEL_B, status -> status.isActive(LEVEL_B), LIMIT);

    assertOnlyNginxRestarted(servers);
    assertThat(device.processes("java")).isEqualTo(agents);
    assertThat(device.mountedDigest(ComponentImage.TLS))
        .isEqualTo(ComponentImage.of(ComponentImage.TLS, "new").sha256());
    assertThat(device.opensslInUse().version())
        .isEqualTo(ComponentImage.of(ComponentImage.TLS, "new").upstreamVersion());
    DeviceStatus.Activation activation = device.status().activation().orElseThrow();
    assertThat(activation.scope()).isEqualTo("services");
    assertThat(activation.restarted()).containsExactly("nginx");
    System.out.printf("systemd: switch and proof %.1f s%n", activation.millis() / 1e3);
  }

  /** Systemd gives it up after three starts; on what ran before it is started once more. */
  @Test
  @Order(4)
  void patch_unitFailsOnIt_goesBackLive_andTheUnitIsUpAgain() {
    List<Long> servers = device.processes("nginx");
    bench
        .publisher()
        .release(
            Release.of("c", Change.to("broken", ComponentImage.TLS))
                .withHealthDeadline(40)
                .with(List.of("--restart", "services")));
    StatusWatcher.Mark reports = watcher.mark();
    SerialLog.Mark log = bench.rig().mark();
    bench.publisher().notice(bench.broker());
    watcher.awaitStatus(
        reports,
        LEVEL_C + " reverted",
        status ->
            status.isActive(LEVEL_B)
                && status
                    .lastOutcome()
                    .filter(
                        outcome ->
                            outcome.release().equals(LEVEL_C) && outcome.phase().equals("REVERTED"))
                    .isPresent(),
        LIMIT);
    assertThat(bench.rig().serialLog().find(log, GIVEN_UP)).isNotEmpty();
    assertOnlyNginxRestarted(servers);
  }

  /** Same code as what runs: nothing but the check is against it. */
  @Test
  @Tag(Campaign.TAG)
  @Order(5)
  void patch_unitOfItsCheckIsNotThere_isReverted() {
    bench
        .publisher()
        .release(
            Release.of("d", Change.to("new", ComponentImage.TLS))
                .withHealthDeadline(5)
                .with(List.of("--restart", "services", "--health-unit", "absent.service")));
    StatusWatcher.Mark reports = watcher.mark();
    bench.publisher().notice(bench.broker());
    DeviceStatus.Attempt outcome =
        watcher
            .awaitStatus(
                reports,
                LEVEL_D + " reverted",
                status ->
                    status.isActive(LEVEL_B)
                        && status
                            .lastOutcome()
                            .filter(last -> last.release().equals(LEVEL_D))
                            .isPresent(),
                LIMIT)
            .status()
            .lastOutcome()
            .orElseThrow();
    assertThat(outcome.phase()).isEqualTo("REVERTED");
    assertThat(outcome.code()).isEqualTo(FailureCode.HEALTH_FAILED.number());
    assertThat(device.run("suture history").orThrow().text())
        .contains("unit absent.service is active: got not-found");
  }

  /** Whoever may make groups below his own unit may call them as he likes. */
  @Test
  @Order(6)
  void removeDryRun_groupThatIsCalledLikeAService_isNotTheServices() {
    String group = "/sys/fs/cgroup/system.slice/console-shell.service/nginx.service";
    String library = "/components/tls/usr/lib/aarch64-linux-gnu/libssl.so.3";
    assertThat(device.run("suture remove --dry-run").orThrow().text())
        .contains("restarts: services alone", "\n  nginx\n")
        .doesNotContain("of no service");
    String told =
        device
            .run(
                "mkdir %s; tail -f %s >/dev/null & p=$!; echo $p >%s/cgroup.procs; "
                        .formatted(group, library, group)
                    + "suture remove --dry-run; kill $p; wait $p 2>/dev/null; "
                    + "until rmdir %s; do usleep 100000; done".formatted(group))
            .orThrow()
            .text();
    assertThat(told).contains("restarts: the userspace", "of no service, ended").contains("(tail)");
  }

  @Test
  @Tag(Campaign.TAG)
  @Order(7)
  void agentIsKilled_systemdStartsItAgain_andNothingElseChanges() {
    List<Long> servers = device.processes("nginx");
    long agent = device.processes("java").get(0);
    device.run("kill -9 " + agent).orThrow();
    Await.until(
        "systemd says that the agent is active again", // Asked for no more: it starts beside this.
        LIMIT,
        () ->
            !device.processes("java").contains(agent)
                && property("suture-agent.service", "ActiveState").equals("active"),
        () -> bench.rig().serialLog().tail());
    Await.until(
        "the agent tells its status again",
        LIMIT,
        () -> device.statusIfAny().filter(status -> status.isActive(LEVEL_B)).isPresent(),
        () -> bench.rig().serialLog().tail());
    assertThat(property("suture-agent.service", "NRestarts")).isEqualTo("1");
    assertThat(property("suture-agent.service", "Result")).isEqualTo("success");
    assertThat(device.bootId()).isEqualTo(boot);
    assertThat(device.processes("nginx")).isEqualTo(servers);
    assertThat(OTHERS.stream().map(device::processes).toList()).isEqualTo(others);
  }

  /** Systemd stops the unit before anything is unmounted, and starts it behind it. */
  @Test
  @Order(8)
  void remove_whileAProcessOfNoServiceUsesIt_isLive_toTheExactBaseline() {
    List<Long> servers = device.processes("nginx");
    device
        .run(
            "(setsid tail -f /components/tls/usr/lib/aarch64-linux-gnu/libssl.so.3"
                + " >/dev/null 2>&1 </dev/null &)")
        .orThrow();
    StatusWatcher.Mark reports = watcher.mark();
    device.run("suture remove").orThrow();
    watcher.awaitStatus(reports, "base", DeviceStatus::isBase, LIMIT);

    assertRestarted(NGINX, servers, ComponentImage.TLS);
    assertRestarted(SCRIPTS, scripts, ComponentImage.WEBENGINE);
    assertThat(device.processes("tail")).isEmpty();
    DeviceStatus.Activation activation = device.status().activation().orElseThrow();
    assertThat(activation.scope()).isEqualTo("userspace");
    assertThat(activation.restarted()).containsExactly(NGINX, SCRIPTS);
    assertThat(property("nginx.service", "NRestarts")).isEqualTo("0");
    System.out.printf("systemd: userspace, %.1f s%n", activation.millis() / 1e3);
    assertThat(device.mountedFrom(ComponentImage.TLS)).isEqualTo("loop");
    assertThat(device.mountedDigest(ComponentImage.TLS))
        .isEqualTo(ComponentImage.of(ComponentImage.TLS, "old").sha256());
    assertThat(device.opensslInUse().version())
        .isEqualTo(ComponentImage.of(ComponentImage.TLS, "old").upstreamVersion());
    Await.until( // The kernel lets go of them a moment after their last user.
        "nothing is left behind: " + factorysObjects,
        LIMIT,
        () -> device.kernelObjects().equals(factorysObjects),
        device::kernelObjects);
  }
}
