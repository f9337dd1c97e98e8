package dev.suture.hil;

import dev.suture.protocol.Sha256;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/**
 * Questions to a device that are answered by the device's kernel and services, not by the agent.
 */
public final class Device {
  /** What the OS says when the agent has done its work before the services. */
  public static final Pattern AGENT_READY = Pattern.compile("os: agent is ready");

  /** What the kernel says when it restarts the machine. */
  public static final Pattern RESTARTING = Pattern.compile("reboot: Restarting system");

  /** What the OS says when its own start has begun. */
  public static final Pattern OS_STARTED = Pattern.compile("os: start:");

  /** Longest time from power-on to a device whose agent is ready. */
  public static final Duration BOOT_LIMIT = Duration.ofSeconds(150);

  private static final Duration QUESTION_LIMIT = Duration.ofMinutes(1);
  private static final Duration START_LIMIT = Duration.ofMinutes(2);
  private static final Duration DIGEST_LIMIT = Duration.ofMinutes(3);
  private static final int HTTP_LIMIT_MILLIS = 10_000;
  private static final Pattern OPENSSL =
      Pattern.compile("pid (\\d+) libcrypto (\\S+):(\\d+) OpenSSL (\\S+)");
  private static final Pattern DIGEST = Pattern.compile("(?m)^([0-9a-f]{64})\\b");

  private final Rig rig;

  Device(Rig rig) {
    this.rig = rig;
  }

  /**
   * The OpenSSL that the running HTTPS server maps.
   *
   * @param device block device of the file system that holds the mapped library, as in {@code
   *     fd:01}
   * @param inode of the mapped library
   * @param version read from that inode, as in {@code 3.0.20}
   */
  public record OpenSsl(String device, long inode, String version) {}

  /** Runs a command line with the usual limit. */
  public CommandResult run(String command) {
    return rig.exec(command, QUESTION_LIMIT);
  }

  /** Which OpenSSL the running HTTPS server uses, from its memory map and the mapped inode. */
  public OpenSsl opensslInUse() {
    CommandResult result = run("/usr/lib/suture-lab/openssl-in-use").orThrow();
    Matcher matcher = OPENSSL.matcher(result.output());
    if (!matcher.find()) {
      throw new HarnessException(
          "openssl-in-use: expected pid, inode and version, got: " + result.text());
    }
    return new OpenSsl(matcher.group(2), Long.parseLong(matcher.group(3)), matcher.group(4));
  }

  /** Digest of the block device that is mounted at a component's place, read to its end. */
  public Sha256 mountedDigest(String component) {
    return digest(
        "d=$(awk '$5 == \"/components/"
            + component
            + "\" { d = $3 } END { print d }' /proc/self/mountinfo); "
            + "sha256sum /dev/$(basename $(readlink /sys/dev/block/$d))");
  }

  /** The kind of block device that is mounted there: {@code loop} for base, {@code dm} verified. */
  public String mountedFrom(String component) {
    return run("d=$(awk '$5 == \"/components/"
            + component
            + "\" { d = $3 } END { print d }' /proc/self/mountinfo); "
            + "basename $(readlink /sys/dev/block/$d) | tr -d 0-9-")
        .orThrow()
        .text();
  }

  /** Digest of a file, or of a block device. */
  public Sha256 fileDigest(String path) {
    return digest("sha256sum " + Shell.quote(path));
  }

  private Sha256 digest(String command) {
    CommandResult result = rig.exec(command, DIGEST_LIMIT).orThrow();
    Matcher matcher = DIGEST.matcher(result.output());
    if (!matcher.find()) {
      throw new HarnessException(command + ": expected a digest, got: " + result.text());
    }
    return Sha256.ofHex(matcher.group(1));
  }

  /**
   * A picture of all that an installation writes outside the agent's own state: names, lengths,
   * times and numbers of the slots' files, and both copies of the activation record. Equal pictures
   * mean that nothing was written in between. Taken when the agent has noted that the device is
   * alive since its start, which is the last that a start writes.
   */
  public String slotsAndRecord() {
    Await.until("the start is over", START_LIMIT, this::isSeenAlive, () -> "");
    return run("find /data/slots -type f -exec stat -c '%n %s %Y %Z %i' {} + | sort; "
            + "dd if=/dev/vda1 bs=512 count=1 2>/dev/null | sha256sum; "
            + "dd if=/dev/vda1 bs=512 skip=1024 count=1 2>/dev/null | sha256sum")
        .orThrow()
        .text();
  }

  private boolean isSeenAlive() {
    return run("for at in 0 1024; do dd if=/dev/vda1 bs=512 count=1 skip=$at 2>/dev/null; done "
            + "| tr '\\0' '\\n' | sed -n 's/^su_starts=//p' | grep -v '^0$' | wc -l")
        .orThrow()
        .text()
        .trim()
        .equals("0");
  }

  /** Another one after each start of the kernel. */
  public String bootId() {
    return run("cat /proc/sys/kernel/random/boot_id").orThrow().text();
  }

