package dev.suture.arm64.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.suture.arm64.control.ControlExit;
import dev.suture.arm64.control.ControlReply;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SutureCliTest {
  private static final String STATUS =
      """
      {"format":1,"device":"dev-0001","fleet":"demo","model":"suture-virt-arm64","baseline":"26.1",
      "release":"26.1 (a)","running":"a","level":"a","phase":"ACTIVE","protected":true,
      "components":[
      {"name":"tls","slot":"a","image_sha256":"0123456789abcdef","verity_root":"fedcba9876543210"},
      {"name":"webengine","slot":"a","image_sha256":"1111","verity_root":"2222"}],
      "attempt":null,
      "last_outcome":{"release":"26.1 (b)","phase":"REVERTED","code":501,"message":"nginx: 502"},
      "last_failure":{"code":101,"message":"expected a signature of a known key"},
      "remembered_bad":["26.1 (b)"],
      "probation":{"minutes_left":42},
      "activation":{"scope":"services","ms":1840,"restarted":["store","web"]},
      "checks":[{"name":"required.d/modem","message":"is not ready: exit code 21: dialing"},
      {"name":"wanted.d/printer","message":"failed: exit code 8"}],
      "exposed":[{"name":"press","since":"2026-11-30T12:00:00Z"},{"name":"valve","since":null}],
      "agent":{"version":"0.1.0","rss_kib":53248,"rss_peak_kib":62000,"heap_max_mib":24,
      "connected_after_ms":5230,"apply_ms":null}}
      """
          .replace("\n", "");

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final List<String> sent = new ArrayList<>();

  @Test
  void status_ofADocument_isATable() {
    int exit = run(new ControlReply(ControlExit.DONE, "text", STATUS), "status");

    assertThat(out())
        .isEqualTo(
            """
            device        dev-0001 (fleet demo, model suture-virt-arm64)
            baseline      26.1
            running       26.1 (a) from slot a, protected
            phase         ACTIVE
            probation     confirmed, watched for 42 more minutes
            since         a switch without a restart of the device, by services, in 1.8 s; restarted: store, web
            exposed       press runs older code since 2026-11-30T12:00:00Z, and is never restarted by the agent
                          valve runs older code, and is never restarted by the agent
            last outcome  26.1 (b): REVERTED, SUT-501 nginx: 502
            last failure  SUT-101 expected a signature of a known key
            not again     26.1 (b)
            components    tls          a     image sha256:0123456789ab, verity root fedcba987654
                          webengine    a     image sha256:1111, verity root 2222
            checks        required.d/modem is not ready: exit code 21: dialing
                          wanted.d/printer failed: exit code 8
            agent         0.1.0, 52 MiB resident (peak 61 MiB), heap limit 24 MiB, connected after 5.2 s
            """);
    assertThat(exit).isZero();
    assertThat(sent).containsExactly("/run/suture/control.sock status");
  }

  @Test
  void status_ofAFreshDevice_isATable() {
    String fresh =
        """
        {"device":"d","fleet":"f","model":"m","baseline":"26.1","release":"26.1","running":"base",
        "phase":"FETCHED","protected":false,"components":[],"remembered_bad":[],
        "attempt":{"release":"26.1 (a)","phase":"FETCHED","code":0,"message":""},
        "agent":{"version":"0.1.0","connected_after_ms":null,"apply_ms":12345,
        "apply_written_bytes":4097,"apply_kept_bytes":8192}}
        """
            .replace("\n", "");

    assertThat(run(new ControlReply(ControlExit.DONE, "text", fresh), "status")).isZero();
    assertThat(out())
        .isEqualTo(
            """
            device        d (fleet f, model m)
            baseline      26.1
            running       26.1 from base
            phase         FETCHED
            attempt       26.1 (a): FETCHED
            agent         0.1.0, not connected yet, last patch applied in 12.3 s (5 KiB written, 8 KiB were there)
            """);
  }

  @Test
  void status_withJson_isTheDocumentAsItCame() {
    assertThat(run(new ControlReply(ControlExit.DONE, "text", STATUS), "status", "--json"))
        .isZero();
    assertThat(out()).isEqualTo(STATUS + "\n");
  }

  @Test
  void status_ofADocumentFromAnotherTime_isTheAgentsText() {
    assertThat(run(new ControlReply(ControlExit.DONE, "as told", "{\"format\":9}"), "status"))
        .isZero();
    assertThat(out()).isEqualTo("as told\n");
  }

  @Test
  void status_withJsonButWithoutDocument_isAFailure() {
    assertThat(run(ControlReply.text(ControlExit.DONE, "as told"), "status", "--json"))
        .isEqualTo(5);
    assertThat(out()).isEmpty();
    assertThat(err())
        .isEqualTo("suture: expected a document from the agent, got text only: as told\n");
  }

  @Test
  void remove_thatIsRefused_tellsTheReasonOnStandardError() {
    ControlReply reply = ControlReply.text(ControlExit.REFUSED, "SUT-602 nothing to do: base runs");

    assertThat(run(reply, "remove")).isEqualTo(4);
    assertThat(out()).isEmpty();
    assertThat(err()).isEqualTo("suture: SUT-602 nothing to do: base runs\n");
  }

  @Test
  void exitCodes_ofTheAgent_areThoseOfTheTool() {
    for (ControlExit exit : ControlExit.values()) {
      assertThat(run(ControlReply.text(exit, "t"), "check")).isEqualTo(exit.number());
    }
  }

  @Test
  void commands_areSentAsTheyAreTyped() {
    for (String command : List.of("check", "install", "remove", "history")) {
      assertThat(run(ControlReply.text(ControlExit.DONE, "done"), command)).isZero();
    }
    assertThat(run(ControlReply.text(ControlExit.DONE, ""), "--socket", "/x/y", "check")).isZero();

    assertThat(sent)
        .containsExactly(
            "/run/suture/control.sock check",
            "/run/suture/control.sock install",
            "/run/suture/control.sock remove",
            "/run/suture/control.sock history",
            "/x/y check");
  }

  @Test
  void dryRun_isACommandOfItsOwn() {
    ControlReply reply =
        new ControlReply(ControlExit.DONE, "nothing restarts", "{\"to\":\"base\"}");

    assertThat(run(reply, "install", "--dry-run")).isZero();
    assertThat(run(reply, "remove", "--dry-run", "--json")).isZero();
    assertThat(run(reply, "install", "--dry-run", "/x")).isZero();

    assertThat(out()).isEqualTo("nothing restarts\n{\"to\":\"base\"}\nnothing restarts\n");
    assertThat(sent)
        .containsExactly(
            "/run/suture/control.sock rehearse-install",
            "/run/suture/control.sock rehearse-remove",
            "/run/suture/control.sock rehearse-install /x");
  }

  @Test
  void bundle_isSentAsAnAbsolutePath() {
    run(ControlReply.text(ControlExit.DONE, "fine"), "install", "/mnt/usb/patch.tar");
    run(ControlReply.text(ControlExit.DONE, "fine"), "verify", "/mnt/usb/patch.tar");
    assertThat(sent)
        .containsExactly(
            "/run/suture/control.sock install /mnt/usb/patch.tar",
            "/run/suture/control.sock verify /mnt/usb/patch.tar");
    assertThat(run(ControlReply.text(ControlExit.DONE, "never"), "verify")).isEqualTo(2);
    assertThat(run(ControlReply.text(ControlExit.DONE, "never"), "install", "a", "b")).isEqualTo(2);
    assertThat(run(ControlReply.text(ControlExit.DONE, "never"), "check", "a")).isEqualTo(2);
    assertThat(sent).hasSize(2);
  }

  @Test
  void agent_thatDoesNotAnswer_isExitCode3() {
    SutureCli cli =
        cli(
            (socket, command, file) -> {
              throw new IOException("No such file or directory");
            });

    assertThat(cli.run(List.of("status"))).isEqualTo(ControlExit.UNREACHABLE);
    assertThat(err())
        .isEqualTo(
            "suture: the agent does not answer at /run/suture/control.sock:"
                + " No such file or directory\n");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "''                 | expected a command: status, check, install, verify, remove, history, version, help; got none",
        "statsu             | expected a command: status, check, install, verify, remove, history, version, help; got \"statsu\"",
        "status now         | expected nothing more after status, got \"now\"",
        "status --jsn       | expected --json, --dry-run, --socket PATH or --help, got \"--jsn\"",
        "status -j          | expected --json, --dry-run, --socket PATH or --help, got \"-j\"",
        "remove --json      | --json: expected it with status, history or --dry-run only, got it with remove",
        "check --dry-run    | --dry-run: expected it with install or remove only, got it with check",
        "--json             | expected a command: status, check, install, verify, remove, history, version, help; got none",
        "status --socket    | --socket: expected a path after it, got nothing",
        "STATUS             | expected a command: status, check, install, verify, remove, history, version, help; got \"STATUS\"",
      })
  void commandLine_thatIsWrong_isExitCode2AndSaysWhatWasExpected(String line, String message) {
    String[] words = line.isEmpty() ? new String[0] : line.split(" ", -1);

    assertThat(run(ControlReply.text(ControlExit.DONE, "never"), words)).isEqualTo(2);
    assertThat(out()).isEmpty();
    assertThat(err()).isEqualTo("suture: " + message + "\nsuture --help explains.\n");
    assertThat(sent).isEmpty();
  }

  @Test
  void help_isTheWholeManualAndNeedsNoAgent() {
    String help = "";
    for (String[] words : new String[][] {{"--help"}, {"-h"}, {"help"}, {"status", "--help"}}) {
      out.reset();
      assertThat(run(ControlReply.text(ControlExit.DONE, "never"), words)).isZero();
      help = out();
      assertThat(help).startsWith("suture - security patches on this device\n");
    }
    for (CommandLine.Command command : CommandLine.Command.values()) {
      assertThat(help).contains("  " + command.word());
    }
    for (ControlExit exit : ControlExit.values()) {
      assertThat(help).contains("  " + exit.number() + "  ");
    }
    assertThat(sent).isEmpty();
  }

  @Test
  void version_isTheBuildsAndNeedsNoAgent() {
    assertThat(run(ControlReply.text(ControlExit.DONE, "never"), "version")).isZero();
    assertThat(out()).matches("suture \\d+\\.\\d+\\.\\d+\n");
    assertThat(sent).isEmpty();
  }

  private int run(ControlReply reply, String... words) {
    return cli((socket, command, file) -> {
          sent.add(socket(socket) + " " + command + file.map(one -> " " + one).orElse(""));
          return reply;
        })
        .run(List.of(words))
        .number();
  }

  private static String socket(Path path) {
    return path.toString();
  }

  private SutureCli cli(SutureCli.Agent agent) {
    return new SutureCli(
        new PrintStream(out, true, StandardCharsets.UTF_8),
        new PrintStream(err, true, StandardCharsets.UTF_8),
        agent);
  }

  private String out() {
    return out.toString(StandardCharsets.UTF_8);
  }

  private String err() {
    return err.toString(StandardCharsets.UTF_8);
  }
}
