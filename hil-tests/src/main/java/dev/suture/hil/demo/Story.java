package dev.suture.hil.demo;

import dev.suture.hil.Availability;
import dev.suture.hil.Await;
import dev.suture.hil.Bench;
import dev.suture.hil.CommandResult;
import dev.suture.hil.ComponentImage;
import dev.suture.hil.Device;
import dev.suture.hil.DeviceStatus;
import dev.suture.hil.HarnessException;
import dev.suture.hil.Publisher;
import dev.suture.hil.SerialLog;
import dev.suture.hil.StatusWatcher;
import dev.suture.protocol.manifest.Manifest;
import dev.suture.protocol.manifest.PatchComponent;
import dev.suture.protocol.manifest.Payload;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * The chapters, each of which does something to the device and then checks from outside that the
 * device did what the story says. A chapter that is not as told throws {@link HarnessException}.
 */
final class Story {
  private static final String LEVEL_A = Publisher.BASELINE + " (a)";
  private static final String LEVEL_B = Publisher.BASELINE + " (b)";
  private static final String LEVEL_C = Publisher.BASELINE + " (c)";
  private static final String LEVEL_D = Publisher.BASELINE + " (d)";
  private static final int PAYLOAD_DIGEST_MISMATCH = 107;
  private static final int BAD_HEALTH_DEADLINE_SECONDS = 30;

  private static final Duration REPORT_LIMIT = Duration.ofMinutes(2);
  private static final Duration APPLY_LIMIT = Duration.ofMinutes(20);
  private static final Duration QUIET = Duration.ofSeconds(10);
  private static final List<String> COMPONENTS =
      List.of(ComponentImage.TLS, ComponentImage.WEBENGINE);

  /** What nginx says when it answers. */
  private static final Pattern SERVER_STARTS = Pattern.compile("start worker processes");

  private final Bench bench;
  private final Device device;
  private final StatusWatcher watcher;
  private final Progress progress;
  private final DemoResult result;
  private double rebootGapSeconds;

  Story(Bench bench, Progress progress, DemoResult result) {
    this.bench = bench;
    this.device = bench.device();
    this.watcher = bench.watcher();
    this.progress = progress;
    this.result = result;
  }

  /** Tells all of it. */
  void tell() {
    input();
    flashAndBoot();
    publish();
    apply();
    prove();
    failHealth();
    flipBit();
    remove();
    switchLive();
    withdraw();
    result.seconds("demo_s", progress.seconds());
  }

  private void input() {
    progress.chapter("Real input: two components from Debian's arm64 archive");
    for (String component : COMPONENTS) {
      ComponentImage before = ComponentImage.of(component, "old");
      ComponentImage after = ComponentImage.of(component, "new");
      progress.say(
          String.format(
              Locale.ROOT,
              "%-9s %s -> %s, image of %,d bytes",
              component,
              before.version(),
              after.version(),
              after.bytes()));
    }
    result.text("baseline", Publisher.BASELINE);
  }

  private void flashAndBoot() {
    progress.chapter("Flash and boot baseline " + Publisher.BASELINE);
    bench.rig().flash(bench.provisioning());
    progress.say(
        "flashed; broker on port "
            + bench.broker().port()
            + ", mirror on port "
            + bench.mirror().port()
            + " of 127.0.0.1");
    SerialLog.Mark start = bench.rig().mark();
    bench.rig().powerOn();
    SerialLog.Line up = bench.rig().awaitSerial(start, Device.AGENT_READY, Device.BOOT_LIMIT);
    progress.say("booted: " + up.text());
    StatusWatcher.Report report =
        watcher.awaitStatus(
            StatusWatcher.Mark.START, "runs base", DeviceStatus::isBase, REPORT_LIMIT);
    progress.say("at the broker: the device reports " + brief(report.status()));
    device.awaitHttps(REPORT_LIMIT);
    String version = device.opensslInUse().version();
    expect(
        "OpenSSL before", ComponentImage.of(ComponentImage.TLS, "old").upstreamVersion(), version);
    progress.say("the device answers HTTPS with OpenSSL " + version);
    result.text("openssl_before", version);
    expectFactoryDigests();
    device
        .status()
        .agentFigure("connected_after_ms")
        .ifPresent(millis -> result.seconds("agent_connected_after_s", millis / 1e3));
    device
        .status()
        .agentFigure("rss_kib")
        .ifPresent(kib -> result.number("agent_rss_idle_kib", kib));
  }

