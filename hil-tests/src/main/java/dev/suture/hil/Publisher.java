package dev.suture.hil;

import dev.suture.protocol.Baseline;
import dev.suture.protocol.Level;
import dev.suture.protocol.failure.RejectedException;
import dev.suture.protocol.manifest.Manifest;
import dev.suture.protocol.manifest.ManifestCodec;
import dev.suture.protocol.release.LevelEntry;
import dev.suture.protocol.tuf.FileNames;
import dev.suture.protocol.tuf.RoleType;
import dev.suture.protocol.tuf.SignedMetadata;
import dev.suture.protocol.tuf.SnapshotMetadata;
import dev.suture.protocol.tuf.TargetsMetadata;
import dev.suture.protocol.tuf.TimestampMetadata;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Publishes as a user would: every call runs the program {@code suture-publish} with a command line
 * that could be typed.
 */
public final class Publisher {
  /** The OS release that {@code qemu/build} makes. */
  public static final String BASELINE = "26.1";

  /** The device that {@code qemu/build} makes. */
  public static final String MODEL = "suture-virt-arm64";

  /** The fleet that it belongs to. */
  public static final String FLEET = "demo";

  private static final Duration RELEASE_LIMIT = Duration.ofMinutes(25);
  private static final Duration NOTIFY_LIMIT = Duration.ofMinutes(1);

  private final Path keys;
  private final Path repository;
  private final Path log;
  private final Consumer<String> commandEcho;
  private final Consumer<String> outputEcho;

  /**
   * A publisher with its keys and its repository.
   *
   * @param keys folder that {@code suture-publish init} made
   * @param repository folder that gets what is published
   * @param log gets all output; appended to
   * @param commandEcho gets every command line before it runs
   * @param outputEcho gets every line of output
   */
  public Publisher(
      Path keys,
      Path repository,
      Path log,
      Consumer<String> commandEcho,
      Consumer<String> outputEcho) {
    this.keys = keys;
    this.repository = repository;
    this.log = log;
    this.commandEcho = commandEcho;
    this.outputEcho = outputEcho;
  }

  /** Same keys and log, another repository. */
  public Publisher withRepository(Path other) {
    return new Publisher(keys, other, log, commandEcho, outputEcho);
  }

  /** Same repository and log, other keys. */
  public Publisher withKeys(Path other) {
    return new Publisher(other, repository, log, commandEcho, outputEcho);
  }

  /** The folder with what is published. */
  public Path repository() {
    return repository;
  }

  /** The folder with the keys. */
  public Path keys() {
    return keys;
  }

  /**
   * What a component becomes.
   *
   * @param name of the component
   * @param base its image in the baseline
   * @param image its new image
   */
  public record Change(String name, Path base, Path image) {
    /** From the component's base image to the one of this variant. */
    public static Change to(String variant, String component) {
      return new Change(
          component,
          ComponentImage.of(component, "old").file(),
          ComponentImage.of(component, variant).file());
    }
  }

  /**
   * What the OS becomes: both of its parts.
   *
   * @param variant as {@code qemu/build-os-patch} names it
   */
  public static List<Change> os(String variant) {
    return Stream.of("os", "boot")
        .map(
            part ->
                new Change(
                    part,
                    Project.osPatchFile("base", part + ".img"),
                    Project.osPatchFile(variant, part + ".img")))
        .toList();
  }

  /**
   * One level to publish.
   *
   * @param baseline for which OS release
   * @param model for which device
   * @param level its letter
   * @param changes at least one
   * @param healthDeadlineSeconds how long the device's services may take to answer
   * @param fullLevel how hard full payloads are compressed
   * @param moreArguments added to the command line as they are
   */
  public record Release(
      String baseline,
      String model,
      String level,
      List<Change> changes,
      int healthDeadlineSeconds,
      int fullLevel,
      List<String> moreArguments) {
    /** Full payloads are hardly ever fetched, and compressing them well takes minutes. */
    private static final int FAST = 3;

    private static final int SMALLEST = 19;

    /** A level for the device that {@code qemu/build} makes. */
    public static Release of(String level, Change... changes) {
      return new Release(BASELINE, MODEL, level, List.of(changes), 120, FAST, List.of());
    }

    /** Same level with another time limit for health. */
    public Release withHealthDeadline(int seconds) {
      return new Release(baseline, model, level, changes, seconds, fullLevel, moreArguments);
    }

    /** Same level with full payloads as small as an operator has them. */
    public Release smallest() {
      return new Release(
          baseline, model, level, changes, healthDeadlineSeconds, SMALLEST, moreArguments);
    }

    /** Same level for another OS release. */
    public Release withBaseline(String other) {
      return new Release(
          other, model, level, changes, healthDeadlineSeconds, fullLevel, moreArguments);
    }

    /** Same level for another device model. */
    public Release withModel(String other) {
      return new Release(
          baseline, other, level, changes, healthDeadlineSeconds, fullLevel, moreArguments);
    }

    /** Same level with more arguments on the command line. */
    public Release with(List<String> arguments) {
      List<String> all = new ArrayList<>(moreArguments);
      all.addAll(arguments);
      return new Release(baseline, model, level, changes, healthDeadlineSeconds, fullLevel, all);
    }
  }

  /** Makes keys in the folder of keys. */
  public void makeKeys() {
    run(List.of("init", "--keys", keys.toString(), "--unencrypted"), NOTIFY_LIMIT).orThrow();
  }

  /** Makes an empty repository of the keys that are there. */
  public CommandResult makeRepository() {
    return publish(NOTIFY_LIMIT, "init", List.of());
  }

