package dev.suture.arm64.check;

import dev.suture.agent.DeviceConfig;
import dev.suture.arm64.process.BoundedProcess;
import dev.suture.health.CheckResult;
import dev.suture.health.DeviceChecks;
import dev.suture.protocol.Level;
import dev.suture.protocol.manifest.HealthCheck;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Programs in {@code required.d} and {@code wanted.d} as checks, and those in {@code asked.d} that
 * a patch asks for. Exit code 0: passed; 21: not yet; all else: failed. docs/checks.md says what
 * they may expect.
 */
public final class Scripts implements DeviceChecks {
  private static final String SETPRIV = "/usr/bin/setpriv";
  private static final String SEARCH_PATH = "/usr/sbin:/usr/bin:/sbin:/bin";
  private static final int OUTPUT_BYTES_MAX = 4096;
  private static final int PASSED = 0;
  private static final int NOT_YET = 21;
  private static final long MILLIS = 1_000;

  private final DeviceConfig.Checks config;
  private final BoundedProcess process;
  private final CheckDirectory required;
  private final CheckDirectory wanted;
  private final CheckDirectory asked;

  /**
   * The checks of the configuration; what is there is looked up at each run.
   *
   * @param progress called while a check has time left
   */
  public Scripts(DeviceConfig.Checks config, Runnable progress) {
    this.config = config;
    this.process = new BoundedProcess(OUTPUT_BYTES_MAX, progress);
    this.required = new CheckDirectory(Path.of(config.path()), "required.d");
    this.wanted = new CheckDirectory(Path.of(config.path()), "wanted.d");
    this.asked = new CheckDirectory(Path.of(config.path()), "asked.d");
  }

  @Override
  public Optional<String> refusal(HealthCheck.Command command) {
    return asked.named(command.name()).refused();
  }

  @Override
  public List<CheckResult> run(Level level, List<HealthCheck.Command> commands) {
    List<CheckDirectory.Found> needed = new ArrayList<>(required.list());
    commands.forEach(command -> needed.add(asked.named(command.name())));
    List<CheckResult> results = new ArrayList<>();
    for (CheckDirectory.Found check : needed) {
      CheckResult result = result(check, true, level);
      results.add(result);
      if (result.kind() == CheckResult.Kind.FAILED) {
        return results;
      }
    }
    for (CheckDirectory.Found check : wanted.list()) {
      results.add(result(check, false, level));
    }
    return results;
  }

  private CheckResult result(CheckDirectory.Found check, boolean isRequired, Level level) {
    if (check.refused().isPresent()) {
      return new CheckResult(
          check.name(), isRequired, CheckResult.Kind.FAILED, check.refused().get());
    }
    try {
      BoundedProcess.Ended ended =
          process.run(
              command(check.file()),
              Map.of("PATH", SEARCH_PATH, "SUTURE_LEVEL", level.letters()),
              config.seconds() * MILLIS);
      return new CheckResult(check.name(), isRequired, kind(ended), said(ended));
    } catch (IOException e) {
      return new CheckResult(
          check.name(), isRequired, CheckResult.Kind.FAILED, "cannot be run: " + e.getMessage());
    }
  }

  private List<String> command(Path check) {
    return config
        .user()
        .map(
            user ->
                List.of(
                    SETPRIV,
                    "--reuid=" + user,
                    "--regid=" + user,
                    "--init-groups",
                    check.toString()))
        .orElse(List.of(check.toString()));
  }

  private static CheckResult.Kind kind(BoundedProcess.Ended ended) {
    return switch (ended.code().orElse(-1)) {
      case PASSED -> CheckResult.Kind.PASSED;
      case NOT_YET -> CheckResult.Kind.NOT_YET;
      default -> CheckResult.Kind.FAILED;
    };
  }

  private String said(BoundedProcess.Ended ended) {
    String how =
        ended.code().isPresent()
            ? "exit code " + ended.code().getAsInt()
            : "expected an end within " + config.seconds() + " s, got none";
    return ended.lastLine().isEmpty() ? how : how + ": " + ended.lastLine();
  }
}
