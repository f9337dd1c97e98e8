package dev.suture.publisher.cli;

import dev.suture.protocol.Baseline;
import dev.suture.protocol.ComponentName;
import dev.suture.protocol.Level;
import dev.suture.protocol.manifest.AgentVersion;
import dev.suture.protocol.manifest.Compatibility;
import dev.suture.protocol.manifest.HealthCheck;
import dev.suture.protocol.manifest.RestartScope;
import dev.suture.protocol.release.Rollout;
import dev.suture.protocol.release.Withdrawal;
import dev.suture.protocol.tuf.RoleType;
import dev.suture.publisher.Heap;
import dev.suture.publisher.PublisherException.Details;
import dev.suture.publisher.advisory.ChangelogQuery;
import dev.suture.publisher.keys.role.KeyType;
import dev.suture.publisher.release.ComponentSource;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.TypeConversionException;

/** The command line tool {@code suture-publish}. */
@Command(
    name = "suture-publish",
    header = "Publishes small signed security patches for devices that run Suture.",
    description = {
      "",
      "A repository of The Update Framework is a folder of static files; any web server, mirror or"
          + " CDN can serve it, and none of them is trusted. Devices learn over MQTT that there is"
          + " something to look at, or find it themselves.",
      ""
    },
    versionProvider = SuturePublish.Version.class,
    commandListHeading = "Commands:%n",
    optionListHeading = "Options:%n",
    footerHeading = "%n",
    footer = {
      "Exit codes:",
      "  0  done",
      "  2  the command line is wrong; nothing was begun",
      "  3  others were asked to sign (--requests); nothing was published yet",
      "  4  refused: a rule or an input forbids it; nothing was published",
      "  5  failed: disk, memory, network, broker or the self-check; what is published is said",
      "",
      "In the order of a first patch:",
      "  suture-publish init --keys keys --repository mirror",
      "  suture-publish release --keys keys --repository mirror ...",
      "  suture-publish status --repository mirror --trust-root keys/root.json",
      "  suture-publish notify --repository mirror --fleet demo ...",
      "  suture-publish advisory --repository mirror --out advisories ...",
      "and every day:",
      "  suture-publish refresh --keys keys --repository mirror",
      "",
      "\"suture-publish COMMAND --help\" explains each."
    })
public final class SuturePublish implements Runnable {
  @CommandLine.Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it.
  private CommandSpec spec;

  private SuturePublish() {}

  /** Runs the tool and ends the process with its exit code. */
  public static void main(String[] args) {
    // UTF-8 whatever the locale: JSON has no other encoding.
    PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
    PrintStream err = new PrintStream(System.err, true, StandardCharsets.UTF_8);
    int exit = run(out, err, args);
    out.flush();
    System.exit(exit);
  }

