package dev.suture.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.suture.attempt.ProbationTerms;
import dev.suture.background.BackgroundLimits;
import dev.suture.background.Resource;
import dev.suture.live.UserspaceTerms;
import dev.suture.protocol.ComponentName;
import dev.suture.protocol.Sha256;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.SutureException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class DeviceConfigTest {
  static final String CONFIG =
      """
      { "baseline": "26.1", "model": "suture-virt-arm64", "fleet": "demo",
        "trust_root": "/etc/suture/trust-root.json", "device_config": "/data/suture/device.json",
        "state_dir": "/data/suture", "slots_dir": "/data/slots",
        "activation_device": "/dev/vda1", "control_socket": "/run/suture/control.sock",
        "components": [ {"name": "tls", "base_image": "/usr/lib/suture/base/tls.img",
          "mount": "/components/tls", "size": 8192, "sha256": "%1$s", "verity_root": "%1$s",
          "verity_salt": "%1$s"} ],
        "services": [ {"name": "store", "pid_file": "/run/store.pid", "timeout_seconds": 5},
          {"name": "web", "pid_file": "/run/web.pid", "timeout_seconds": 20,
           "restart": ["rc-service", "web", "restart"], "stop": ["rc-service", "web", "stop"],
           "start": ["rc-service", "web", "start"]},
          {"name": "log", "unit": "log@1.service", "timeout_seconds": 9},
          {"name": "press", "pid_file": "/run/press.pid", "never_restart": true} ],
        "userspace": {"timeout_seconds": 8, "stays": ["watchdog", "systemd-journald.service"]},
        "checks": "/etc/suture/check", "check_seconds": 7, "check_user": "checker",
        "probation": {"minutes": 90, "restarts": 6, "crashes": 2, "failing_minutes": 15},
        "background": {"kib_per_second": 4096, "cpu_pressure_percent": 60,
          "io_pressure_percent": 20, "memory_pressure_percent": 10, "pressure_minutes": 90,
          "battery_percent": 30, "celsius": 75, "inhibitors": "/run/suture/inhibit.d",
          "inhibit_command": ["/usr/lib/device/busy", "--quiet"],
          "systemd_inhibit": true} }
      """
          .formatted("ab".repeat(32));
  static final String SETTINGS =
      """
      { "device_id": "dev-0001", "broker_uri": "ssl://10.0.2.2:8883", "username": "dev-0001",
        "password": "secret-word", "ca_file": "/data/suture/ca.pem",
        "metadata_url": "https://10.0.2.2:8443/", "automatic": true }
      """;

  /** A way of reading bytes. */
  private interface Reader {
    void read(byte[] bytes) throws SutureException;
  }

  private static void assertRefused(Reader reader, String text, String... named) {
    assertThatThrownBy(() -> reader.read(text.getBytes(StandardCharsets.UTF_8)))
        .isInstanceOfSatisfying(
            DeviceException.class,
            e -> {
              assertThat(e.code()).isEqualTo(FailureCode.CONFIG_INVALID);
              assertThat(Arrays.asList(named)).allMatch(e.explanation()::contains);
            });
  }

  /** Misspells, removes and truncates. */
  private static void assertEveryKeyMatters(Reader reader, String good) {
    Matcher keys = Pattern.compile("\"(\\w+)\":").matcher(good);
    while (keys.find()) {
      String key = keys.group(1);
      assertRefused(reader, good.replace("\"" + key + "\":", "\"" + key + "x\":"), key + "x");
    }
    for (int length = 0; length < good.lastIndexOf('}'); length++) {
      assertRefused(reader, good.substring(0, length));
    }
    assertRefused(reader, good.replaceFirst("\\{", "{ \"surplus\": 1,"), "surplus");
  }

  @Test
  void decode_config_isWhatItSays() throws SutureException {
    DeviceConfig config = DeviceConfig.decode(CONFIG.getBytes(StandardCharsets.UTF_8));
    assertThat(config.activationDevice()).isEqualTo("/dev/vda1");
    assertThat(config.identity().bases())
        .containsEntry(new ComponentName("tls"), Sha256.ofHex("ab".repeat(32)));
    assertThat(config.components().get(0).base().bytes()).isEqualTo(8192);
    assertThat(config.services())
        .containsExactly(
            DeviceConfig.Service.ofPidFile("store", "/run/store.pid", List.of(), 5),
            DeviceConfig.Service.ofPidFile(
                    "web", "/run/web.pid", List.of("rc-service", "web", "restart"), 20)
                .stopped(
                    List.of("rc-service", "web", "stop"), List.of("rc-service", "web", "start")),
            DeviceConfig.Service.ofUnit("log", "log@1.service", 9),
            DeviceConfig.Service.ofPidFile("press", "/run/press.pid", List.of(), 0)
                .neverRestarted());
    assertThat(config.userspace())
        .contains(new UserspaceTerms(Set.of("watchdog", "systemd-journald.service"), 8_000));
    assertThat(config.checks())
        .contains(new DeviceConfig.Checks("/etc/suture/check", 7, Optional.of("checker")));
    assertThat(config.probation()).isEqualTo(new ProbationTerms(90, 6, 2, 15));
    assertThat(config.background())
        .isEqualTo(
            new DeviceConfig.Background(
                new BackgroundLimits(
                    Optional.of(4096L * 1024),
                    Map.of(Resource.CPU, 60, Resource.IO, 20, Resource.MEMORY, 10),
                    90 * 60_000,
                    Optional.of(30),
                    Optional.of(75)),
                Optional.of("/run/suture/inhibit.d"),
                Optional.of(List.of("/usr/lib/device/busy", "--quiet")),
                true));
  }

  @Test
  void decode_configThatDoesNotSwitchSystemdsInhibitorsOn_doesNotAskForThem()
      throws SutureException {
    for (String config :
        List.of(
            CONFIG.replace("\"systemd_inhibit\": true", "\"systemd_inhibit\": false"),
            CONFIG.replaceFirst(",\\s*\"systemd_inhibit\": true", ""))) {
      assertThat(
              DeviceConfig.decode(config.getBytes(StandardCharsets.UTF_8))
                  .background()
                  .systemdInhibit())
          .isFalse();
    }
  }

  /** Then nothing but the whole device is restarted, and nothing but the manifest's is checked. */
  @Test
  void decode_configWithoutServicesAndChecks_hasNone() throws SutureException {
    String without = CONFIG.replaceFirst("(?s),\\s*\"services\".*", "}");
    DeviceConfig config = DeviceConfig.decode(without.getBytes(StandardCharsets.UTF_8));
    assertThat(config.services()).isEmpty();
    assertThat(config.userspace()).isEmpty();
    assertThat(config.checks()).isEmpty();
    assertThat(config.probation()).isEqualTo(ProbationTerms.DEFAULT);
    assertThat(config.background()).isEqualTo(DeviceConfig.Background.UNLIMITED);
  }

  @Test
  void decode_configWithBadBackground_isRefusedNamingIt() {
    assertRefused(DeviceConfig::decode, CONFIG.replace(": 4096", ": 0"), "kib_per_second");
    assertRefused(DeviceConfig::decode, CONFIG.replace(": 60,", ": 100,"), "cpu_pressure_percent");
    assertRefused(
        DeviceConfig::decode,
        CONFIG.replace("_minutes\": 90,", "_minutes\": 0,"),
        "pressure_minutes");
    assertRefused(DeviceConfig::decode, CONFIG.replace(": 30,", ": 101,"), "battery_percent");
    assertRefused(DeviceConfig::decode, CONFIG.replace(": 75,", ": \"75\","), "celsius");
    assertRefused(DeviceConfig::decode, CONFIG.replace("\"/run/suture/i", "\"run/i"), "inhibitors");
    assertRefused(
        DeviceConfig::decode,
        CONFIG.replace("\"/usr/lib/device/busy\", \"--quiet\"", ""),
        "inhibit_command");
    assertRefused(
        DeviceConfig::decode,
        CONFIG.replace("\"systemd_inhibit\": true", "\"systemd_inhibit\": \"yes\""),
        "background.systemd_inhibit: expected true or false, got a string");
    assertRefused(
        DeviceConfig::decode,
        CONFIG.replace("\"systemd_inhibit\": true", "\"systemd_inhibit\": 1"),
        "background.systemd_inhibit: expected true or false, got an integer");
    assertRefused(
        DeviceConfig::decode,
        CONFIG.replaceAll("(?s)\"cpu_pressure.*?\"pressure", "\"pressure"),
        "pressure_minutes: expected beside a limit");
  }

  @Test
  void decode_configWithPressureAlone_isPatientForAnHour() throws SutureException {
    String plain = CONFIG.replace(" \"pressure_minutes\": 90,", "");
    assertThat(
            DeviceConfig.decode(plain.getBytes(StandardCharsets.UTF_8))
                .background()
                .limits()
                .pressureMillisMax())
        .isEqualTo(3_600_000);
  }

  @Test
  void decode_configWithChecksAlone_isRootWithinThirtySeconds() throws SutureException {
    String plain = CONFIG.replace(", \"check_seconds\": 7, \"check_user\": \"checker\"", "");
    assertThat(DeviceConfig.decode(plain.getBytes(StandardCharsets.UTF_8)).checks())
        .contains(new DeviceConfig.Checks("/etc/suture/check", 30, Optional.empty()));
  }

  @Test
  void decode_configWithBadChecks_isRefusedNamingThem() {
    assertRefused(
        DeviceConfig::decode, CONFIG.replace("\"/etc/suture/check\"", "\"etc\""), "absolute");
    assertRefused(
        DeviceConfig::decode, CONFIG.replace("\"checks\": \"/etc/suture/check\",", ""), "checks");
    assertRefused(DeviceConfig::decode, CONFIG.replace(": 7,", ": 0,"), "check_seconds");
    assertRefused(DeviceConfig::decode, CONFIG.replace(": 7,", ": 601,"), "check_seconds");
    for (String user : List.of("", "-u", "a b", "Root", "a".repeat(33))) {
      assertRefused(DeviceConfig::decode, CONFIG.replace("checker", user), "check_user");
    }
  }

  @Test
  void decode_config_everyKeyMatters() {
    assertEveryKeyMatters(DeviceConfig::decode, CONFIG);
  }

  @Test
  void decode_configWithBadValues_isRefusedNamingThem() {
    assertRefused(DeviceConfig::decode, CONFIG.replace("8192", "8193"), "8193");
    assertRefused(DeviceConfig::decode, CONFIG.replace("8192", "\"8192\""), "size");
    assertRefused(DeviceConfig::decode, CONFIG.replace("\"tls\"", "\"../tls\""), "name");
    assertRefused(DeviceConfig::decode, CONFIG.replace("\"26.1\"", "26"), "baseline");
    assertRefused(DeviceConfig::decode, CONFIG.replace("ab", "AB"), "sha256");
    assertRefused(
        DeviceConfig::decode,
        CONFIG.replace("/run/web.pid", "run/web.pid"),
        "pid_file",
        "absolute");
    assertRefused(DeviceConfig::decode, CONFIG.replace("\"store\"", "\"web\""), "services", "web");
    assertRefused(DeviceConfig::decode, CONFIG.replace("20,", "0,"), "timeout_seconds");
    assertRefused(
        DeviceConfig::decode,
        CONFIG.replace("[\"rc-service\", \"web\", \"restart\"]", "[]"),
        "restart");
  }

  /** A command of a service that is only half there would leave it stopped. */
  @Test
  void decode_serviceThatIsStoppedAndNotStarted_isRefused() {
    assertRefused(
        DeviceConfig::decode,
        CONFIG.replaceFirst(",\\s*\"start\": \\[[^]]*]", ""),
        "stop and start",
        "got one");
    assertUnitRefused(
        "\"unit\": \"a.service\", \"stop\": [\"a\"], \"start\": [\"b\"]", "stop", "pid_file");
  }

  /** What is said of its restart would never be done. */
  @Test
  void decode_serviceThatIsNeverRestarted_hasNothingForIt() {
    for (String more :
        List.of("\"timeout_seconds\": 5", "\"restart\": [\"a\"]", "\"stop\": [\"a\"]")) {
      assertRefused(
          DeviceConfig::decode,
          CONFIG.replace("\"never_restart\": true", "\"never_restart\": true, " + more),
          "beside never_restart");
    }
    assertRefused(
        DeviceConfig::decode,
        CONFIG.replace("\"never_restart\": true", "\"never_restart\": false"),
        "timeout_seconds");
    assertRefused(
        DeviceConfig::decode,
        CONFIG.replace("\"pid_file\": \"/run/press.pid\", ", ""),
        "expected pid_file or unit");
  }

  /** Where its restart is enough, nobody would start it behind a mere SIGTERM. */
  @Test
  void decode_serviceThatIsStoppedAndHasNoRestart_isRefused() {
    assertRefused(
        DeviceConfig::decode,
        CONFIG.replaceFirst("\"restart\": \\[[^]]*],", ""),
        "expected restart beside stop and start");
  }

  private static void assertStayRefused(String word, String... named) {
    assertRefused(DeviceConfig::decode, CONFIG.replace("\"watchdog\"", word), named);
  }

  /** A word that no process is ever met by would let what must stay be ended. */
  @Test
  void decode_stayThatNothingIsCalled_isRefused() throws SutureException {
    for (String name :
        List.of("", "systemd-journald", " watchdog", "watchdog ", "\u00e4", "a@.service")) {
      assertStayRefused("\"" + name + "\"", "expected");
    }
    assertStayRefused("\"web\"", "userspace.stays", "none of the services", "web");
    assertStayRefused("\"log@1.service\"", "userspace.stays", "none of the services");
    assertRefused(DeviceConfig::decode, CONFIG.replace(": 8,", ": 0,"), "timeout_seconds");
    String without = CONFIG.replaceFirst(", \"stays\": \\[[^]]*]", "");
    assertThat(DeviceConfig.decode(without.getBytes(StandardCharsets.UTF_8)).userspace())
        .contains(new UserspaceTerms(Set.of(), 8_000));
  }

  private static void assertUnitRefused(String instead, String... named) {
    assertRefused(
        DeviceConfig::decode, CONFIG.replace("\"unit\": \"log@1.service\"", instead), named);
  }

  @Test
  void decode_serviceKnownByBothOrNeither_isRefused() {
    assertUnitRefused("\"unit\": \"a.service\", \"pid_file\": \"/a\"", "pid_file or unit", "both");
    assertRefused(
        DeviceConfig::decode,
        CONFIG.replace("\"unit\": \"log@1.service\",", ""),
        "pid_file or unit",
        "neither");
    assertUnitRefused("\"unit\": \"a.service\", \"restart\": [\"a\"]", "restart", "pid_file");
    assertRefused(
        DeviceConfig::decode,
        CONFIG.replace("\"pid_file\": \"/run/store.pid\"", "\"unit\": \"log@1.service\""),
        "distinct units",
        "log@1.service");
  }

  /** It becomes a word of a command line. */
  @Test
  void decode_unitThatIsNoServices_isRefused() throws SutureException {
    for (String unit :
        List.of(
            "",
            "log",
            ".service",
            "log.socket",
            "*.service",
            "log?.service",
            "[a].service",
            "-log.service",
            "log@.service",
            "a b.service",
            "a/b.service",
            "log.service\\n",
            "user@1000.service",
            "\u00e4.service",
            "a".repeat(248) + ".service")) {
      assertUnitRefused("\"unit\": \"" + unit + "\"", "unit", "nginx.service");
    }
    for (String unit : List.of("a.service", "dev\\x2da@b-c:d.service", "a.b.service")) {
      String config = CONFIG.replace("log@1.service", unit.replace("\\", "\\\\"));
      assertThat(DeviceConfig.decode(config.getBytes(StandardCharsets.UTF_8)).services())
          .filteredOn(service -> service.unit().isPresent())
          .singleElement()
          .satisfies(service -> assertThat(service.unit()).contains(unit));
    }
  }

  @Test
  void decode_settings_isWhatItSays() throws SutureException {
    DeviceSettings settings = DeviceSettings.decode(SETTINGS.getBytes(StandardCharsets.UTF_8));
    assertThat(settings.policy().automatic()).isTrue();
    assertThat(settings.metadataUrl()).isEqualTo("https://10.0.2.2:8443/");
  }

  @Test
  void decode_settings_everyKeyMatters() {
    assertEveryKeyMatters(DeviceSettings::decode, SETTINGS);
    assertRefused(DeviceSettings::decode, SETTINGS.replace("true", "\"true\""), "automatic");
  }

  @Test
  void toString_settings_keepsThePassword() throws SutureException {
    assertThat(DeviceSettings.decode(SETTINGS.getBytes(StandardCharsets.UTF_8)).toString())
        .doesNotContain("secret-word");
  }
}
