package dev.suture.arm64.daemon;

import com.github.luben.zstd.ZstdDecompressCtx;
import dev.suture.arm64.AgentBuild;
import dev.suture.arm64.background.IdleClass;
import dev.suture.arm64.device.Mounts;
import dev.suture.arm64.device.ProcessMemory;
import dev.suture.arm64.linux.DeviceNumber;
import dev.suture.arm64.linux.Errno;
import dev.suture.arm64.linux.Linux;
import dev.suture.arm64.linux.LinuxException;
import dev.suture.arm64.linux.LinuxFile;
import dev.suture.arm64.linux.Statx;
import dev.suture.arm64.linux.Uapi;
import dev.suture.arm64.live.OldDevices;
import dev.suture.arm64.live.ProcessTable;
import dev.suture.arm64.process.BoundedProcess;
import dev.suture.delta.ClosingSink;
import dev.suture.protocol.FileRef;
import dev.suture.protocol.Sha256;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.RejectedException;
import dev.suture.protocol.failure.SutureException;
import dev.suture.protocol.json.StrictJson;
import dev.suture.protocol.seal.SealKey;
import dev.suture.protocol.seal.SealedFile;
import dev.suture.trust.seal.Unsealer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.zip.Deflater;
import org.bouncycastle.crypto.params.Ed25519PublicKeyParameters;
import org.bouncycastle.crypto.signers.Ed25519Signer;
import org.eclipse.paho.mqttv5.client.IMqttToken;
import org.eclipse.paho.mqttv5.client.MqttAsyncClient;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.slf4j.LoggerFactory;

/**
 * Proves that what is found by name only at run time (native code, service providers, resource
 * bundles) survived the shrinking of the jar and fits the machine it runs on. The build runs it on
 * the jar that it ships; on a device it needs no configuration and changes nothing.
 */
public final class SelfTest {
  private static final long NETWORK_LIMIT_SECONDS = 30;
  private static final int PROGRAM_OUTPUT_BYTES_MAX = 4096;
  private static final long PROGRAM_LIMIT_SECONDS = 30;
  private static final int SEALED_BYTES = 6;

  private SelfTest() {}

  /** One check; throws when it does not hold. */
  @FunctionalInterface
  private interface Check {
    void run() throws Exception;
  }

  /** Prints a line per check; exits with 1 if one failed. */
  public static void main(String[] arguments) throws Exception {
    boolean passed = true;
    passed &= check("native calls", SelfTest::nativeCalls);
    passed &= check("zstd", SelfTest::zstd);
    System.out.println(deflate());
    passed &= check("Ed25519", SelfTest::ed25519);
    passed &= check("sealed files", SelfTest::sealedFiles);
    passed &= check("MQTT over TLS", SelfTest::mqtt);
    passed &= check("background class", SelfTest::backgroundClass);
    passed &= check("processes", SelfTest::processes);
    passed &= check("programs that are started", SelfTest::programs);
    passed &= check("logging", SelfTest::logging);
    passed &= check("JSON and records", SelfTest::jsonAndRecords);
    ProcessMemory memory = ProcessMemory.current();
    System.out.println(
        "suture "
            + AgentBuild.version()
            + ", "
            + System.getProperty("os.arch")
            + ", resident at most "
            + memory.residentPeakKib()
            + " KiB: "
            + (passed ? "passed" : "FAILED"));
    System.exit(passed ? 0 : 1);
  }