  private void publish() {
    progress.chapter("Publish " + LEVEL_A);
    ComponentImage before = ComponentImage.of(ComponentImage.TLS, "old");
    ComponentImage after = ComponentImage.of(ComponentImage.TLS, "new");
    String changelog =
        "%s=%s..%s,%s"
            .formatted(
                after.packages().get(0),
                before.version(),
                after.version(),
                after.changelog(bench.folder()));
    bench
        .publisher()
        .release(
            Publisher.Release.of(
                    "a",
                    Publisher.Change.to("new", ComponentImage.TLS),
                    Publisher.Change.to("new", ComponentImage.WEBENGINE))
                .with(List.of("--changelog", changelog))
                .smallest());
    Manifest manifest = bench.publisher().manifest("a");
    for (PatchComponent component : manifest.components()) {
      String name = component.name().word();
      DemoResult.Component costs =
          new DemoResult.Component(
              name,
              ComponentImage.of(name, "old").version(),
              ComponentImage.of(name, "new").version(),
              component.image().bytes(),
              ComponentImage.of(name, "new").debBytes(),
              bytes(component, Payload.Kind.FULL),
              bytes(component, Payload.Kind.DELTA));
      result.add(costs);
      progress.say(
          String.format(
              Locale.ROOT,
              "%-9s image %,d bytes, Debian's packages %,d, full payload %,d, delta %,d",
              name,
              costs.imageBytes(),
              costs.debBytes(),
              costs.fullZstdBytes(),
              costs.deltaBytes()));
    }
    progress.say(manifest.advisories().size() + " advisories in the manifest, the first ones:");
    manifest.advisories().stream()
        .limit(3)
        .forEach(advisory -> progress.detail(advisory.id() + "  " + advisory.summary()));
    result.number("advisories", manifest.advisories().size());
    result.text("level", manifest.level().letters());
  }

  private static long bytes(PatchComponent component, Payload.Kind kind) {
    return component.payloads().stream()
        .filter(payload -> payload.kind() == kind)
        .mapToLong(payload -> payload.file().bytes())
        .findFirst()
        .orElseThrow(() -> new HarnessException(component.name() + ": has no payload " + kind));
  }

  private void apply() {
    progress.chapter("Apply: the notice goes out, the device does the rest by itself");
    StatusWatcher.Mark reports = watcher.mark();
    SerialLog.Mark serial = bench.rig().mark();
    bench.publisher().notice(bench.broker());
    long noticed = System.nanoTime();
    watcher.onReport(new PhaseTeller(progress));
    StatusWatcher.Report active =
        watcher.awaitStatus(
            reports,
            LEVEL_A + " ACTIVE and protected",
            status -> status.isActive(LEVEL_A),
            APPLY_LIMIT);
    double seconds = (active.nanos() - noticed) / 1e9;
    progress.say(String.format(Locale.ROOT, "protected %.1f s after the notice", seconds));
    result.seconds("notice_to_protected_s", seconds);

    SerialLog.Line restarting = bench.rig().awaitSerial(serial, Device.RESTARTING, REPORT_LIMIT);
    SerialLog.Line up =
        bench.rig().awaitSerial(SerialLog.Mark.after(restarting), Device.AGENT_READY, REPORT_LIMIT);
    result.seconds("reboot_s", up.secondsSince(restarting));
    rebootGapSeconds =
        bench
            .rig()
            .awaitSerial(SerialLog.Mark.after(up), SERVER_STARTS, REPORT_LIMIT)
            .secondsSince(restarting);
    result.seconds("https_gap_with_reboot_s", rebootGapSeconds);

    result.seconds("apply_s", watcher.highest(reports, "apply_ms") / 1e3);
    result.number("slot_written_bytes", watcher.highest(reports, "apply_written_bytes"));
    result.number("agent_rss_peak_kib", watcher.highest(reports, "rss_peak_kib"));
    result.number("agent_heap_max_mib", watcher.highest(reports, "heap_max_mib"));
    result.text("slot_after", active.status().running());
  }