  /**
   * Runs the tool.
   *
   * @return the exit code
   */
  static int run(PrintStream out, PrintStream err, String... args) {
    Console console = new Console(out, err);
    CommandLine line = new CommandLine(new SuturePublish());
    line.addSubcommand(new InitCommand(console));
    line.addSubcommand(new ReleaseCommand(console));
    line.addSubcommand(new OpenCommand(console));
    line.addSubcommand(new StageCommand(console));
    line.addSubcommand(new WithdrawCommand(console));
    line.addSubcommand(new RefreshCommand(console));
    line.addSubcommand(new RotateCommand(console));
    line.addSubcommand(new ImportCommand(console));
    line.addSubcommand(new NotifyCommand(console));
    line.addSubcommand(new StatusCommand(console));
    line.addSubcommand(new VerifyCommand(console));
    line.addSubcommand(new BundleCommand(console));
    line.addSubcommand(new AdvisoriesCommand(console));
    line.addSubcommand(KeyCommand.line(console));
    line.addSubcommand(new AdvisoryCommand(console));
    line.addSubcommand(
        GroupCommand.line("baseline", "Record OS releases.", new BaselineAddCommand(console)));
    line.addSubcommand(
        GroupCommand.line(
            "component",
            "Let vendors sign for components of their own.",
            new ComponentAddCommand(console),
            new ComponentImportCommand(console)));
    line.addSubcommand(
        GroupCommand.line(
            "patch",
            "What a vendor does: build and sign.",
            new PatchBuildCommand(console),
            new PatchSignCommand(console)));
    addHelp(line);
    register(line, Baseline.class, Baseline::new);
    register(line, ComponentName.class, ComponentName::new);
    register(line, Level.class, Level::new);
    register(line, ComponentSource.class, ComponentSource::parse);
    register(line, ChangelogQuery.class, ChangelogQuery::parse);
    register(line, HealthCheck.Https.class, HealthOptions::parseHttps);
    register(line, HealthCheck.Http.class, HealthOptions::parseHttp);
    register(line, HealthCheck.Mqtt.class, HealthOptions::parseMqtt);
    register(line, HealthCheck.Unit.class, HealthCheck.Unit::new);
    register(line, HealthCheck.Command.class, HealthCheck.Command::new);
    register(line, KeyType.class, KeyType::parse);
    register(line, Instant.class, SuturePublish::parseTime);
    register(line, RestartScope.class, RestartScope::ofWord);
    register(line, RoleType.class, InitCommand::parseRole);
    register(line, Rollout.Step.class, RolloutOptions::parse);
    register(line, Compatibility.DataSchema.class, ReleaseCommand::parseDataSchema);
    register(line, Withdrawal.Reach.class, Withdrawal.Reach::ofWord);
    register(line, Withdrawal.Instead.class, Withdrawal.Instead::ofWord);
    line.setOut(new PrintWriter(out, true, StandardCharsets.UTF_8));
    line.setErr(new PrintWriter(err, true, StandardCharsets.UTF_8));
    line.setOverwrittenOptionsAllowed(false);
    line.setParameterExceptionHandler((e, arguments) -> usage(console, e, arguments));
    line.setExecutionExceptionHandler(
        (e, command, parsed) ->
            e instanceof ParameterException wrong
                ? usage(console, wrong, args)
                : unexpected(console, e, Arrays.asList(args).contains("--json")));
    try {
      return line.execute(args);
    } catch (OutOfMemoryError e) {
      return console.error(
          Arrays.asList(args).contains("--json"), Heap.exhausted("run the command", e));
    } catch (Error e) {
      return unexpected(console, e, Arrays.asList(args).contains("--json"));
    }
  }

  private static void addHelp(CommandLine line) {
    line.getCommandSpec().mixinStandardHelpOptions(true);
    line.getCommandSpec().versionProvider(new Version());
    line.getCommandSpec().usageMessage().width(100);
    line.getSubcommands().values().forEach(SuturePublish::addHelp);
  }

  private static <T> void register(CommandLine line, Class<T> type, Function<String, T> parse) {
    ITypeConverter<T> converter =
        text -> {
          try {
            return parse.apply(text);
          } catch (IllegalArgumentException e) {
            throw new TypeConversionException(e.getMessage());
          }
        };
    line.registerConverter(type, converter);
  }

  private static Instant parseTime(String text) {
    try {
      return Instant.parse(text);
    } catch (DateTimeParseException e) {
      throw new IllegalArgumentException(
          "expected a time such as 2026-11-21T12:00:00Z, got \"" + text + "\"", e);
    }
  }

  private static int usage(Console console, ParameterException e, String[] args) {
    String command = e.getCommandLine().getCommandSpec().qualifiedName();
    return console.error(
        Arrays.asList(args).contains("--json"),
        "wrong command line",
        "usage",
        new Details(
            command,
            "the options that its help lists",
            String.valueOf(e.getMessage()),
            "command line",
            command + " --help"),
        Console.USAGE);
  }

  private static int unexpected(Console console, Throwable e, boolean json) {
    StringWriter trace = new StringWriter();
    e.printStackTrace(new PrintWriter(trace));
    console.progress(trace.toString());
    return console.error(
        json,
        "failed",
        "internal-error",
        new Details(
            "run the command",
            "no exception",
            e.toString(),
            "the stack trace above",
            "look at \"suture-publish status\" before anything else, and report this as a bug"),
        Console.FAILED);
  }

  /** Without a command. */
  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "no command");
  }

  /** What {@code --version} prints. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {"suture-publish " + AgentVersion.CURRENT};
    }
  }
}
