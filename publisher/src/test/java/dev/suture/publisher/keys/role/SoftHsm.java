package dev.suture.publisher.keys.role;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * SoftHSM with one token, made when it is first asked for, and gone with the build's folder. The
 * library reads its configuration once in a process, so that there is one token for all tests.
 */
public final class SoftHsm {
  /** The user's PIN. */
  public static final String PIN = "5678-user";

  /** Label of a key on P-256. */
  public static final String P_256 = "root-1";

  /** Label of a key on P-384. */
  public static final String P_384 = "other-curve";

  private static final String SO_PIN = "1234-officer";
  private static final List<Path> LIBRARIES =
      List.of(
          Path.of("/usr/lib/softhsm/libsofthsm2.so"),
          Path.of("/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so"),
          Path.of("/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so"));
  private static final Pattern SLOT = Pattern.compile("reassigned to slot ([0-9]+)");

  private static Optional<Path> config = Optional.empty();

  private SoftHsm() {}

  /** The provider's configuration for the token. */
  public static synchronized Path config() throws IOException, InterruptedException {
    if (config.isEmpty()) {
      config = Optional.of(make());
    }
    return config.get();
  }

  private static Path make() throws IOException, InterruptedException {
    Path softHsmConf =
        Path.of(
            Optional.ofNullable(System.getenv("SOFTHSM2_CONF"))
                .orElseThrow(() -> new AssertionError("expected SOFTHSM2_CONF, see pom.xml")));
    Path folder = Files.createTempDirectory(softHsmConf.getParent(), "softhsm");
    Files.createDirectory(folder.resolve("tokens"));
    Files.writeString(
        softHsmConf,
        "directories.tokendir = "
            + folder.resolve("tokens")
            + "\nobjectstore.backend = file\nlog.level = ERROR\n");
    String made =
        run(
            "softhsm2-util",
            "--init-token",
            "--free",
            "--label",
            "suture",
            "--so-pin",
            SO_PIN,
            "--pin",
            PIN);
    Matcher slot = SLOT.matcher(made);
    if (!slot.find()) {
      throw new AssertionError("expected the token's slot, got: " + made);
    }
    Path file = folder.resolve("pkcs11.cfg");
    Files.writeString(
        file, "name = suture\nlibrary = " + library() + "\nslot = " + slot.group(1) + "\n");
    generate(file, P_256, "secp256r1");
    generate(file, P_384, "secp384r1");
    return file;
  }

  /** SoftHSM's library. */
  static Path library() {
    return LIBRARIES.stream()
        .filter(Files::exists)
        .findFirst()
        .orElseThrow(() -> new AssertionError("expected libsofthsm2.so; run ./setup"));
  }

  private static void generate(Path config, String label, String curve)
      throws IOException, InterruptedException {
    run(
        Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
        "-genkeypair",
        "-alias",
        label,
        "-keyalg",
        "EC",
        "-groupname",
        curve,
        "-dname",
        "CN=" + label,
        "-validity",
        "36500",
        "-storetype",
        "PKCS11",
        "-keystore",
        "NONE",
        "-storepass",
        PIN,
        "-addprovider",
        "SunPKCS11",
        "-providerarg",
        config.toString());
  }

  private static String run(String... command) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(new ArrayList<>(List.of(command))).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new AssertionError(String.join(" ", command) + ": " + output);
    }
    return output;
  }
}