  /** The numbers of the processes of this name, in rising order. */
  public List<Long> processes(String name) {
    return run("for p in /proc/[0-9]*; do [ \"$(cat $p/comm 2>/dev/null)\" = "
            + Shell.quote(name)
            + " ] && echo ${p#/proc/}; done; true")
        .orThrow()
        .text()
        .lines()
        .map(Long::parseLong)
        .sorted()
        .toList();
  }

  /**
   * Every process that maps a file of a file system that was mounted for a component, but is not
   * what is mounted there now: told by the kernel's shell alone, with nothing of the agent. One
   * line a mapping.
   */
  public String mappingsOfOldCode(String component) {
    return run("now=$(awk '$5 == \"/components/"
            + component
            + "\" { d = $3 } END { print d }' /proc/self/mountinfo); "
            + "for d in /sys/block/dm-* /sys/block/loop*; do "
            + "n=$(cat $d/dev); [ $n = $now ] && continue; "
            + "case $(cat $d/dm/name $d/loop/backing_file 2>/dev/null) in "
            + "suture-"
            + component
            + "-*|*/"
            + component
            + ".img*) ;; *) continue ;; esac; "
            + "h=$(printf '%02x:%02x' ${n%:*} ${n#*:}); "
            + "grep -H \" $h \" /proc/[0-9]*/maps 2>/dev/null; done; true")
        .orThrow()
        .text();
  }

  /** What the kernel holds for slots: mounts, device-mapper and loop devices in use. */
  public String kernelObjects() {
    return run("echo mounts $(grep -cE ' /components/|/run/suture/aside/' /proc/self/mountinfo); "
            + "echo dm $(ls -d /sys/block/dm-* | wc -l); "
            + "echo loops $(ls -d /sys/block/loop*/loop | wc -l)")
        .orThrow()
        .text();
  }

  /** How many files a process has open. */
  public int openFiles(long process) {
    return Integer.parseInt(run("ls /proc/" + process + "/fd | wc -l").orThrow().text().trim());
  }

  /** Asks the agent's command line for the status document. */
  public DeviceStatus status() {
    CommandResult result = run("suture status --json").orThrow();
    return DeviceStatus.parse(result.text().getBytes(StandardCharsets.UTF_8));
  }

  /**
   * The status document, or nothing if the agent does not answer (the device may be restarting).
   */
  public Optional<DeviceStatus> statusIfAny() {
    try {
      CommandResult result = rig.exec("suture status --json", QUESTION_LIMIT);
      return result.exitCode() == 0
          ? Optional.of(DeviceStatus.parse(result.text().getBytes(StandardCharsets.UTF_8)))
          : Optional.empty();
    } catch (HarnessException e) {
      return Optional.empty();
    }
  }

  /** The time since the device's kernel started, in seconds. */
  public double uptimeSeconds() {
    return Double.parseDouble(run("cut -d' ' -f1 /proc/uptime").orThrow().text());
  }

  /**
   * The status code of an HTTPS request from this machine to the device's server. Its certificate
   * is not checked: the question is whether it works.
   *
   * @throws HarnessException if there is no answer
   */
  public int httpsStatus() {
    return httpsStatus(HTTP_LIMIT_MILLIS);
  }

  /**
   * As {@link #httpsStatus()} with another time limit, for connecting and for reading.
   *
   * @throws HarnessException if there is no answer
   */
  public int httpsStatus(int limitMillis) {
    URI uri =
        URI.create(
            "https://"
                + rig.https().getAddress().getHostAddress()
                + ":"
                + rig.https().getPort()
                + "/");
    try {
      HttpsURLConnection connection = (HttpsURLConnection) uri.toURL().openConnection();
      SSLContext tls = SSLContext.getInstance("TLS");
      tls.init(null, new TrustManager[] {new Anybody()}, null);
      connection.setSSLSocketFactory(tls.getSocketFactory());
      connection.setHostnameVerifier((name, session) -> true);
      connection.setConnectTimeout(limitMillis);
      connection.setReadTimeout(limitMillis);
      try {
        return connection.getResponseCode();
      } finally {
        connection.disconnect();
      }
    } catch (IOException | GeneralSecurityException e) {
      throw new HarnessException(uri + ": expected an answer, got " + e.getMessage(), e);
    }
  }

  /**
   * Watches the device for this long and fails if it restarts.
   *
   * @throws HarnessException if the kernel says that it restarts
   */
  public void staysUp(Duration time) {
    SerialLog.Mark from = rig.mark();
    Await.pause(time.toMillis());
    if (!rig.serialLog().find(from, RESTARTING).isEmpty()) {
      throw new HarnessException(
          "expected the device to stay up, it restarted\n" + rig.serialLog().tail());
    }
  }

  /** Waits until the device's HTTPS server answers 200. */
  public void awaitHttps(Duration limit) {
    Await.until(
        "the device answers HTTPS with 200",
        limit,
        () -> {
          try {
            return httpsStatus() == 200;
          } catch (HarnessException e) {
            return false;
          }
        },
        () -> rig.serialLog().tail());
  }

  /** The test device shows a certificate that nobody signed. */
  private static final class Anybody implements X509TrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