  private void prove() {
    progress.chapter("Prove it from outside");
    device.awaitHttps(REPORT_LIMIT);
    Device.OpenSsl openssl = device.opensslInUse();
    expect(
        "OpenSSL after",
        ComponentImage.of(ComponentImage.TLS, "new").upstreamVersion(),
        openssl.version());
    progress.say(
        "the device answers HTTPS; the running server maps libcrypto from device "
            + openssl.device()
            + ", which says OpenSSL "
            + openssl.version());
    result.text("openssl_after", openssl.version());

    Manifest manifest = bench.publisher().manifest("a");
    for (PatchComponent component : manifest.components()) {
      String name = component.name().word();
      expect(name + " is mounted through dm-verity", "dm", device.mountedFrom(name));
      String digest = device.mountedDigest(name).hex();
      expect("digest of " + name + " on the device", component.image().sha256().hex(), digest);
      progress.say(
          name + ": sha256 of the mounted image on the device is the manifest's, " + digest);
    }
    result.truth("digests_match", true);

    DeviceStatus status = device.status();
    if (!status.isActive(LEVEL_A)) {
      throw new HarnessException("suture status: expected " + LEVEL_A + " ACTIVE, got " + status);
    }
    progress.say("on the device, suture status:");
    progress.detail(device.run("suture status").orThrow().output());
  }

  private void failHealth() {
    progress.chapter("Fail: " + LEVEL_B + " is a build gone wrong, its HTTPS server cannot start");
    bench
        .publisher()
        .release(
            Publisher.Release.of(
                    "b",
                    Publisher.Change.to("broken", ComponentImage.TLS),
                    Publisher.Change.to("new", ComponentImage.WEBENGINE))
                .withHealthDeadline(BAD_HEALTH_DEADLINE_SECONDS));
    StatusWatcher.Mark reports = watcher.mark();
    bench.publisher().notice(bench.broker());
    StatusWatcher.Report reverted =
        watcher.awaitStatus(
            reports,
            LEVEL_B + " REVERTED, " + LEVEL_A + " ACTIVE again",
            status ->
                status.isActive(LEVEL_A)
                    && status
                        .lastOutcome()
                        .filter(outcome -> outcome.release().equals(LEVEL_B))
                        .filter(outcome -> outcome.phase().equals("REVERTED"))
                        .isPresent(),
            APPLY_LIMIT);
    DeviceStatus.Attempt outcome = reverted.status().lastOutcome().orElseThrow();
    progress.say("reverted by itself, code " + outcome.code() + ": " + outcome.message());
    expectLevelARuns();

    String before = device.slotsAndRecord();
    int lookedBefore = bench.mirror().requests("/metadata/timestamp.json");
    int payloadsBefore = bench.mirror().requests("/payloads/");
    progress.say("the same notice again, and suture check: " + LEVEL_B + " is not tried again");
    bench.publisher().notice(bench.broker());
    progress.detail(device.run("suture check").output());
    Await.until(
        "the device looks at the metadata again",
        REPORT_LIMIT,
        () -> bench.mirror().requests("/metadata/timestamp.json") > lookedBefore,
        () -> bench.evidence());
    device.staysUp(QUIET);
    expect("payloads fetched again", payloadsBefore, bench.mirror().requests("/payloads/"));
    expect("slots and activation record", before, device.slotsAndRecord());
    if (!device.status().isActive(LEVEL_A)) {
      throw new HarnessException("expected " + LEVEL_A + " ACTIVE, got " + device.status());
    }
    result.truth("bad_health_reverted", true);
  }

