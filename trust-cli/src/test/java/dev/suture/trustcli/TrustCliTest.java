package dev.suture.trustcli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.suture.trust.tuf.TestRepository;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands, against a real web server. */
class TrustCliTest {
  private static final byte[] CONTENT = "content".getBytes(StandardCharsets.US_ASCII);

  @TempDir Path folder;

  private final TestRepository repository = new TestRepository();
  private final Map<String, byte[]> targets = new HashMap<>();
  private final List<String> asked = new ArrayList<>();
  private HttpServer server;

  TrustCliTest() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
  }

  @BeforeEach
  void serve() throws IOException {
    server.createContext("/", this::answer);
    server.start();
    Path root = folder.resolve("trusted-root.json");
    Files.write(root, repository.trustedRoot());
    assertThat(TrustCli.run("--metadata-dir", metadata().toString(), "init", root.toString()))
        .isZero();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private void answer(com.sun.net.httpserver.HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getRawPath();
    asked.add(path);
    byte[] body =
        path.startsWith("/m/")
            ? repository.files().get(path.substring("/m/".length()))
            : targets.get(path.substring("/t/".length()));
    exchange.sendResponseHeaders(body == null ? 404 : 200, body == null ? -1 : body.length);
    if (body != null) {
      try (OutputStream out = exchange.getResponseBody()) {
        out.write(body);
      }
    }
    exchange.close();
  }

  private Path metadata() {
    return folder.resolve("metadata");
  }

  private Path downloads() {
    return folder.resolve("downloads");
  }

  private String address(String below) {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/" + below + "/";
  }

  private int refresh() {
    return TrustCli.run(
        "--metadata-url", address("m"), "--metadata-dir", metadata().toString(), "refresh");
  }

  private int download(String... names) {
    List<String> words = new ArrayList<>();
    for (String name : names) {
      words.add("--target-name");
      words.add(name);
    }
    words.addAll(
        List.of(
            "--metadata-url",
            address("m"),
            "--metadata-dir",
            metadata().toString(),
            "--target-dir",
            downloads().toString(),
            "--target-base-url",
            address("t"),
            "download"));
    return TrustCli.run(words.toArray(String[]::new));
  }

  private void publishTarget(String path, byte[] content) {
    repository.addTarget("targets", path, content);
    repository.bump("targets");
    repository.publish("targets");
    repository.nextSnapshot();
    int slash = path.lastIndexOf('/') + 1;
    targets.put(
        path.substring(0, slash) + TestRepository.sha256(content) + "." + path.substring(slash),
        content);
  }

  private List<String> downloaded() throws IOException {
    try (var files = Files.list(downloads())) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void refresh_storesWhatItBelieves() throws IOException {
    assertThat(refresh()).isZero();
    for (String role : TestRepository.TOP) {
      assertThat(metadata().resolve(role + ".json")).exists();
    }
    assertThat(asked)
        .containsExactly(
            "/m/2.root.json", "/m/timestamp.json", "/m/1.snapshot.json", "/m/1.targets.json");
  }

  @Test
  void refresh_ofMetadataByAStranger_isExitCode1() {
    repository.signers("timestamp").clear();
    repository.publishTimestamp();
    assertThat(refresh()).isEqualTo(1);
    assertThat(metadata().resolve("timestamp.json")).doesNotExist();
  }

  @Test
  void init_ofSomethingElse_isExitCode1() throws IOException {
    Path other = folder.resolve("other.json");
    Files.writeString(other, "{}");
    Path empty = folder.resolve("empty");
    assertThat(TrustCli.run("--metadata-dir", empty.toString(), "init", other.toString()))
        .isEqualTo(1);
    assertThat(TrustCli.run("--metadata-dir", empty.toString(), "init", "no such file"))
        .isEqualTo(1);
    assertThat(empty).isEmptyDirectory();
    assertThat(asked).isEmpty();
  }

  @Test
  void download_isThereOnceItIsVerified_andNotFetchedTwice() throws IOException {
    publishTarget("path/to/a file", CONTENT);
    targets.put("path/to/" + TestRepository.sha256(CONTENT) + ".a%20file", CONTENT);
    assertThat(download("path/to/a file")).isZero();
    assertThat(downloaded()).containsExactly("path%2Fto%2Fa%20file");
    assertThat(downloads().resolve("path%2Fto%2Fa%20file")).hasBinaryContent(CONTENT);
    asked.clear();
    assertThat(download("path/to/a file")).isZero();
    assertThat(asked).noneMatch(path -> path.startsWith("/t/"));
  }

  @Test
  void download_otherBytes_areRefused_whatWasThereStays() throws IOException {
    publishTarget("one", CONTENT);
    assertThat(download("one")).isZero();
    byte[] next = "another".getBytes(StandardCharsets.US_ASCII);
    publishTarget("one", next);
    String path = TestRepository.sha256(next) + ".one";
    for (String lie : new String[] {"", "anothe", "anotheR", "another and more"}) {
      targets.put(path, lie.getBytes(StandardCharsets.US_ASCII));
      assertThat(download("one")).isEqualTo(1);
      assertThat(downloaded()).containsExactly("one");
      assertThat(downloads().resolve("one")).hasBinaryContent(CONTENT);
    }
    targets.remove(path);
    assertThat(download("one")).isEqualTo(1);
    targets.put(path, next);
    assertThat(download("one")).isZero();
    assertThat(downloads().resolve("one")).hasBinaryContent(next);
  }

  @Test
  void download_upAndOut_staysInTheFolder() throws IOException {
    publishTarget("../../escape", CONTENT);
    targets.put("../../" + TestRepository.sha256(CONTENT) + ".escape", CONTENT);
    assertThat(download("../../escape")).isZero();
    assertThat(downloaded()).containsExactly("..%2F..%2Fescape");
  }

  @Test
  void download_severalTargets_stopsAtTheFirstThatFails() throws IOException {
    publishTarget("one", CONTENT);
    assertThat(download("one", "nobody's", "one")).isEqualTo(1);
    assertThat(downloaded()).containsExactly("one");
    assertThat(download("nobody's", "one")).isEqualTo(1);
  }

  @Test
  void words_unknownOrMissing_areExitCode1() {
    assertThat(TrustCli.run()).isEqualTo(1);
    assertThat(TrustCli.run("--metadata-dir", metadata().toString(), "refresh")).isEqualTo(1);
    assertThat(TrustCli.run("refresh")).isEqualTo(1);
    assertThat(TrustCli.run("--what")).isEqualTo(1);
    assertThat(download()).isEqualTo(1);
  }

  @Test
  void mirror_goneOrBroken_isExitCode1() {
    server.removeContext("/");
    server.createContext(
        "/",
        exchange -> {
          exchange.sendResponseHeaders(500, -1);
          exchange.close();
        });
    assertThat(refresh()).isEqualTo(1);
    server.stop(0);
    assertThat(refresh()).isEqualTo(1);
  }
}
