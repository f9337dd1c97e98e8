package dev.suture.agent;

import dev.suture.attempt.ProbationTerms;
import dev.suture.background.BackgroundLimits;
import dev.suture.background.Resource;
import dev.suture.live.UserspaceTerms;
import dev.suture.protocol.Baseline;
import dev.suture.protocol.ComponentName;
import dev.suture.protocol.Sha256;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.json.Fields;
import dev.suture.protocol.json.StrictJson;
import dev.suture.protocol.manifest.Compatibility.DataSchema;
import dev.suture.protocol.manifest.ImageIdentity;
import dev.suture.protocol.manifest.ManifestCodec;
import dev.suture.protocol.manifest.OsParts;
import dev.suture.trust.ManifestVerifier.DeviceIdentity;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What the OS image says about the device: {@code /etc/suture/agent.json}, read-only, below
 * dm-verity.
 *
 * @param baseline the OS release
 * @param model the device model
 * @param fleet the fleet that it belongs to
 * @param trustRoot path of the trust root
 * @param deviceConfig path of what is this device's own
 * @param stateDir where the agent keeps its state
 * @param slotsDir where slots A and B are
 * @param activationDevice the raw partition of the activation record, or of its details; empty
 *     where it is in an environment and nothing is said
 * @param controlSocket where {@code suture} reaches the agent
 * @param components the components with their base images
 * @param dataSchema which data the OS release itself reads and leaves
 * @param services what can be restarted by itself, those first that others need
 * @param userspace how the userspace is restarted where services are not enough, if it may be
 * @param checks what the device checks itself, if it does
 * @param probation how long what was confirmed is watched
 * @param background when work in the background gives way
 * @param os where the parts of the OS are, if patches can bring them
 * @param bootControl where agent and bootloader meet
 */
