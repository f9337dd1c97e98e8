package dev.suture.hil;

import dev.suture.protocol.Sha256;
import dev.suture.protocol.json.Fields;
import dev.suture.protocol.json.StrictJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An image of a component as {@code qemu/build-components} made it.
 *
 * @param component such as {@code tls}
 * @param variant {@code old} (the base image), {@code new} or {@code broken}
 * @param file the image
 * @param version of the Debian packages in it
 * @param bytes length
 * @param sha256 digest
 * @param packages names of the Debian packages in it
 * @param debBytes length of these packages' files: what a package manager fetches
 */
public record ComponentImage(
    String component,
    String variant,
    Path file,
    String version,
    long bytes,
    Sha256 sha256,
    List<String> packages,
    long debBytes) {
  /** The component that holds OpenSSL. */
  public static final String TLS = "tls";

  /** The large component. */
  public static final String WEBENGINE = "webengine";

  private static final int JSON_BYTES_MAX = 1 << 16;
  private static final int PACKAGES_MAX = 100;
  private static final int BLOCK_BYTES = 4_096;
  private static final Duration FETCH_LIMIT = Duration.ofMinutes(5);
  private static final Pattern FETCHED = Pattern.compile("(?m)^\\S+ \\S+ [0-9a-f]{64} (/.*)$");
  private static final Pattern UPSTREAM = Pattern.compile("(?:\\d+:)?(.*?)(?:-[^-]*)?");

  /** The image of this component and variant. */
  public static ComponentImage of(String component, String variant) {
    Path file = Project.componentFile(component, variant + ".img");
    Path json = Project.componentFile(component, variant + ".json");
    try {
      Fields fields = StrictJson.parse(json.toString(), Files.readAllBytes(json), JSON_BYTES_MAX);
      List<Fields> packages = fields.objects("packages", PACKAGES_MAX);
      return new ComponentImage(
          component,
          variant,
          file,
          fields.text("version"),
          fields.integer("image_bytes", 1, Long.MAX_VALUE),
          fields.parsed("sha256", Sha256::ofHex),
          packages.stream().map(one -> one.text("name")).toList(),
          packages.stream().mapToLong(one -> one.integer("deb_bytes", 1, Long.MAX_VALUE)).sum());
    } catch (IOException | IllegalArgumentException e) {
      throw new HarnessException(json + ": cannot be read", e);
    }
  }

  /** The version without what Debian adds: {@code 3.0.20} of {@code 3.0.20-1~deb12u1}. */
  public String upstreamVersion() {
    Matcher matcher = UPSTREAM.matcher(version);
    return matcher.matches() ? matcher.group(1) : version;
  }

  /**
   * The same content in an image that is one block of zeros longer: an image that no device has
   * seen, and that is as good as this one.
   *
   * @param copy where it is written
   */
  public Path longerByABlock(Path copy) {
    try {
      Files.copy(file, copy, StandardCopyOption.REPLACE_EXISTING);
      Files.write(copy, new byte[BLOCK_BYTES], StandardOpenOption.APPEND);
      return copy;
    } catch (IOException e) {
      throw new HarnessException(copy + ": cannot be written", e);
    }
  }

  /**
   * The changelog that the Debian maintainers wrote for its first package, as in that package.
   *
   * @param folder gets the file and a log
   */
  public Path changelog(Path folder) {
    String name = packages.get(0);
    Path log = folder.resolve("changelog.log");
    String line =
        HostProcess.run(
                List.of(
                    Project.root().resolve("qemu/fetch").toString(),
                    "--path",
                    name + "=" + version),
                FETCH_LIMIT,
                Map.of(),
                log,
                ignored -> {})
            .orThrow()
            .output();
    Matcher matcher = FETCHED.matcher(line);
    if (!matcher.find()) {
      throw new HarnessException("qemu/fetch: expected a path in its last field, got: " + line);
    }
    Path changelog = folder.resolve(name + ".changelog.gz");
    HostProcess.run(
            List.of(
                "bash",
                "-c",
                "set -o pipefail; dpkg-deb --fsys-tarfile \"$0\""
                    + " | tar -xO \"./usr/share/doc/$1/changelog.Debian.gz\" >\"$2\"",
                matcher.group(1),
                name,
                changelog.toString()),
            FETCH_LIMIT,
            Map.of(),
            log,
            ignored -> {})
        .orThrow();
    return changelog;
  }
}
