package dev.suture.arm64.background;

import dev.suture.arm64.process.BoundedProcess;
import dev.suture.protocol.PrintableText;
import dev.suture.protocol.json.Fields;
import dev.suture.protocol.json.StrictJson;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Who has taken a lock with systemd (<a
 * href="https://systemd.io/INHIBITOR_LOCKS/">systemd.io/INHIBITOR_LOCKS</a>) that forbids to shut
 * the device down, as {@code systemd-inhibit --what=shutdown} takes it: asked of logind by {@code
 * busctl}, within limits of time and output.
 *
 * <p>Only root's locks count, because everybody who is logged in may take one, and only those of
 * the mode {@code block}: {@code delay} asks for seconds. Locks against sleep and idling are held
 * for ever on devices that must never sleep, and say nothing about a restart.
 */
final class SystemdInhibitors {
  private static final String PROGRAM = "busctl";
  private static final List<String> ARGUMENTS =
      List.of(
          "--system",
          "--no-pager",
          "--json=short",
          "--timeout=5",
          "--allow-interactive-authorization=no",
          "call",
          "org.freedesktop.login1",
          "/org/freedesktop/login1",
          "org.freedesktop.login1.Manager",
          "ListInhibitors");

  /** More than the answer's own limit. */
  private static final long LIMIT_MILLIS = 10_000;

  /** A device has about ten locks, of about a hundred bytes each. */
  private static final int OUTPUT_BYTES_MAX = 256 << 10;

  private static final int LOCKS_MAX = 4_096;
  private static final String TYPE = "a(ssssuu)";
  private static final String SHUTDOWN = "shutdown";
  private static final String BLOCK = "block";
  private static final long ROOT = 0;
  private static final long ID_MAX = 0xffff_ffffL;
  private static final int CHARS_MAX = 64;
  private static final int FAILURE_CHARS_MAX = 128;
  private static final int COMMAND_LINE_BYTES_MAX = 64 << 10;

  private final String program;
  private final Path proc;
  private final BoundedProcess process = new BoundedProcess(OUTPUT_BYTES_MAX);

  /** Those of this device. */
  SystemdInhibitors() {
    this(PROGRAM, Path.of("/proc"));
  }

  /** Those that another program tells of, which is called alike. */
  SystemdInhibitors(String program, Path proc) {
    this.program = program;
    this.proc = proc;
  }

  private record Lock(String who, String why, long pid) {}

  /**
   * Who has one, and why; the first by name, if several. What cannot be found out counts as one.
   */
  Optional<String> held() {
    try {
      return locks(answer()).stream()
          .min(Comparator.comparing(Lock::who).thenComparing(Lock::why))
          .map(this::clause);
    } catch (IOException | IllegalArgumentException e) {
      return Optional.of(
          "systemd's inhibitors cannot be told: "
              + PrintableText.of(String.valueOf(e.getMessage()), FAILURE_CHARS_MAX));
    }
  }

  private String clause(Lock lock) {
    return "systemd's inhibitor \""
        + PrintableText.of(name(lock), CHARS_MAX)
        + "\" is held: \""
        + PrintableText.of(lock.why(), CHARS_MAX)
        + "\"";
  }

  private byte[] answer() throws IOException {
    List<String> command = new ArrayList<>(List.of(program));
    command.addAll(ARGUMENTS);
    BoundedProcess.Ended ended =
        process.run(command, BoundedProcess.SYSTEM_ENVIRONMENT, LIMIT_MILLIS);
    if (!ended.code().isPresent()) {
      throw new IOException("busctl: expected an end within " + LIMIT_MILLIS + " ms, got none");
    }
    if (ended.code().getAsInt() != 0) {
      throw new IOException(
          "busctl: expected exit code 0, got " + ended.code().getAsInt() + ", " + ended.lastLine());
    }
    byte[] output = ended.output().getBytes(StandardCharsets.UTF_8);
    if (output.length >= OUTPUT_BYTES_MAX) {
      throw new IOException("busctl: expected less than " + OUTPUT_BYTES_MAX + " bytes, got more");
    }
    return output;
  }

  private static List<Lock> locks(byte[] answer) {
    Fields reply = StrictJson.parse("busctl", answer, OUTPUT_BYTES_MAX);
    String type = reply.text("type");
    if (!type.equals(TYPE)) {
      throw new IllegalArgumentException(
          "busctl: expected an answer of the type " + TYPE + ", got " + type);
    }
    return reply
        .tuple("data", "locks")
        .tuples("locks", LOCKS_MAX, "what", "who", "why", "mode", "uid", "pid")
        .stream()
        .filter(SystemdInhibitors::counts)
        .map(lock -> new Lock(lock.text("who"), lock.text("why"), lock.integer("pid", 0, ID_MAX)))
        .toList();
  }

  private static boolean counts(Fields lock) {
    return lock.integer("uid", 0, ID_MAX) == ROOT
        && lock.text("mode").equals(BLOCK)
        && Arrays.asList(lock.text("what").split(":", -1)).contains(SHUTDOWN);
  }

  /**
   * Whoever gives {@code systemd-inhibit} no name is called by the whole command that it runs, and
   * a password may be in that. What is told of him may leave the device: the program is enough.
   */
  private String name(Lock lock) {
    int end = lock.who().indexOf(' ');
    if (end <= 0) {
      return lock.who();
    }
    String first = lock.who().substring(0, end);
    return commandLine(lock.pid()).contains(first) ? first : lock.who();
  }

  private List<String> commandLine(long pid) {
    try (InputStream in = Files.newInputStream(proc.resolve(pid + "/cmdline"))) {
      return Arrays.asList(
          new String(in.readNBytes(COMMAND_LINE_BYTES_MAX), StandardCharsets.UTF_8)
              .split("\0", -1));
    } catch (IOException e) {
      return List.of(); // Who took it has ended, and left it to somebody else.
    }
  }
}