  private void flipBit() {
    progress.chapter("Refuse: one bit of a payload of " + LEVEL_C + " is flipped on the mirror");
    // The same fix in an image that no device has seen, so that its payload must be fetched.
    Path image =
        ComponentImage.of(ComponentImage.TLS, "new")
            .longerByABlock(bench.folder().resolve("longer.img"));
    bench
        .publisher()
        .release(
            Publisher.Release.of(
                "c",
                new Publisher.Change(
                    ComponentImage.TLS, ComponentImage.of(ComponentImage.TLS, "old").file(), image),
                Publisher.Change.to("new", ComponentImage.WEBENGINE)));
    for (PatchComponent component : bench.publisher().manifest("c").components()) {
      if (component.name().word().equals(ComponentImage.TLS)) {
        component.payloads().forEach(payload -> flip(payload.file().path()));
      }
    }
    String before = device.slotsAndRecord();
    StatusWatcher.Mark reports = watcher.mark();
    bench.publisher().notice(bench.broker());
    StatusWatcher.Report refused =
        watcher.awaitStatus(
            reports,
            LEVEL_C + " waits for the right bytes",
            status ->
                status
                    .attempt()
                    .filter(attempt -> attempt.release().equals(LEVEL_C))
                    .filter(attempt -> attempt.code() == PAYLOAD_DIGEST_MISMATCH)
                    .isPresent(),
            APPLY_LIMIT);
    DeviceStatus.Attempt outcome = refused.status().attempt().orElseThrow();
    expect("phase of the refusal", "VERIFIED", outcome.phase());
    progress.say("refused: " + outcome.message());
    expect("slots and activation record", before, device.slotsAndRecord());
    progress.say("nothing was written: slot files and activation record are as before");
    expectLevelARuns();
    result.truth("flipped_bit_refused", true);
  }

  private void flip(String path) {
    Path file = bench.publisher().repository().resolve(path);
    try {
      byte[] content = Files.readAllBytes(file);
      int at = content.length / 2;
      content[at] ^= 0x10;
      Files.write(file, content);
      progress.say("flipped bit 4 of byte " + at + " of " + path);
    } catch (IOException e) {
      throw new HarnessException(file + ": cannot be changed", e);
    }
  }

  private void remove() {
    progress.chapter("Remove: back to the factory's software, without network");
    bench.broker().stop();
    bench.mirror().stop();
    progress.say("broker and mirror are stopped");
    SerialLog.Mark serial = bench.rig().mark();
    progress.command("suture remove        (on the device, over its console)");
    CommandResult removed = device.run("suture remove");
    progress.detail(removed.output());
    expect("exit code of suture remove", 0, removed.exitCode());
    SerialLog.Line restarting = bench.rig().awaitSerial(serial, Device.RESTARTING, REPORT_LIMIT);
    bench
        .rig()
        .awaitSerial(SerialLog.Mark.after(restarting), Device.AGENT_READY, Device.BOOT_LIMIT);
    device.awaitHttps(REPORT_LIMIT);
    expect(
        "OpenSSL after removal",
        ComponentImage.of(ComponentImage.TLS, "old").upstreamVersion(),
        device.opensslInUse().version());
    expectFactoryDigests();
    expect("running", "base", device.status().running());
    progress.say("the device runs its base again; all digests are the factory's");

    StatusWatcher.Mark reports = watcher.mark();
    bench.mirror().start();
    bench.broker().restart();
    watcher.awaitStatus(
        reports,
        "base, REMOVED",
        status ->
            status.isBase()
                && status
                    .lastOutcome()
                    .filter(outcome -> outcome.phase().equals("REMOVED"))
                    .isPresent(),
        REPORT_LIMIT);
    progress.say("broker and mirror are back: the device has reported the removal");
    result.truth("removed_to_factory", true);
  }