public record DeviceConfig(
    Baseline baseline,
    String model,
    String fleet,
    String trustRoot,
    String deviceConfig,
    String stateDir,
    String slotsDir,
    String activationDevice,
    String controlSocket,
    List<Component> components,
    DataSchema dataSchema,
    List<Service> services,
    Optional<UserspaceTerms> userspace,
    Optional<Checks> checks,
    ProbationTerms probation,
    Background background,
    Optional<OsConfig> os,
    BootControlConfig bootControl) {
  /** Longest configuration that is read. */
  public static final int BYTES_MAX = 64 << 10;

  private static final int COMPONENTS_MAX = 32;
  private static final int SERVICES_MAX = 64;
  private static final int STAYS_MAX = 32;
  private static final int COMMAND_WORDS_MAX = 32;
  private static final int TIMEOUT_SECONDS_MAX = 600;
  private static final int CHECK_SECONDS = 30;
  private static final int PERCENT = 100;
  private static final int KIB_PER_SECOND_MAX = 1 << 24;
  private static final long KIB = 1024;
  private static final int PRESSURE_MINUTES = 60;
  private static final int PRESSURE_MINUTES_MAX = 7 * 24 * 60;
  private static final long MILLIS_PER_SECOND = 1_000;
  private static final long MILLIS_PER_MINUTE = 60_000;
  private static final int CELSIUS_MAX = 150;
  private static final int UNIT_CHARS_MAX = 255;
  private static final Pattern UNIT =
      Pattern.compile("[A-Za-z0-9:_.\\\\][A-Za-z0-9:_.\\\\-]*(@[A-Za-z0-9:_.\\\\-]+)?\\.service");
  private static final Pattern PROGRAM = Pattern.compile("[!-~]([ -~]{0,13}[!-~])?");
  private static final String USER_MANAGER = "user@";
  private static final Pattern USER = Pattern.compile("[a-z_][a-z0-9_-]{0,31}");

  /** Copies the lists. */
  public DeviceConfig {
    components = Collections.unmodifiableList(new ArrayList<>(components));
    services = Collections.unmodifiableList(new ArrayList<>(services));
  }

  /**
   * One component of the OS, or a part of the OS itself.
   *
   * @param name its name
   * @param baseImage path of its base image
   * @param mount where it is mounted; nowhere, if it is one of the {@link OsParts}
   * @param base identity of the base image
   */
  public record Component(
      ComponentName name, String baseImage, Optional<String> mount, ImageIdentity base) {
    static Component read(Fields component, Optional<String> mount) {
      return new Component(
          component.parsed("name", ComponentName::new),
          component.text("base_image"),
          mount,
          new ImageIdentity(
              component.integer("size", 1, ImageIdentity.BYTES_MAX),
              component.parsed("sha256", Sha256::ofHex),
              component.parsed("verity_root", Sha256::ofHex),
              component.parsed("verity_salt", Sha256::ofHex)));
    }
  }

  /**
   * A service that can be restarted by itself, known by its pid file or as a unit of systemd.
   *
   * @param name for people
   * @param pidFile path of the file with the number of its first process; its descendants belong to
   *     it as well. Whoever started it starts it again when it ends
   * @param unit systemd's own name of it, as in {@code nginx.service}
   * @param restart of one with a pid file: the command that restarts it, and its arguments; without
   *     one the first process gets SIGTERM
   * @param stop of one with a pid file: the command that ends it for as long as nobody starts it,
   *     and its arguments; empty if there is none, as {@code start}
   * @param start the command that starts what was stopped so
   * @param timeoutSeconds how long its processes may take to end, and then how long it may take to
   *     be up again; what has not ended by then is killed. 0 if it is never restarted
   * @param isNeverRestarted whether it goes on with old code until somebody else restarts it
   */
  public record Service(
      String name,
      Optional<String> pidFile,
      Optional<String> unit,
      List<String> restart,
      List<String> stop,
      List<String> start,
      int timeoutSeconds,
      boolean isNeverRestarted) {
    /** Copies the lists. */
    public Service {
      restart = Collections.unmodifiableList(new ArrayList<>(restart));
      stop = Collections.unmodifiableList(new ArrayList<>(stop));
      start = Collections.unmodifiableList(new ArrayList<>(start));
    }

    /** One that is known by its pid file. */
    public static Service ofPidFile(
        String name, String pidFile, List<String> restart, int timeoutSeconds) {
      return new Service(
          name,
          Optional.of(pidFile),
          Optional.empty(),
          restart,
          new ArrayList<>(),
          new ArrayList<>(),
          timeoutSeconds,
          false);
    }

    /** The same one, which can be stopped as well. */
    public Service stopped(List<String> byStop, List<String> andStart) {
      return new Service(
          name, pidFile, unit, restart, byStop, andStart, timeoutSeconds, isNeverRestarted);
    }

    /** The same one, which must not be restarted. */
    public Service neverRestarted() {
      return new Service(name, pidFile, unit, restart, stop, start, 0, true);
    }

    /** One that systemd runs. */
    public static Service ofUnit(String name, String unit, int timeoutSeconds) {
      return new Service(
          name,
          Optional.empty(),
          Optional.of(unit),
          new ArrayList<>(),
          new ArrayList<>(),
          new ArrayList<>(),
          timeoutSeconds,
          false);
    }
  }

  /**
   * Checks of the device's own.
   *
   * @param path where {@code required.d}, {@code wanted.d} and {@code asked.d} are
   * @param seconds how long one check may take
   * @param user who runs them, if not root; its group has the same name
   */
  public record Checks(String path, int seconds, Optional<String> user) {}

  /**
   * When work in the background gives way.
   *
   * @param limits what the device's state may be
   * @param inhibitors path of the directory in which every file keeps work from being done
   * @param inhibitCommand a program that says whether work may be done, and its arguments
   * @param systemdInhibit whether root's inhibitors at systemd keep work from being done as well
   */
  public record Background(
      BackgroundLimits limits,
      Optional<String> inhibitors,
      Optional<List<String>> inhibitCommand,
      boolean systemdInhibit) {
    /** To nothing. */
    public static final Background UNLIMITED =
        new Background(BackgroundLimits.NONE, Optional.empty(), Optional.empty(), false);

    /** Copies the list. */
    public Background {
      inhibitCommand =
          inhibitCommand.map(words -> Collections.unmodifiableList(new ArrayList<>(words)));
    }
  }

  /**
   * Reads the configuration. An unknown key is refused: a misspelt one must not weaken anything.
   *
   * @throws DeviceException {@code CONFIG_INVALID}, with the key
   */
  public static DeviceConfig decode(byte[] bytes) throws DeviceException {
    try {
      Fields config =
          StrictJson.parse("agent.json", bytes, BYTES_MAX)
              .onlyThese(
                  "baseline",
                  "model",
                  "fleet",
                  "trust_root",
                  "device_config",
                  "state_dir",
                  "slots_dir",
                  "activation_device",
                  "control_socket",
                  "components",
                  "data_schema",
                  "services",
                  "userspace",
                  "checks",
                  "check_seconds",
                  "check_user",
                  "probation",
                  "background",
                  "os",
                  "boot_control");
      BootControlConfig bootControl = BootControlConfig.read(config);
      List<Component> components = new ArrayList<>();
      for (Fields component : config.objects("components", COMPONENTS_MAX)) {
        component.onlyThese(
            "name", "base_image", "mount", "size", "sha256", "verity_root", "verity_salt");
        components.add(mounted(Component.read(component, Optional.of(component.text("mount")))));
      }
      List<Service> services = services(config);
      return new DeviceConfig(
          config.parsed("baseline", Baseline::new),
          config.text("model"),
          config.text("fleet"),
          config.text("trust_root"),
          config.text("device_config"),
          config.text("state_dir"),
          config.text("slots_dir"),
          bootControl.kind() == BootControlConfig.Kind.ENVIRONMENT
              ? config.optionalText("activation_device").orElse("")
              : config.text("activation_device"),
          config.text("control_socket"),
          components,
          config
              .optionalObject("data_schema")
              .map(
                  range ->
                      new DataSchema(
                          range
                              .onlyThese("min", "max")
                              .smallInteger("min", 1, DataSchema.VERSION_MAX),
                          range.smallInteger("max", 1, DataSchema.VERSION_MAX)))
              .orElse(DataSchema.FIRST),
          services,
          userspace(config, services),
          checks(config),
          config
              .optionalObject("probation")
              .map(ProbationTerms::read)
              .orElse(ProbationTerms.DEFAULT),
          background(config),
          OsConfig.read(config),
          bootControl);
    } catch (IllegalArgumentException e) {
      throw new DeviceException(FailureCode.CONFIG_INVALID, String.valueOf(e.getMessage()), e);
    }
  }

  private static Component mounted(Component component) {
    if (OsParts.contain(component.name())) {
      throw new IllegalArgumentException(
          "components: expected none of the name "
              + component.name()
              + ", which a part of the OS has");
    }
    return component;
  }

  /** The same device, knowing these parts of its OS as well. */
  public DeviceConfig withParts(List<Component> parts) {
    List<Component> all = new ArrayList<>(components);
    all.addAll(parts);
    return new DeviceConfig(
        baseline,
        model,
        fleet,
        trustRoot,
        deviceConfig,
        stateDir,
        slotsDir,
        activationDevice,
        controlSocket,
        all,
        dataSchema,
        services,
        userspace,
        checks,
        probation,
        background,
        os,
        bootControl);
  }

  private static List<Service> services(Fields config) {
    if (!config.has("services")) {
      return new ArrayList<>();
    }
    Map<String, Service> services = new LinkedHashMap<>();
    Set<String> units = new HashSet<>();
    for (Fields fields : config.objects("services", SERVICES_MAX)) {
      Service service = service(fields);
      if (services.put(service.name(), service) != null) {
        throw new IllegalArgumentException(
            "services: expected distinct names, got \"" + service.name() + "\" twice");
      }
      if (service.unit().isPresent() && !units.add(service.unit().get())) {
        throw new IllegalArgumentException(
            "services: expected distinct units, got " + service.unit().get() + " twice");
      }
    }
    return new ArrayList<>(services.values());
  }

  private static Service service(Fields fields) {
    fields.onlyThese(
        "name", "pid_file", "unit", "restart", "stop", "start", "timeout_seconds", "never_restart");
    if (fields.has("never_restart") && fields.bool("never_restart")) {
      return neverRestarted(fields);
    }
    String name = fields.text("name");
    int timeoutSeconds = fields.smallInteger("timeout_seconds", 1, TIMEOUT_SECONDS_MAX);
    requirePidFileOrUnit(fields);
    if (fields.has("stop") != fields.has("start")) {
      throw new IllegalArgumentException(
          fields.path() + ": expected both or neither of stop and start, got one");
    }
    if (fields.has("pid_file") && fields.has("stop") && !fields.has("restart")) {
      throw new IllegalArgumentException(
          fields.path()
              + ": expected restart beside stop and start: whoever has to start it would not know"
              + " that it ended, got none");
    }
    if (fields.has("pid_file")) {
      return Service.ofPidFile(
              name,
              fields.parsed("pid_file", DeviceConfig::absolute),
              optionalCommand(fields, "restart"),
              timeoutSeconds)
          .stopped(optionalCommand(fields, "stop"), optionalCommand(fields, "start"));
    }
    if (fields.has("restart") || fields.has("stop")) {
      throw new IllegalArgumentException(
          fields.path()
              + ": expected restart, stop and start beside pid_file alone: systemd restarts its"
              + " units");
    }
    return Service.ofUnit(name, fields.parsed("unit", DeviceConfig::unit), timeoutSeconds);
  }

  private static void requirePidFileOrUnit(Fields fields) {
    if (fields.has("pid_file") == fields.has("unit")) {
      throw new IllegalArgumentException(
          fields.path()
              + ": expected pid_file or unit, got "
              + (fields.has("unit") ? "both" : "neither"));
    }
  }

  private static Service neverRestarted(Fields fields) {
    for (String key : Arrays.asList("restart", "stop", "start", "timeout_seconds")) {
      if (fields.has(key)) {
        throw new IllegalArgumentException(
            fields.path() + ": expected no " + key + " beside never_restart, got it");
      }
    }
    requirePidFileOrUnit(fields);
    String name = fields.text("name");
    return (fields.has("unit")
            ? Service.ofUnit(name, fields.parsed("unit", DeviceConfig::unit), 0)
            : Service.ofPidFile(
                name, fields.parsed("pid_file", DeviceConfig::absolute), new ArrayList<>(), 0))
        .neverRestarted();
  }

  /**
   * No pattern, nothing that could be taken for an option, no template, and nobody's whole session.
   */
  private static String unit(String name) {
    if (name.length() > UNIT_CHARS_MAX
        || !UNIT.matcher(name).matches()
        || name.startsWith(USER_MANAGER)) {
      throw new IllegalArgumentException(
          "expected the name of a service's unit, such as nginx.service, got \"" + name + "\"");
    }
    return name;
  }

  /**
   * Without a word about it, what services are not enough for restarts the device. Who may be
   * restarted does not stay.
   */
  private static Optional<UserspaceTerms> userspace(Fields config, List<Service> services) {
    if (!config.has("userspace")) {
      return Optional.empty();
    }
    Fields userspace = config.object("userspace").onlyThese("timeout_seconds", "stays");
    List<String> stays =
        userspace.has("stays") ? userspace.texts("stays", STAYS_MAX) : new ArrayList<>();
    for (String one : stays) {
      requireStaying(userspace.path() + ".stays", one);
      for (Service service : services) {
        if (one.equals(service.name()) || service.unit().filter(one::equals).isPresent()) {
          throw new IllegalArgumentException(
              userspace.path() + ".stays: expected none of the services, got \"" + one + "\"");
        }
      }
    }
    return Optional.of(
        new UserspaceTerms(
            new HashSet<>(stays),
            userspace.smallInteger("timeout_seconds", 1, TIMEOUT_SECONDS_MAX) * MILLIS_PER_SECOND));
  }

  /** A unit, or what the kernel calls a program: a longer name would never be met. */
  private static void requireStaying(String path, String name) {
    if (name.endsWith(UserspaceTerms.UNIT_SUFFIX)) {
      unit(name);
    } else if (!PROGRAM.matcher(name).matches()) {
      throw new IllegalArgumentException(
          path
              + ": expected a unit, or a program's name of at most 15 characters, as in"
              + " /proc/PID/comm, got \""
              + name
              + "\"");
    }
  }

  private static List<String> optionalCommand(Fields fields, String name) {
    return fields.has(name) ? command(fields, name) : new ArrayList<>();
  }

  private static Optional<Checks> checks(Fields config) {
    boolean hasSeconds = config.has("check_seconds");
    if (config.has("checks")) {
      return Optional.of(
          new Checks(
              config.parsed("checks", DeviceConfig::absolute),
              hasSeconds
                  ? config.smallInteger("check_seconds", 1, TIMEOUT_SECONDS_MAX)
                  : CHECK_SECONDS,
              config.has("check_user")
                  ? Optional.of(config.parsed("check_user", DeviceConfig::user))
                  : Optional.empty()));
    }
    if (hasSeconds || config.has("check_user")) {
      throw new IllegalArgumentException(
          "check_seconds, check_user: expected beside checks, got them alone");
    }
    return Optional.empty();
  }

  private static String user(String name) {
    if (!USER.matcher(name).matches()) {
      throw new IllegalArgumentException("expected a user's name, got \"" + name + "\"");
    }
    return name;
  }

  private static List<String> command(Fields fields, String name) {
    List<String> command = fields.texts(name, COMMAND_WORDS_MAX);
    if (command.isEmpty()) {
      throw new IllegalArgumentException(
          fields.path() + "." + name + ": expected a command, got no word");
    }
    return command;
  }

  private static Background background(Fields config) {
    if (!config.has("background")) {
      return Background.UNLIMITED;
    }
    Fields background =
        config
            .object("background")
            .onlyThese(
                "kib_per_second",
                "cpu_pressure_percent",
                "io_pressure_percent",
                "memory_pressure_percent",
                "pressure_minutes",
                "battery_percent",
                "celsius",
                "inhibitors",
                "inhibit_command",
                "systemd_inhibit");
    Map<Resource, Integer> pressure = new EnumMap<>(Resource.class);
    for (Resource resource : Resource.values()) {
      optional(background, resource.word() + "_pressure_percent", 0, PERCENT - 1)
          .ifPresent(percent -> pressure.put(resource, percent));
    }
    if (pressure.isEmpty() && background.has("pressure_minutes")) {
      throw new IllegalArgumentException(
          background.path()
              + ".pressure_minutes: expected beside a limit of pressure, got it alone");
    }
    return new Background(
        new BackgroundLimits(
            optional(background, "kib_per_second", 1, KIB_PER_SECOND_MAX).map(kib -> kib * KIB),
            pressure,
            optional(background, "pressure_minutes", 1, PRESSURE_MINUTES_MAX)
                    .orElse(PRESSURE_MINUTES)
                * MILLIS_PER_MINUTE,
            optional(background, "battery_percent", 1, PERCENT),
            optional(background, "celsius", 1, CELSIUS_MAX)),
        background.has("inhibitors")
            ? Optional.of(background.parsed("inhibitors", DeviceConfig::absolute))
            : Optional.empty(),
        background.has("inhibit_command")
            ? Optional.of(command(background, "inhibit_command"))
            : Optional.empty(),
        background.has("systemd_inhibit") && background.bool("systemd_inhibit"));
  }

  private static Optional<Integer> optional(Fields fields, String name, int least, int most) {
    return fields.has(name)
        ? Optional.of(fields.smallInteger(name, least, most))
        : Optional.empty();
  }

  static String absolute(String path) {
    if (!path.startsWith("/")) {
      throw new IllegalArgumentException("expected an absolute path, got \"" + path + "\"");
    }
    return path;
  }

  /** The path of some statement about each component: whoever vouches for it is known by it. */
  List<String> statementPaths() {
    List<String> paths = new ArrayList<>();
    for (Component component : components) {
      paths.add(ManifestCodec.statementPath(component.name(), component.base().sha256()));
    }
    return paths;
  }

  /** What a patch must match. */
  public DeviceIdentity identity() {
    Map<ComponentName, Sha256> bases = new LinkedHashMap<>();
    for (Component component : components) {
      bases.put(component.name(), component.base().sha256());
    }
    return new DeviceIdentity(baseline, model, bases);
  }
}