  @SuppressWarnings("CatchAndPrintStackTrace") // Its output is for the person who ran it.
  private static boolean check(String name, Check check) {
    long began = System.nanoTime();
    try {
      check.run();
    } catch (Exception | Error e) {
      System.out.println("FAILED " + name);
      e.printStackTrace(System.out);
      return false;
    }
    long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began);
    System.out.println("ok " + name + " (" + millis + " ms)");
    return true;
  }

  private static void nativeCalls() throws LinuxException {
    expect(ProcessHandle.current().pid(), (long) Linux.processId());
    try (LinuxFile missing = LinuxFile.open("/nowhere/at-all", Uapi.O_RDONLY)) {
      throw new IllegalStateException("expected ENOENT, got descriptor " + missing.number());
    } catch (LinuxException e) {
      expect(Errno.ENOENT, e.errno());
    }
  }

  private static void zstd() {
    byte[] text = "suture suture suture suture".getBytes(StandardCharsets.US_ASCII);
    byte[] frame = hex("28b52ffd00686d000038737574757265200100a28b11");
    ByteBuffer compressed = ByteBuffer.allocateDirect(frame.length);
    compressed.put(frame).flip();
    ByteBuffer content = ByteBuffer.allocateDirect(text.length);
    try (ZstdDecompressCtx context = new ZstdDecompressCtx()) {
      expect(true, context.decompressDirectByteBufferStream(content, compressed));
    }
    expect(ByteBuffer.wrap(text), content.flip());
  }

  /** Deltas that open deflate streams need zlib; without it, full payloads come in their stead. */
  private static String deflate() {
    for (int level = Deflater.BEST_SPEED; level <= Deflater.BEST_COMPRESSION; level++) {
      if (!ClosingSink.deflatesLikeZlib(level)) {
        return "note: deflate is not zlib's at level " + level + ": such deltas are not for here";
      }
    }
    return "ok deflate is zlib's";
  }

  /** RFC 8032, section 7.1, test 2. */
  private static void ed25519() {
    byte[] key = hex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
    byte[] signature =
        hex(
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
                + "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");
    for (byte message : new byte[] {0x72, 0x73}) {
      Ed25519Signer verifier = new Ed25519Signer();
      verifier.init(false, new Ed25519PublicKeyParameters(key, 0));
      verifier.update(message);
      expect(message == 0x72, verifier.verifySignature(signature));
    }
  }

  /** Made by the publisher's sealer, once. */
  private static void sealedFiles() throws SutureException {
    byte[] bytes =
        hex(
            "2886d46e261df9d6386f10f42c7a0b36dde78b31c52c1926a1780edc44af4d92b6"
                + "59ba816d564961a00ee9e066b06830169b257270237d53dc476147176a");
    SealedFile file =
        new SealedFile(new FileRef("self-test", bytes.length, Sha256.of(bytes)), SEALED_BYTES);
    byte[] numbers = new byte[SealKey.BYTES];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = (byte) i;
    }
    ByteArrayOutputStream plain = new ByteArrayOutputStream();
    SealKey key = SealKey.ofBytes(numbers);
    Unsealer.open(file, key, new ByteArrayInputStream(bytes), plain::write);
    expect("suture", plain.toString(StandardCharsets.US_ASCII));
    bytes[bytes.length - 1] ^= 1;
    try {
      Unsealer.open(file, key, new ByteArrayInputStream(bytes), plain::write);
      throw new IllegalStateException("expected SEAL_INVALID, got an opened file");
    } catch (RejectedException e) {
      expect(FailureCode.SEAL_INVALID, e.code());
    }
  }

  /** As far as it goes without a broker: module, TLS and message texts are there. */
  private static void mqtt() throws Exception {
    MqttAsyncClient client =
        new MqttAsyncClient("ssl://127.0.0.1:1", "self-test", new MemoryPersistence());
    MqttConnectionOptions options = new MqttConnectionOptions();
    options.setAutomaticReconnect(false);
    options.setConnectionTimeout((int) NETWORK_LIMIT_SECONDS);
    IMqttToken token = client.connect(options);
    try {
      token.waitForCompletion(TimeUnit.SECONDS.toMillis(NETWORK_LIMIT_SECONDS));
      throw new IllegalStateException("expected no broker at port 1, got one");
    } catch (MqttException e) {
      expect("Unable to connect to server", String.valueOf(e.getMessage()));
    } finally {
      client.close();
    }
  }

  /** This one stands in its working directory. */
  private static void processes() throws LinuxException, DeviceException {
    Path self = Path.of("/proc", Long.toString(ProcessHandle.current().pid()));
    DeviceNumber device = Statx.device(self.resolve("cwd").toString());
    ProcessTable table = new ProcessTable(new OldDevices(new Mounts(), Map.of()));
    expect(true, table.user(self, Set.of(device)).isPresent());
    expect(false, table.user(self, Set.of(new DeviceNumber(0, 0))).isPresent());
  }

  private static void programs() throws IOException {
    BoundedProcess.Ended ended =
        new BoundedProcess(PROGRAM_OUTPUT_BYTES_MAX)
            .run(
                List.of("/bin/sh", "-c", "sleep 600 & echo $WORD; exit 21"),
                Map.of("PATH", "/usr/bin:/bin", "WORD", "heard"),
                TimeUnit.SECONDS.toMillis(PROGRAM_LIMIT_SECONDS));
    expect(new BoundedProcess.Ended(OptionalInt.of(21), "heard\n"), ended);
  }

  /** For the thread of the work alone. */
  private static void backgroundClass() throws SutureException {
    expect(Uapi.SCHED_IDLE, new IdleClass().run(SelfTest::schedulingPolicy));
    expect(0, schedulingPolicy());
  }

  /** The 41st word of {@code stat}; what comes before the closing bracket is the second at most. */
  private static int schedulingPolicy() throws DeviceException {
    try {
      String stat = Files.readString(Path.of("/proc/thread-self/stat"));
      return Integer.parseInt(stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1)[38]);
    } catch (IOException e) {
      throw new DeviceException(FailureCode.KERNEL_CALL_FAILED, String.valueOf(e), e);
    }
  }

  private static void logging() {
    expect("SimpleLoggerFactory", LoggerFactory.getILoggerFactory().getClass().getSimpleName());
    expect(true, LoggerFactory.getLogger(SelfTest.class).isInfoEnabled());
    expect(false, LoggerFactory.getLogger(SelfTest.class).isDebugEnabled());
  }

  private static void jsonAndRecords() {
    byte[] text = "{\"a\":[\"b\"]}".getBytes(StandardCharsets.US_ASCII);
    expect("b", StrictJson.parse("self-test", text, text.length).texts("a", 1).get(0));
    DeviceNumber number = new DeviceNumber(7, 3);
    expect(number, DeviceNumber.parse("7:3"));
    expect(new ProcessMemory(1, 2).hashCode(), new ProcessMemory(1, 2).hashCode());
    expect("ProcessMemory[residentKib=1, residentPeakKib=2]", new ProcessMemory(1, 2).toString());
  }

  private static byte[] hex(String digits) {
    byte[] bytes = new byte[digits.length() / 2];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) Integer.parseInt(digits.substring(2 * i, 2 * i + 2), 16);
    }
    return bytes;
  }

  private static void expect(Object expected, Object got) {
    if (!expected.equals(got)) {
      throw new IllegalStateException("expected " + expected + ", got " + got);
    }
  }
}
