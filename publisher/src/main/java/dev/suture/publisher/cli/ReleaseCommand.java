package dev.suture.publisher.cli;

import dev.suture.protocol.ComponentName;
import dev.suture.protocol.Level;
import dev.suture.protocol.Sha256;
import dev.suture.protocol.manifest.Advisory;
import dev.suture.protocol.manifest.Compatibility;
import dev.suture.protocol.manifest.HealthPlan;
import dev.suture.protocol.manifest.RestartScope;
import dev.suture.protocol.release.Rollout;
import dev.suture.publisher.PublisherException;
import dev.suture.publisher.advisory.AdvisoryFile;
import dev.suture.publisher.advisory.Changelog;
import dev.suture.publisher.advisory.ChangelogQuery;
import dev.suture.publisher.release.ComponentSource;
import dev.suture.publisher.release.ReleaseReport;
import dev.suture.publisher.release.ReleaseRequest;
import dev.suture.publisher.release.Releaser;
import dev.suture.publisher.workspace.BaselineRecord;
import dev.suture.publisher.workspace.Settings;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
    name = "release",
    header = "Publish one level: images in, a signed patch in the repository out.",
    description = {
      "",
      "Makes for every component a delta from the baseline's image and a full payload, applies both"
          + " with the device's own code and compares the digests, and only then writes to the"
          + " repository: payloads, manifest, metadata, and last, in one step, the timestamp. Whatever"
          + " fails or loses power on the way, the repository is as before or has the new level.",
      "",
      "Levels are cumulative: OLD.img is always the image as flashed with the baseline, never that of"
          + " another level. A letter is never used again, not even after \"withdraw\".",
      "",
      "With --sealed only an encrypted file is published, which says nothing of what is in it but its"
          + " size, model and baseline. Devices fetch and keep it; \"open\" publishes the level and"
          + " the key later, and then no device needs a download.",
      ""
    },
    customSynopsis = {
      "suture-publish release --keys DIR --repository DIR",
      "    --baseline VERSION --model MODEL --level LETTER",
      "    --component NAME=OLD.img,NEW.img...",
      "    [--advisories FILE.json...] [--changelog PKG=VERSION_OLD..VERSION_NEW,FILE...]",
      HealthOptions.SYNOPSIS,
      "    [--ring NAME] [--curve HOURS=PERCENT,...] [--floor LETTER] [--data-schema MIN..MAX]",
      "    [--sealed --seal-key FILE]",
      "    [--restart SCOPE] [--work DIR] [--low-memory] [--full-level N] [--explain DIR]",
      "    [--max-bytes N]",
      "    [--requests DIR] [--passphrase-file FILE] [--dry-run] [--json]"
    },
    optionListHeading = "Options:%n",
    footer = {
      "",
      "Example:",
      "  suture-publish release --keys keys --repository mirror --baseline 26.1 \\",
      "    --model suture-virt-arm64 --level a \\",
      "    --component tls=components/tls/old.img,components/tls/new.img \\",
      "    --changelog libssl3=3.0.20-1~deb12u2..3.0.22-1~deb12u2,changelog.Debian.gz \\",
      "    --health-https 443/=200"
    })
@SuppressWarnings("NullAway.Init") // picocli sets what it injects, and required options.
final class ReleaseCommand extends PublisherCommand {
  @Spec private CommandSpec spec;

  @Mixin private RepositoryOptions options;

  @Mixin private LevelOptions target;

  @Mixin private RolloutOptions rollout;

  @Mixin private HealthOptions health;

  @Option(
      names = "--floor",
      paramLabel = "LETTER",
      description =
          "Once this level is confirmed, devices install nothing below LETTER any more. They may go"
              + " back to base all the same, without --base-below-floor.")
  private @Nullable Level floor;

  @Option(
      names = "--base-below-floor",
      description =
          "With --floor: devices do not go back to base either, once they confirmed this level.")
  private boolean baseBelowFloor;

  @Option(
      names = "--data-schema",
      paramLabel = "MIN..MAX",
      description =
          "Versions of the device's data that this level reads; it leaves MAX behind. Default: it"
              + " does not change them.")
  private Compatibility.@Nullable DataSchema dataSchema;

  @Option(
      names = "--component",
      paramLabel = ComponentSource.FORM,
      required = true,
      arity = "1..*",
      description = "A component with its image in the baseline and its image in the patch.")
  private List<ComponentSource> components;

  @Option(
      names = "--advisories",
      paramLabel = "FILE.json",
      arity = "1..*",
      description =
          "What is fixed: a JSON list of objects with id, purl, fixed_version, cvss (or null),"
              + " summary.")
  private List<Path> advisories = new ArrayList<>();

