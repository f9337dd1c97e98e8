package dev.suture.arm64.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.suture.protocol.failure.DeviceException;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The control socket with real peers. */
@Timeout(60)
class ControlServerTest {
  private static final long SHORT_MILLIS = 300;
  private static final ControlHandler ECHO =
      (command, arguments) ->
          new ControlReply(ControlExit.DONE, "did " + command, "{\"n\":1,\"list\":[true,null]}");

  @TempDir Path directory;

  private final ExecutorService peers = Executors.newCachedThreadPool();

  @AfterEach
  void stopPeers() {
    peers.shutdownNow();
  }

  @Test
  void send_ofACommandByRoot_isAnswered() throws Exception {
    Object uid = Files.getAttribute(Path.of("/proc/self"), "unix:uid");
    assertThat(uid).as("user id: this test needs root (the peer must be root)").isEqualTo(0);
    try (ControlServer server = ControlServer.start(socket(), ECHO)) {
      assertThat(server).isNotNull();
      assertThat(new ControlClient(socket()).send("status", Optional.empty()))
          .isEqualTo(
              new ControlReply(ControlExit.DONE, "did status", "{\"n\":1,\"list\":[true,null]}"));
    }
    assertThat(socket()).doesNotExist();
  }

  @Test
  void socket_whileListening_belongsToItsOwnerOnly() throws Exception {
    try (ControlServer server = start(ECHO)) {
      assertThat(server).isNotNull();
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket())))
          .isEqualTo("rw-------");
      assertThat(directory.resolve("run")).isDirectoryContaining("glob:**control.sock");
    }
  }

  @Test
  void start_overTheSocketOfADeadAgent_replacesIt() throws Exception {
    Files.createDirectories(socket().getParent());
    Files.createFile(socket());
    try (ControlServer server = start(ECHO)) {
      assertThat(server).isNotNull();
      assertThat(client().send("check", Optional.empty()).text()).isEqualTo("did check");
    }
  }

  @Test
  void start_whereNoSocketCanBe_saysWhere() {
    assertThatThrownBy(() -> ControlServer.start(Path.of("/proc/nowhere/control.sock"), ECHO))
        .isInstanceOf(DeviceException.class)
        .hasMessageContaining("listen at /proc/nowhere/control.sock");
  }

  @Test
  void send_byAnotherUser_isRefusedWithItsName() throws Exception {
    try (ControlServer server =
        ControlServer.start(
            socket(),
            (command, arguments) -> {
              throw new AssertionError("not permitted");
            },
            user -> false,
            SHORT_MILLIS)) {
      assertThat(server).isNotNull();
      ControlReply reply = client().send("remove", Optional.empty());

      assertThat(reply.exit()).isEqualTo(ControlExit.REFUSED);
      assertThat(reply.text())
          .startsWith("SUT-603 not permitted: control socket: expected root, got user ");
    }
  }

  /** Another user in earnest; perl and setpriv are in essential packages of Debian. */
  @Test
  void send_byNobody_isRefusedByTheKernelsCredentials() throws Exception {
    Path open = Files.createTempDirectory(Path.of("/tmp"), "suture-control");
    Path name = open.resolve("control.sock");
    try (ControlServer server = ControlServer.start(name, ECHO)) {
      assertThat(server).isNotNull();
      Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxr-xr-x"));
      Files.setPosixFilePermissions(name, PosixFilePermissions.fromString("rw-rw-rw-"));
      Path output = directory.resolve("output");
      Process nobody =
          new ProcessBuilder(
                  "setpriv",
                  "--reuid=65534",
                  "--regid=65534",
                  "--clear-groups",
                  "perl",
                  "-e",
                  "use Socket; $SIG{PIPE} = q(IGNORE); socket(S, PF_UNIX, SOCK_STREAM, 0) or die $!;"
                      + " connect(S, pack_sockaddr_un($ARGV[0])) or die $!;"
                      + " syswrite(S, qq({\"command\":\"remove\"}\\n)); print <S>;",
                  name.toString())
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start();
      assertThat(nobody.waitFor(20, TimeUnit.SECONDS)).isTrue();
      assertThat(Files.readString(output))
          .startsWith("{\"exit\":4,\"text\":\"SUT-603 not permitted: ")
          .endsWith("\"document\":null}\n")
          .contains("expected root, got user ");
    } finally {
      Files.deleteIfExists(name);
      Files.delete(open);
    }
  }

  @Test
  void request_thatIsNoJsonObject_isRefusedAndTheNextIsServed() throws Exception {
    try (ControlServer server = start(ECHO)) {
      assertThat(server).isNotNull();
      for (String bad :
          new String[] {
            "",
            "status",
            "[]",
            "{",
            "{}",
            "{\"command\":1}",
            "{\"command\":\"a\",\"command\":\"b\"}",
            "{\"command\":\"a\"} {}",
            "{\"command\":" + "[".repeat(100),
            "\0\1\2\377"
          }) {
        assertThat(exchange(bad + "\n"))
            .as(bad)
            .startsWith("{\"exit\":2,\"text\":\"SUT-601 command unknown: request");
      }
      assertThat(client().send("status", Optional.empty()).exit()).isEqualTo(ControlExit.DONE);
    }
  }

  @Test
  void request_ofRandomBytes_neverStopsTheServer() throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    try (ControlServer server = start(ECHO)) {
      assertThat(server).isNotNull();
      for (int i = 0; i < 50; i++) {
        byte[] noise = new byte[1 + random.nextInt(300)];
        random.nextBytes(noise);
        noise[noise.length - 1] = '\n';
        assertThat(exchange(noise)).as("seed " + seed).startsWith("{\"exit\":2,");
      }
      assertThat(client().send("status", Optional.empty()).exit()).isEqualTo(ControlExit.DONE);
    }
  }

  @Test
  void request_atTheLimit_isServedAndOneByteMoreIsNot() throws Exception {
    try (ControlServer server = start(ECHO)) {
      assertThat(server).isNotNull();
      String frame = "{\"command\":\"x\",\"pad\":\"\"}";
      String pad = "p".repeat(ControlServer.REQUEST_BYTES_MAX - frame.length());
      String longest = frame.replace("\"pad\":\"", "\"pad\":\"" + pad);

      assertThat(exchange(longest + "\n")).startsWith("{\"exit\":0,");
      assertThat(exchange(longest + " \n"))
          .contains("expected a line of at most 4096 bytes, got a longer one");
    }
  }

  @Test
  void request_withoutEnd_isCutOffAtTheLimit() throws Exception {
    try (ControlServer server = start(ECHO)) {
      assertThat(server).isNotNull();
      assertThat(exchange("x".repeat(100_000)))
          .contains("expected a line of at most 4096 bytes, got a longer one");
    }
  }

  @Test
  void request_thatDoesNotCome_isGivenUpInTime() throws Exception {
    try (ControlServer server = start(ECHO)) {
      assertThat(server).isNotNull();
      long began = System.nanoTime();
      assertThat(exchange("{\"command\":")).contains("expected a whole line within 300 ms");
      assertThat(System.nanoTime() - began)
          .isGreaterThan(TimeUnit.MILLISECONDS.toNanos(SHORT_MILLIS - 50));
      assertThat(client().send("status", Optional.empty()).exit()).isEqualTo(ControlExit.DONE);
    }
  }

  @Test
  void request_thatEndsEarly_isAnsweredIfSomebodyListens() throws Exception {
    try (ControlServer server = start(ECHO);
        SocketChannel peer = SocketChannel.open(UnixDomainSocketAddress.of(socket()))) {
      assertThat(server).isNotNull();
      peer.write(ByteBuffer.wrap("{\"comm".getBytes(StandardCharsets.UTF_8)));
      peer.shutdownOutput();
      assertThat(rest(peer)).contains("expected a line, got an end after 6 bytes");
    }
  }

  @Test
  void peer_thatDoesNotReadItsReply_isGivenUpInTime() throws Exception {
    String much = "{\"x\":\"" + "y".repeat(ControlReply.BYTES_MAX - 100) + "\"}";
    try (ControlServer server =
            start((command, arguments) -> new ControlReply(ControlExit.DONE, "", much));
        SocketChannel deaf = SocketChannel.open(UnixDomainSocketAddress.of(socket()))) {
      assertThat(server).isNotNull();
      deaf.write(ByteBuffer.wrap("{\"command\":\"x\"}\n".getBytes(StandardCharsets.UTF_8)));

      assertThat(client().send("status", Optional.empty()).document()).isEqualTo(much);
    }
  }

  @Test
  void reply_thatIsTooLong_isAFailureInstead() throws Exception {
    String tooMuch = "y".repeat(ControlReply.BYTES_MAX);
    try (ControlServer server =
        start((command, arguments) -> ControlReply.text(ControlExit.DONE, tooMuch))) {
      assertThat(server).isNotNull();
      ControlReply reply = client().send("history", Optional.empty());
      assertThat(reply.exit()).isEqualTo(ControlExit.FAILED);
      assertThat(reply.text()).startsWith("reply: expected at most 262144 bytes, got 262");
    }
  }

  @Test
  void handler_thatThrows_isAFailureAndTheNextIsServed() throws Exception {
    try (ControlServer server =
        start(
            (command, arguments) -> {
              if (command.equals("check")) {
                throw new IllegalStateException("planted");
              }
              return ControlReply.text(ControlExit.DONE, command);
            })) {
      assertThat(server).isNotNull();
      ControlReply reply = client().send("check", Optional.empty());
      assertThat(reply.exit()).isEqualTo(ControlExit.FAILED);
      assertThat(reply.text()).contains("a defect in the agent").contains("planted");
      assertThat(client().send("status", Optional.empty()).text()).isEqualTo("status");
    }
  }

  @Test
  void connections_atTheSameTime_areServedOneAfterTheOther() throws Exception {
    CountDownLatch firstIsServed = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    try (ControlServer server =
        start(
            (command, arguments) -> {
              if (command.equals("install")) {
                firstIsServed.countDown();
                awaitQuietly(goOn);
              }
              return ControlReply.text(ControlExit.DONE, command);
            })) {
      assertThat(server).isNotNull();
      Future<ControlReply> first = peers.submit(() -> client().send("install", Optional.empty()));
      assertThat(firstIsServed.await(20, TimeUnit.SECONDS)).isTrue();
      Future<ControlReply> second = peers.submit(() -> client().send("status", Optional.empty()));
      assertThat(second.isDone()).isFalse();
      goOn.countDown();
      assertThat(first.get(20, TimeUnit.SECONDS).text()).isEqualTo("install");
      assertThat(second.get(20, TimeUnit.SECONDS).text()).isEqualTo("status");
    }
  }

  @Test
  void send_whenNobodyListens_isAnIoException() throws Exception {
    assertThatThrownBy(() -> client().send("status", Optional.empty()))
        .isInstanceOf(IOException.class);
    ControlServer server = start(ECHO);
    server.close();
    assertThatThrownBy(() -> client().send("status", Optional.empty()))
        .isInstanceOf(IOException.class);
    assertThatThrownBy(
            () ->
                new ControlClient(Path.of("/" + "x".repeat(200))).send("status", Optional.empty()))
        .isInstanceOf(IOException.class);
  }

  @Test
  void send_whenTheAgentHangs_isGivenUpInTime() throws Exception {
    CountDownLatch goOn = new CountDownLatch(1);
    try (ControlServer server =
        start(
            (command, arguments) -> {
              awaitQuietly(goOn);
              return ControlReply.text(ControlExit.DONE, command);
            })) {
      assertThat(server).isNotNull();
      assertThatThrownBy(
              () -> new ControlClient(socket(), SHORT_MILLIS).send("status", Optional.empty()))
          .isInstanceOf(IOException.class)
          .hasMessage("expected a whole line within 300 ms");
      goOn.countDown();
    }
  }

  @Test
  void reply_encodedAndParsed_isTheSame() {
    for (String document :
        new String[] {"{}", "{\"a\":{\"b\":[1,-2.5,\"<&'\\u0001\"],\"c\":null,\"d\":true}}"}) {
      ControlReply reply = new ControlReply(ControlExit.DONE, "zwei\nZeilen ü", document);
      assertThat(ControlReply.parse(ControlReply.decode(reply.encode()))).isEqualTo(reply);
    }
    assertThat(ControlReply.parse("{\"exit\":5,\"new\":{\"x\":[1]},\"text\":\"t\"}"))
        .isEqualTo(ControlReply.text(ControlExit.FAILED, "t"));
  }

  @Test
  void parse_ofEveryTruncatedReply_isRefused() {
    String line =
        ControlReply.decode(
                new ControlReply(ControlExit.DONE, "t", "{\"a\":[1,{\"b\":null}]}").encode())
            .strip();
    for (int length = 0; length < line.length(); length++) {
      String cut = line.substring(0, length);
      assertThatThrownBy(() -> ControlReply.parse(cut))
          .as(cut)
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void parse_ofAReplyThatIsNone_isRefused() {
    for (String bad :
        Arrays.asList(
            "[]",
            "{}",
            "{\"exit\":1,\"text\":\"\"}",
            "{\"exit\":\"0\",\"text\":\"\"}",
            "{\"exit\":0,\"text\":1}",
            "{\"exit\":0,\"text\":\"\"} {}",
            "{\"exit\":0}",
            "{\"exit\":99999999999,\"text\":\"\"}",
            "{\"exit\":0,\"text\":\"\",\"document\":[]}",
            "{\"exit\":0,\"text\":\"\",\"document\":" + "{\"a\":".repeat(40))) {
      assertThatThrownBy(() -> ControlReply.parse(bad))
          .as(bad)
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  private Path socket() {
    return directory.resolve("run").resolve("control.sock");
  }

  private ControlClient client() {
    return new ControlClient(socket());
  }

  private ControlServer start(ControlHandler handler) throws DeviceException {
    return ControlServer.start(socket(), handler, user -> true, SHORT_MILLIS);
  }

  private String exchange(String request) throws IOException {
    return exchange(request.getBytes(StandardCharsets.UTF_8));
  }

  /** Sends bytes as they are, keeps its end open, and reads to the server's end. */
  private String exchange(byte[] request) throws IOException {
    try (SocketChannel peer = SocketChannel.open(UnixDomainSocketAddress.of(socket()))) {
      try {
        peer.write(ByteBuffer.wrap(request));
      } catch (IOException e) {
        // The server may have read enough and closed; what it said is still there.
        assertThat(e).hasMessageContaining("Broken pipe");
      }
      return rest(peer);
    }
  }

  private static String rest(SocketChannel peer) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(ControlReply.BYTES_MAX);
    try {
      while (peer.read(buffer) > 0) {
        // Until the end.
      }
    } catch (IOException e) {
      // What was sent and not read by the server ends the connection with a reset.
      assertThat(e).hasMessageContaining("reset");
    }
    return new String(buffer.array(), 0, buffer.position(), StandardCharsets.UTF_8);
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