  /** Takes a level back; {@code reach} and {@code instead} as on the command line. */
  public CommandResult withdraw(String level, String reach, String instead) {
    return publish(
        NOTIFY_LIMIT,
        "withdraw",
        List.of(
            "--baseline",
            BASELINE,
            "--model",
            MODEL,
            "--level",
            level,
            "--reach",
            reach,
            "--instead",
            instead));
  }

  /** Publishes a level; its files are in the repository on return. Makes the repository first. */
  public CommandResult release(Release release) {
    if (!Files.exists(repository.resolve("metadata"))) {
      makeRepository();
    }
    List<String> words =
        new ArrayList<>(
            List.of(
                "--baseline",
                release.baseline(),
                "--model",
                release.model(),
                "--level",
                release.level()));
    for (Change change : release.changes()) {
      words.add("--component");
      words.add(change.name() + "=" + shown(change.base()) + "," + shown(change.image()));
    }
    words.addAll(
        List.of(
            "--health-https",
            "443/=200",
            "--health-deadline",
            Integer.toString(release.healthDeadlineSeconds()),
            "--health-settle",
            "3",
            "--full-level",
            Integer.toString(release.fullLevel())));
    words.addAll(release.moreArguments());
    return publish(RELEASE_LIMIT, "release", words);
  }

  /** Publishes a level as a sealed file; what opens it goes to this file. */
  public CommandResult seal(Release release, Path sealKey) {
    return release(release.with(List.of("--sealed", "--seal-key", shown(sealKey))));
  }

  /** Publishes what opens a sealed file. */
  public CommandResult open(Path sealKey) {
    return publish(RELEASE_LIMIT, "open", List.of("--seal-key", shown(sealKey)));
  }

  /** Makes a bundle of the newest level, with deltas only. */
  public CommandResult bundle(Path file) {
    return run(
            List.of(
                "bundle",
                "--repository",
                shown(repository),
                "--trust-root",
                shown(keys.resolve("root.json")),
                "--baseline",
                BASELINE,
                "--model",
                MODEL,
                "--no-full",
                "--out",
                shown(file)),
            RELEASE_LIMIT)
        .orThrow();
  }

  /** Sends the retained notice; the broker has it on return. */
  public CommandResult notice(Broker broker) {
    return run(
            List.of(
                "notify",
                "--repository",
                shown(repository),
                "--fleet",
                FLEET,
                "--broker-uri",
                "ssl://127.0.0.1:" + broker.port(),
                "--ca-file",
                shown(broker.caFile()),
                "--username",
                broker.publisher().name(),
                "--password-file",
                shown(broker.passwordFile(broker.publisher()))),
            NOTIFY_LIMIT)
        .orThrow();
  }

  /** Runs a command that signs and writes. */
  private CommandResult publish(Duration limit, String command, List<String> more) {
    List<String> words =
        new ArrayList<>(List.of(command, "--keys", shown(keys), "--repository", shown(repository)));
    words.addAll(more);
    return run(words, limit).orThrow();
  }

  /** Runs the program with any arguments, from the project's folder. */
  public CommandResult run(List<String> arguments, Duration limit) {
    List<String> command = new ArrayList<>(List.of(shown(Project.publisher())));
    command.addAll(arguments);
    commandEcho.accept(Shell.line(command));
    return HostProcess.run(
        command, limit, Map.of("JAVA_HOME", System.getProperty("java.home")), log, outputEcho);
  }

  // Short where it is below the current folder: people read these command lines.
  private static String shown(Path path) {
    Path here = Path.of("").toAbsolutePath();
    Path there = path.toAbsolutePath().normalize();
    return there.startsWith(here) ? here.relativize(there).toString() : there.toString();
  }

  /** The levels as published; nobody's signature is looked at here. */
  public List<LevelEntry> levels() {
    try {
      TimestampMetadata timestamp =
          new TimestampMetadata(read(RoleType.TIMESTAMP, FileNames.metadata("timestamp")));
      SnapshotMetadata snapshot =
          new SnapshotMetadata(
              read(
                  RoleType.SNAPSHOT,
                  FileNames.metadata(timestamp.snapshot().version(), "snapshot")));
      long version = snapshot.role("targets").orElseThrow().version();
      List<LevelEntry> levels = new ArrayList<>();
      new TargetsMetadata(read(RoleType.TARGETS, FileNames.metadata(version, "targets")))
          .targets()
          .forEach((path, file) -> LevelEntry.read(path, file, true).ifPresent(levels::add));
      return levels;
    } catch (IOException | IllegalArgumentException e) {
      throw new HarnessException("repository " + repository + ": cannot be read", e);
    }
  }

  private SignedMetadata read(RoleType role, String name) throws IOException {
    byte[] bytes = Files.readAllBytes(repository.resolve("metadata").resolve(name));
    return SignedMetadata.decode(role, name, bytes, bytes.length);
  }

  /** The manifest of this level of {@link #BASELINE} as published. */
  public Manifest manifest(String level) {
    Optional<LevelEntry> entry =
        levels().stream()
            .filter(candidate -> candidate.level().equals(new Level(level)))
            .filter(candidate -> candidate.baseline().equals(new Baseline(BASELINE)))
            .findFirst();
    if (entry.isEmpty()) {
      throw new HarnessException(
          "repository " + repository + ": expected level " + level + ", it is not listed");
    }
    try {
      return ManifestCodec.decode(
          Files.readAllBytes(repository.resolve(entry.get().manifest().path())));
    } catch (IOException | RejectedException e) {
      throw new HarnessException(
          "repository " + repository + ": manifest of " + level + " cannot be read", e);
    }
  }
}