  @Option(
      names = "--changelog",
      paramLabel = ChangelogQuery.FORM,
      arity = "1..*",
      description =
          "What is fixed: every CVE that a Debian changelog names between the two versions. Read the"
              + " list first: \"suture-publish advisories\".")
  private List<ChangelogQuery> changelogs = new ArrayList<>();

  @Option(
      names = "--restart",
      paramLabel = "SCOPE",
      defaultValue = "reboot",
      description =
          "The smallest restart that is enough: none, services, userspace (all services, and whatever"
              + " else runs old code; a device that does not allow it restarts), kexec or reboot"
              + " (default).")
  private RestartScope restart;

  @Option(
      names = "--sealed",
      description = "Publish a sealed file only, to be opened later by \"open\".")
  private boolean sealed;

  @Option(
      names = "--seal-key",
      paramLabel = "FILE",
      description =
          "With --sealed: the new file that gets the key, for its owner alone. Who has it can read"
              + " the patch; without it nobody can ever open it.")
  private @Nullable Path sealKey;

  @Option(
      names = "--work",
      paramLabel = "DIR",
      defaultValue = "${sys:java.io.tmpdir}",
      description =
          "Where payloads are made before they are published; needs about half of the images' bytes"
              + " (default ${DEFAULT-VALUE}).")
  private Path work;

  @Mixin private PayloadOptions deltas;

  ReleaseCommand(Console console) {
    super(console);
  }

  @Override
  void run() throws PublisherException {
    HealthPlan health = health();
    Settings settings = options.workspace().settings();
    Releaser releaser =
        new Releaser(
            options.repository(),
            options.authority(),
            work,
            console()::progress,
            deltas.rules(spec));
    ReleaseRequest request = request(health, readAdvisories(), settings);
    Path key = sealKey;
    ReleaseReport report =
        key == null ? releaser.release(request) : releaser.seal(request, key, options.dryRun());
    report.warnings().forEach(warning -> console().progress("warning: " + warning));
    console()
        .result(
            json(),
            options.prefix() + ReportText.table(report, deltas),
            document -> {
              document.name("dry_run").value(options.dryRun());
              ReportText.json(report, deltas, document);
            });
  }

  private ReleaseRequest request(HealthPlan health, List<Advisory> fixed, Settings settings) {
    Map<ComponentName, Sha256> bases =
        settings
            .baseline(target.model, target.baseline)
            .map(BaselineRecord::bases)
            .orElse(Map.of());
    try {
      if (floor != null && floor.compareTo(target.level) > 0) {
        throw new IllegalArgumentException(
            "--floor: expected at most " + target.level + ", the level itself, got " + floor);
      }
      Optional<Rollout> stage = rollout.stage(Instant.now());
      if (sealed != (sealKey != null)) {
        throw new IllegalArgumentException("--sealed and --seal-key: expected both or none");
      }
      if (sealed && stage.isPresent()) {
        throw new IllegalArgumentException(
            "--ring and --curve: expected none with --sealed; give them to \"open\"");
      }
      return new ReleaseRequest(
          target.baseline,
          target.model,
          target.level,
          components,
          fixed,
          health,
          restart,
          new Compatibility(
              bases.isEmpty() ? Optional.empty() : Optional.of(Compatibility.digest(bases)),
              Optional.ofNullable(floor),
              baseBelowFloor,
              Optional.ofNullable(dataSchema)),
          stage,
          bases);
    } catch (IllegalArgumentException e) {
      throw new CommandLine.ParameterException(spec.commandLine(), String.valueOf(e.getMessage()));
    }
  }

  /** Reads {@code 1..3}. */
  static Compatibility.DataSchema parseDataSchema(String text) {
    int dots = text.indexOf("..");
    try {
      return new Compatibility.DataSchema(
          Integer.parseInt(text.substring(0, Math.max(0, dots))),
          Integer.parseInt(text.substring(dots + 2)));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "expected MIN..MAX, for example 1..2, got \"" + text + "\"", e);
    }
  }

  private HealthPlan health() {
    try {
      return health.plan();
    } catch (IllegalArgumentException e) {
      throw new CommandLine.ParameterException(
          spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
  }

  private List<Advisory> readAdvisories() throws PublisherException {
    List<Advisory> all = new ArrayList<>();
    for (Path file : advisories) {
      all.addAll(AdvisoryFile.read(file));
    }
    for (ChangelogQuery query : changelogs) {
      all.addAll(Changelog.advisories(query));
    }
    return all;
  }
}
