package dev.suture.arm64.background;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Collections;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** With a program that answers as busctl does; the real one runs on the emulated device. */
class SystemdInhibitorsTest {
  private static final String CALL =
      "--system --no-pager --json=short --timeout=5 --allow-interactive-authorization=no call"
          + " org.freedesktop.login1 /org/freedesktop/login1 org.freedesktop.login1.Manager"
          + " ListInhibitors";
  private static final String BACKUP =
      "[\"shutdown\",\"backup\",\"writes the archive\",\"block\",0,500]";

  /** What a desktop's services hold all the time. */
  private static final String DELAYS =
      "[\"sleep\",\"NetworkManager\",\"NetworkManager needs to turn off networks\",\"delay\",0,411],"
          + "[\"shutdown\",\"Unattended Upgrades Shutdown\",\"Stop ongoing upgrades\",\"delay\",0,476]";

  private static final String BUSCTL =
      """
      #!/bin/sh
      cd %s || exit 9
      echo "$*" >>calls
      cat answer
      [ ! -e fails ] || { cat fails >&2; exit 1; }
      """;

  @TempDir Path root;
  private Path busctl;

  @BeforeEach
  void makeBusctl() throws IOException {
    busctl = root.resolve("busctl");
    Files.writeString(busctl, BUSCTL.formatted(root));
    Files.setPosixFilePermissions(busctl, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private Optional<String> held() {
    return new SystemdInhibitors(busctl.toString(), root).held();
  }

  private Optional<String> heldIfItSays(String answer) throws IOException {
    Files.writeString(root.resolve("answer"), answer);
    return held();
  }

  private Optional<String> heldBy(String... locks) throws IOException {
    return heldIfItSays("{\"type\":\"a(ssssuu)\",\"data\":[[" + String.join(",", locks) + "]]}\n");
  }

  private void commandLine(int pid, String... words) throws IOException {
    Path process = Files.createDirectories(root.resolve(Integer.toString(pid)));
    Files.writeString(process.resolve("cmdline"), String.join("\0", words) + "\0");
  }

  @Test
  void held_noLock_nobodyAndLogindIsAsked() throws IOException {
    assertThat(heldBy()).isEmpty();
    assertThat(Files.readString(root.resolve("calls"))).isEqualTo(CALL + "\n");
  }

  @Test
  void held_rootsLockAgainstShutdown_saysWhoAndWhy() throws IOException {
    String told = "systemd's inhibitor \"backup\" is held: \"writes the archive\"";
    assertThat(heldBy(BACKUP)).contains(told);
    assertThat(heldBy(DELAYS, BACKUP)).contains(told);
    assertThat(heldBy(BACKUP.replace("\"shutdown\"", "\"idle:sleep:shutdown\""))).contains(told);
  }

  /** So that the same locks are the same news, in whatever order logind has them. */
  @Test
  void held_severalLocks_theFirstByNameThenReason() throws IOException {
    String later = BACKUP.replace("writes the", "writes to the");
    String ahead = BACKUP.replace("backup", "a film");
    assertThat(heldBy(later, BACKUP).orElseThrow()).endsWith("\"writes the archive\"");
    assertThat(heldBy(BACKUP, later).orElseThrow()).endsWith("\"writes the archive\"");
    assertThat(heldBy(BACKUP, ahead).orElseThrow()).contains("\"a film\"");
  }

  @Test
  void held_delayAndOtherModes_doNotCount() throws IOException {
    assertThat(heldBy(DELAYS)).isEmpty();
    assertThat(heldBy(BACKUP.replace("\"block\"", "\"block-weak\""))).isEmpty();
    assertThat(heldBy(BACKUP.replace("\"block\"", "\"Block\""))).isEmpty();
  }

  /** They are held for ever where the device must not sleep. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "sleep",
        "idle",
        "sleep:idle:handle-power-key:handle-lid-switch",
        "no-shutdown",
        "shutdowns",
        ""
      })
  void held_lockAgainstSomethingElse_doesNotCount(String what) throws IOException {
    assertThat(heldBy(BACKUP.replace("\"shutdown\"", "\"" + what + "\""))).isEmpty();
  }

  /** Everybody who is logged in may take one. */
  @ParameterizedTest
  @ValueSource(longs = {1, 1000, 65_534, 4_294_967_295L})
  void held_lockOfSomebodyElse_doesNotCount(long uid) throws IOException {
    assertThat(heldBy(BACKUP.replace("block\",0", "block\"," + uid))).isEmpty();
    assertThat(heldBy(BACKUP.replace("block\",0", "block\"," + uid), BACKUP)).isPresent();
  }

  @Test
  void held_wordsOfOthers_arePrintableAndShort() throws IOException {
    assertThat(
            heldBy(
                BACKUP
                    .replace("backup", "b\\u00fcro\\u001b[31m\\n\\\"x\\\"")
                    .replace("writes the archive", "w".repeat(5_000))))
        .contains("systemd's inhibitor \"b?ro?[31m?\"x\"\" is held: \"" + "w".repeat(64) + "\"");
    assertThat(heldBy(BACKUP.replace("backup", "n".repeat(5_000))).orElseThrow())
        .startsWith("systemd's inhibitor \"" + "n".repeat(64) + "\" is held");
    assertThat(heldBy(BACKUP.replace("backup", "").replace("writes the archive", "")))
        .contains("systemd's inhibitor \"\" is held: \"\"");
  }

  /** As {@code systemd-inhibit} does for whoever gives it no name. */
  @Test
  void held_nameIsTheWholeCommand_theProgramIsEnough() throws IOException {
    String dump = BACKUP.replace("backup", "mysqldump --password=secret all");
    commandLine(500, "systemd-inhibit", "--what=shutdown", "mysqldump", "--password=secret", "all");
    assertThat(heldBy(dump).orElseThrow()).contains("\"mysqldump\"").doesNotContain("secret");
    commandLine(500, "systemd-inhibit", "--who=nightly backup", "mysqldump", "--password=secret");
    assertThat(heldBy(BACKUP.replace("backup", "nightly backup")).orElseThrow())
        .contains("\"nightly backup\"");
    assertThat(heldBy(BACKUP.replace("backup", "package manager").replace("500", "501")))
        .contains("systemd's inhibitor \"package manager\" is held: \"writes the archive\"");
    assertThat(heldBy(BACKUP.replace("backup", " backup")).orElseThrow()).contains("\" backup\"");
  }

  @Test
  void held_logindDoesNotAnswer_holdsAndSaysSo() throws IOException {
    Files.writeString(
        root.resolve("fails"),
        "Call failed:\u001b Could not activate it: " + "x".repeat(500) + "\n");
    String told =
        "systemd's inhibitors cannot be told: busctl: expected exit code 0, got 1, Call failed:?"
            + " Could not activate it: x";
    assertThat(heldIfItSays("").orElseThrow()).startsWith(told).hasSizeLessThan(200);
  }

  @Test
  void held_noBusctl_holdsAndSaysSo() {
    assertThat(new SystemdInhibitors("/no/such/busctl", root).held().orElseThrow())
        .startsWith("systemd's inhibitors cannot be told: ")
        .contains("/no/such/busctl");
  }

  /** What is cut off could be a lock of root's. */
  @Test
  void held_answerThatIsTooLong_holdsAndSaysSo() throws IOException {
    String strangers = BACKUP.replace("block\",0", "block\",1000");
    assertThat(heldBy(strangers.replace("writes", "w".repeat(300_000)), BACKUP))
        .contains(
            "systemd's inhibitors cannot be told: busctl: expected less than 262144 bytes, got"
                + " more");
    assertThat(heldBy(String.join(",", Collections.nCopies(4_097, "[]"))).orElseThrow())
        .startsWith("systemd's inhibitors cannot be told: busctl.data");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "a(ssssuu) 0",
        "{}",
        "{\"type\":\"as\",\"data\":[[]]}",
        "{\"type\":\"a(ssssuu)\"}",
        "{\"type\":\"a(ssssuu)\",\"data\":[]}",
        "{\"type\":\"a(ssssuu)\",\"data\":[[],[]]}",
        "{\"type\":\"a(ssssuu)\",\"data\":[{}]}",
        "{\"type\":\"a(ssssuu)\",\"data\":[[{}]]}",
        "{\"type\":\"a(ssssuu)\",\"data\":[[[\"shutdown\",\"b\",\"w\",\"block\",0]]]}",
        "{\"type\":\"a(ssssuu)\",\"data\":[[[\"shutdown\",\"b\",\"w\",\"block\",0,1,2]]]}",
        "{\"type\":\"a(ssssuu)\",\"data\":[[[\"shutdown\",\"b\",\"w\",\"block\",\"0\",1]]]}",
        "{\"type\":\"a(ssssuu)\",\"data\":[[[\"shutdown\",\"b\",\"w\",\"block\",-1,1]]]}",
        "{\"type\":\"a(ssssuu)\",\"data\":[[[\"shutdown\",\"b\",\"w\",null,0,1]]]}",
        "{\"type\":\"a(ssssuu)\",\"data\":[[[\"shutdown\",\"b\",\"w\",\"block\",0,-1]]]}",
        "{\"type\":\"a(ssssuu)\",\"data\":[[]]} more"
      })
  void held_answerThatIsNone_holdsAndSaysSo(String answer) throws IOException {
    assertThat(heldIfItSays(answer).orElseThrow())
        .startsWith("systemd's inhibitors cannot be told: busctl");
  }

  @Test
  void held_answerCutAnywhere_holds() throws IOException {
    String answer = "{\"type\":\"a(ssssuu)\",\"data\":[[" + BACKUP + "]]}";
    for (int length = 0; length < answer.getBytes(StandardCharsets.UTF_8).length; length += 7) {
      assertThat(heldIfItSays(answer.substring(0, length)).orElseThrow())
          .startsWith("systemd's inhibitors cannot be told: busctl");
    }
    assertThat(heldIfItSays(answer).orElseThrow()).contains("\"backup\"");
  }
}
