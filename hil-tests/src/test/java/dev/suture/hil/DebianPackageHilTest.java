package dev.suture.hil;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.suture.sim.TestCertificates;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The agent's package on a stock Debian 12 for arm64, with its dpkg, its shell and its Java; the
 * guest's part is the resource {@code debian/run}. systemd does not run there.
 */
@Tag(Campaign.TAG)
class DebianPackageHilTest {
  private static final Duration BUILD_LIMIT = Duration.ofMinutes(10);
  private static final int MACHINE_SECONDS = 900;
  private static final Pattern PART = Pattern.compile("debian: ([a-z-]+) ([0-9]+)");

  private final Path folder = Project.root().resolve("target/hil/debian");

  @Test
  @Timeout(value = 26, unit = TimeUnit.MINUTES)
  void stockDebian_installsRunsUpgradesAndPurgesThePackage() throws IOException {
    Files.createDirectories(folder);
    run(BUILD_LIMIT, "qemu/build-debian");
    run(
        Duration.ofSeconds(MACHINE_SECONDS + 60),
        "qemu/run-debian",
        "--bring",
        bring().toString(),
        "--workdir",
        folder.toString(),
        "--timeout",
        Integer.toString(MACHINE_SECONDS));

    String said =
        Files.readString(folder.resolve("serial.log"), StandardCharsets.ISO_8859_1)
            .replace("\r", "");
    Map<String, Integer> parts = new LinkedHashMap<>();
    for (Matcher matcher = PART.matcher(said); matcher.find(); ) {
      parts.put(matcher.group(1), Integer.parseInt(matcher.group(2)));
    }
    assertThat(parts)
        .as(said)
        .containsExactly(
            Map.entry("install", 0),
            Map.entry("archive", 0),
            Map.entry("shared", 0),
            Map.entry("help", 0),
            Map.entry("unreachable", 3),
            Map.entry("self-test", 0),
            Map.entry("unconfigured", 1),
            Map.entry("configured", 0),
            Map.entry("ready", 0),
            Map.entry("answered", 0),
            Map.entry("ended", 143),
            Map.entry("gate", 0),
            Map.entry("upgrade", 0),
            Map.entry("kept", 0),
            Map.entry("remove", 0),
            Map.entry("kept-too", 0),
            Map.entry("programs-gone", 0),
            Map.entry("purge", 0),
            Map.entry("state-gone", 0),
            Map.entry("settings-left", 0));
    assertThat(said)
        .contains("not started, because it is not configured")
        .contains("suture - security patches on this device")
        .contains("26.3.1 runs on slot base")
        .contains("told: READY=1")
        .containsPattern("running +26\\.3\\.1 from base")
        .containsPattern("suture [^ ]+, aarch64, resident at most [0-9]+ KiB: passed");
  }

  private void run(Duration limit, String script, String... arguments) {
    List<String> command =
        Stream.concat(Stream.of(Project.root().resolve(script).toString()), Stream.of(arguments))
            .toList();
    HostProcess.run(command, limit, Map.of(), folder.resolve("scripts.log"), line -> {}).orThrow();
  }

  /** What the machine gets: the package, what the agent is configured with, and what to do. */
  private Path bring() throws IOException {
    Path bring = Files.createDirectories(folder.resolve("bring"));
    Path run = bring.resolve("run");
    try (InputStream resource = DebianPackageHilTest.class.getResourceAsStream("debian/run")) {
      assertThat(resource).isNotNull();
      Files.copy(resource, run, StandardCopyOption.REPLACE_EXISTING);
    }
    Files.setPosixFilePermissions(run, PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.copy(
        debianPackage(), bring.resolve("suture-agent.deb"), StandardCopyOption.REPLACE_EXISTING);
    Files.copy(
        Project.keys().resolve("root.json"),
        bring.resolve("root.json"),
        StandardCopyOption.REPLACE_EXISTING);
    Files.write(bring.resolve("ca.pem"), TestCertificates.create().authorityPem());

    JsonObject agent = example("agent.json");
    agent.add("components", new JsonArray());
    agent.addProperty("activation_device", "/dev/vdc");
    Files.writeString(bring.resolve("agent.json"), agent.toString());
    JsonObject device = example("device.json");
    device.addProperty("broker_uri", "ssl://127.0.0.1:8883"); // Nobody is there.
    device.addProperty("metadata_url", "https://127.0.0.1:8443/");
    Files.writeString(bring.resolve("device.json"), device.toString());
    return bring;
  }

  private static JsonObject example(String name) throws IOException {
    return JsonParser.parseString(
            Files.readString(Project.root().resolve("agent-arm64/src/deb/examples").resolve(name)))
        .getAsJsonObject();
  }

  private static Path debianPackage() throws IOException {
    Path made = Project.root().resolve("agent-arm64/target/deb");
    try (Stream<Path> files = Files.list(made)) {
      return files
          .filter(file -> file.toString().endsWith("_arm64.deb"))
          .findFirst()
          .orElseThrow(
              () ->
                  new HarnessException(
                      made
                          + ": expected the package, got none; run mvn -pl agent-arm64 -am package"));
    }
  }
}