  /** The same images once more, but this level says that its services are enough. */
  private void switchLive() {
    progress.chapter("Live: " + LEVEL_D + " takes effect while the device runs");
    bench
        .publisher()
        .release(
            Publisher.Release.of(
                    "d",
                    Publisher.Change.to("new", ComponentImage.TLS),
                    Publisher.Change.to("new", ComponentImage.WEBENGINE))
                .with(List.of("--restart", "services")));
    String boot = device.bootId();
    StatusWatcher.Mark reports = watcher.mark();
    try (Availability https = Availability.watch(device)) {
      bench.publisher().notice(bench.broker());
      DeviceStatus.Activation switched =
          watcher
              .awaitStatus(
                  reports, LEVEL_D + " ACTIVE", status -> status.isActive(LEVEL_D), APPLY_LIMIT)
              .status()
              .activation()
              .orElseThrow(() -> new HarnessException(LEVEL_D + ": expected a live switch"));
      https.awaitAnswer(REPORT_LIMIT);
      double gap = https.longestMillis() / 1e3;
      progress.say(
          String.format(
              Locale.ROOT,
              "switched and proven in %.1f s, restarted: %s; no HTTPS answer for %.1f s (with the reboot: %.1f s)",
              switched.millis() / 1e3,
              String.join(", ", switched.restarted()),
              gap,
              rebootGapSeconds));
      result.seconds("live_switch_s", switched.millis() / 1e3);
      result.seconds("https_gap_live_s", gap);
    }
    expect("boot", boot, device.bootId());
    expect("mappings of old code", "", device.mappingsOfOldCode(ComponentImage.TLS));
    expectLevelARuns();
    result.truth("live_without_reboot", true);
    long written = watcher.highest(reports, "apply_written_bytes");
    progress.say(
        String.format(
            Locale.ROOT,
            "%s is active; %,d bytes were written into its slot, %,d were there",
            LEVEL_D,
            written,
            watcher.highest(reports, "apply_kept_bytes")));
    result.number("slot_written_again_bytes", written);
  }

  private void withdraw() {
    progress.chapter(
        "Withdraw: the publisher takes " + LEVEL_D + " back, devices that have it leave it");
    String boot = device.bootId();
    bench.publisher().withdraw("d", "remove", "base");
    StatusWatcher.Mark withdrawn = watcher.mark();
    bench.publisher().notice(bench.broker());
    watcher.awaitStatus(
        withdrawn,
        "base, withdrawal REMOVED",
        status ->
            status.isBase()
                && status
                    .lastOutcome()
                    .filter(outcome -> outcome.release().equals("withdrawal"))
                    .filter(outcome -> outcome.phase().equals("REMOVED"))
                    .isPresent(),
        APPLY_LIMIT);
    device.awaitHttps(REPORT_LIMIT);
    expectFactoryDigests();
    expect("boot", boot, device.bootId());
    expect("mappings of old code", "", device.mappingsOfOldCode(ComponentImage.TLS));
    progress.say("the device runs its base again, by itself, without a reboot");
    result.truth("withdrawn_to_factory", true);
  }

  private void expectFactoryDigests() {
    for (String component : COMPONENTS) {
      expect(
          "digest of " + component + " on the device",
          ComponentImage.of(component, "old").sha256().hex(),
          device.mountedDigest(component).hex());
      expect(component + " is mounted from its base image", "loop", device.mountedFrom(component));
    }
  }

  private void expectLevelARuns() {
    device.awaitHttps(REPORT_LIMIT);
    expect(
        "OpenSSL in use",
        ComponentImage.of(ComponentImage.TLS, "new").upstreamVersion(),
        device.opensslInUse().version());
    progress.say("the device answers HTTPS with the OpenSSL of " + LEVEL_A);
  }

  private static void expect(String what, Object expected, Object got) {
    if (!expected.equals(got)) {
      throw new HarnessException(what + ": expected " + expected + ", got " + got);
    }
  }

  private static String brief(DeviceStatus status) {
    return status.release() + ", " + status.phase();
  }
}
