package dev.suture.arm64.daemon;

import dev.suture.agent.AgentParts;
import dev.suture.agent.Clock;
import dev.suture.agent.DeviceConfig;
import dev.suture.agent.DeviceSettings;
import dev.suture.agent.OsConfig;
import dev.suture.agent.PatchAgent;
import dev.suture.agent.ProcessFigures;
import dev.suture.agent.Startup;
import dev.suture.arm64.background.IdleClass;
import dev.suture.arm64.background.LinuxSensors;
import dev.suture.arm64.check.Scripts;
import dev.suture.arm64.control.ControlServer;
import dev.suture.arm64.device.ComponentMounter;
import dev.suture.arm64.device.LoopDevices;
import dev.suture.arm64.device.Mounts;
import dev.suture.arm64.device.ProcessMemory;
import dev.suture.arm64.device.ReadBack;
import dev.suture.arm64.device.Readiness;
import dev.suture.arm64.device.VerityDevices;
import dev.suture.arm64.device.Watchdog;
import dev.suture.arm64.live.DeviceServices;
import dev.suture.arm64.live.OldDevices;
import dev.suture.arm64.live.ProcessTable;
import dev.suture.arm64.live.SystemState;
import dev.suture.arm64.live.UnitProbe;
import dev.suture.durable.NioFiles;
import dev.suture.health.DeviceChecks;
import dev.suture.health.LocalProbe;
import dev.suture.link.PemTrust;
import dev.suture.link.http.HttpPayloadSource;
import dev.suture.link.mqtt.MqttLink;
import dev.suture.link.mqtt.MqttSettings;
import dev.suture.protocol.ComponentName;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.manifest.RestartScope;
import dev.suture.slot.BootControl;
import dev.suture.slot.SlotFiles;
import dev.suture.store.Journal;
import dev.suture.store.MetadataStore;
import dev.suture.trust.DeviceTrust;
import dev.suture.trust.ManifestVerifier;
import dev.suture.trust.TrustAnchor;
import dev.suture.trust.TrustState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import javax.net.ssl.SSLContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The daemon {@code suture-agent}, first service of the device. In this order: read what the OS
 * image says; mount the active slot; say that the components are ready; then everything that needs
 * the network. What fails late takes nothing away from what was done early: with broken settings of
 * its own the device still runs its patch, with a broken OS configuration it runs base.
 *
 * <p>Exit code 1: refused to start, the log's last line says why.
 */
public final class AgentMain {
  private static final Logger LOG = firstLogger();
  private static final String CONFIG = "/etc/suture/agent.json";

  private AgentMain() {}

  private static Logger firstLogger() {
    JournalStream.useIfRead(System.getenv());
    return LoggerFactory.getLogger(AgentMain.class);
  }

  /** Runs until the device restarts. */
  public static void main(String[] arguments) {
    if (arguments.length != 0) {
      LOG.error("suture-agent: expected no arguments, got {}", arguments.length);
      System.exit(1);
    }
    try {
      run();
    } catch (DeviceException e) {
      LOG.error("suture-agent refuses to start: {}", e.getMessage());
      if (!isPatchedOs()) {
        ready(); // Base is mounted: what needs the components need not wait for us.
      }
      System.exit(1);
    }
    System.exit(0);
  }

  private static void run() throws DeviceException {
    Watchdog watchdog = new Watchdog(System.getenv(), System::nanoTime);
    Runtime.getRuntime().addShutdownHook(new Thread(AgentMain::ending, "ending"));
    Clock clock = new DeviceClock(watchdog::beat);
    long processStartMillis = clock.monotonicMillis() - millisBeforeMain();
    DeviceConfig config = withOsParts(DeviceConfig.decode(read(CONFIG, DeviceConfig.BYTES_MAX)));
    TrustAnchor trustAnchor = TrustAnchor.decode(read(config.trustRoot(), TrustAnchor.BYTES_MAX));
    NioFiles state = directory(config.stateDir(), watchdog);
    NioFiles slots = directory(config.slotsDir(), watchdog);
    BootControl bootControl = BootControls.of(config);
    LoopDevices loops = new LoopDevices();
    VerityDevices verities = new VerityDevices();
    Mounts mounts = new Mounts();
    Path socket = Path.of(config.controlSocket());
    KernelSlotDevice device =
        new KernelSlotDevice(
            config,
            mounts,
            new ComponentMounter(loops, verities, mounts),
            new ReadBack(loops, verities, watchdog::beat),
            watchdog::beat,
            Optional.ofNullable(socket.getParent()).orElse(Path.of("/run")));
    Runtime.getRuntime().addShutdownHook(new Thread(() -> endingInSwitch(device), "switching"));
    Startup.Running running =
        new Startup(
                bootControl,
                device,
                new SlotFiles(slots),
                new DeviceTrust(trustAnchor, new ManifestVerifier(config.identity())),
                config.identity(),
                new Journal(state),
                new MetadataStore(state, TrustState.BYTES_MAX))
            .run();
    LOG.info("{} runs on slot {}", config.baseline(), running.slot().word());
    ready();

    DeviceSettings settings =
        DeviceSettings.decode(read(config.deviceConfig(), DeviceConfig.BYTES_MAX));
    SSLContext tls =
        PemTrust.context(
            read(settings.caFile(), DeviceConfig.BYTES_MAX),
            settings.caFile(),
            clock::trustworthyNow);
    Wakeup wakeup = new Wakeup(watchdog);
    long linkStartMillis = clock.monotonicMillis() - processStartMillis;
    try (MqttLink link = MqttLink.start(mqtt(config, settings, tls), wakeup::signal)) {
      AgentParts parts =
          new AgentParts(
              config,
              settings,
              trustAnchor,
              bootControl,
              device,
              slots,
              state,
              new BaseImageFiles(config),
              link,
              new ProgressingSource(source(settings, tls), watchdog::beat),
              link,
              new UnitProbe(new LocalProbe(), watchdog::beat),
              checks(config, watchdog),
              new ProcessTable(new OldDevices(mounts, mountPoints(config))),
              new DeviceServices(config.services(), config.userspace(), watchdog::beat),
              new IdleClass(),
              new LinuxSensors(config.background()),
              () -> figures(link, linkStartMillis),
              clock);
      AgentLoop loop = new AgentLoop(new PatchAgent(parts, running), wakeup, watchdog::beat);
      Optional<ControlServer> control = control(socket, loop);
      try {
        loop.run();
      } finally {
        control.ifPresent(ControlServer::close);
      }
    }
  }

  /** Base does not belong to the OS of a patch: there nothing is started without us. */
  private static boolean isPatchedOs() {
    try {
      return KernelCommandLine.parse(KernelCommandLine.read()).patchedOs().isPresent();
    } catch (DeviceException e) {
      LOG.error("{}", e.getMessage());
      return false;
    }
  }

  /** Without them the device is patched all the same, but for its OS. */
  private static DeviceConfig withOsParts(DeviceConfig config) throws DeviceException {
    if (!config.os().isPresent()) {
      return config;
    }
    String statement =
        config.os().get().statement(KernelCommandLine.parse(KernelCommandLine.read()).osSlot());
    try {
      return config.withParts(
          OsConfig.decodeStatement(statement, read(statement, OsConfig.STATEMENT_BYTES_MAX)));
    } catch (DeviceException e) {
      LOG.error("the OS cannot be patched: {}", e.getMessage());
      return config;
    }
  }

  /** Without its socket the device is still kept patched; only nobody on it can ask. */
  private static Optional<ControlServer> control(Path socket, AgentLoop loop) {
    try {
      return Optional.of(ControlServer.start(socket, loop));
    } catch (DeviceException e) {
      LOG.error("commands on this device are not answered: {}", e.getMessage());
      return Optional.empty();
    }
  }

  private static DeviceChecks checks(DeviceConfig config, Watchdog watchdog) {
    return config
        .checks()
        .<DeviceChecks>map(checks -> new Scripts(checks, watchdog::beat))
        .orElse(DeviceChecks.NONE);
  }

  private static Map<ComponentName, Path> mountPoints(DeviceConfig config) {
    return config.components().stream()
        .filter(component -> component.mount().isPresent())
        .collect(
            Collectors.toMap(
                DeviceConfig.Component::name, component -> Path.of(component.mount().get())));
  }

  private static MqttSettings mqtt(DeviceConfig config, DeviceSettings settings, SSLContext tls)
      throws DeviceException {
    try {
      return new MqttSettings(
          settings.brokerUri(),
          config.fleet(),
          settings.deviceId(),
          settings.username(),
          settings.password().toCharArray(),
          tls);
    } catch (IllegalArgumentException e) {
      throw new DeviceException(
          FailureCode.CONFIG_INVALID, config.deviceConfig() + ": " + e.getMessage(), e);
    }
  }

  private static HttpPayloadSource source(DeviceSettings settings, SSLContext tls)
      throws DeviceException {
    try {
      return HttpPayloadSource.https(settings.metadataUrl(), tls);
    } catch (IllegalArgumentException e) {
      throw new DeviceException(FailureCode.CONFIG_INVALID, "metadata_url: " + e.getMessage(), e);
    }
  }

  /**
   * What the Java runtime took before it came here. Of the calendar's clock, which nobody sets so
   * early.
   */
  private static long millisBeforeMain() {
    Instant now = Instant.now();
    return Duration.between(ProcessHandle.current().info().startInstant().orElse(now), now)
        .toMillis();
  }

  private static ProcessFigures figures(MqttLink link, long linkStartMillis) {
    OptionalLong connected = link.connectedAfterMillis();
    Optional<Long> afterMillis =
        connected.isPresent()
            ? Optional.of(linkStartMillis + connected.getAsLong())
            : Optional.empty();
    try {
      ProcessMemory memory = ProcessMemory.current();
      return new ProcessFigures(memory.residentKib(), memory.residentPeakKib(), afterMillis);
    } catch (DeviceException e) {
      LOG.warn("{}", e.getMessage());
      return new ProcessFigures(0, 0, afterMillis);
    }
  }

  private static NioFiles directory(String path, Watchdog watchdog) throws DeviceException {
    try {
      Files.createDirectories(Path.of(path));
    } catch (IOException e) {
      LOG.error(
          "make directory {}: {}",
          path,
          e.toString()); // Base runs all the same; writes will say why not.
      return new NioFiles(Path.of(path), watchdog::beat);
    }
    OwnFiles.requireFolder(Path.of(path));
    return new NioFiles(Path.of(path), watchdog::beat);
  }

  private static byte[] read(String path, int bytesMax) throws DeviceException {
    return OwnFiles.read(Path.of(path), bytesMax);
  }

  private static void ready() {
    for (String line : new Readiness(System.getenv()).announce()) {
      LOG.info("{}", line);
    }
  }

  /**
   * Whoever ends the agent while it changes what runs leaves services stopped, and perhaps nobody
   * to start it again: the device is restarted, as it would be by the next agent.
   */
  private static void endingInSwitch(KernelSlotDevice device) {
    if (!device.isSwitching() || new SystemState().isStopping()) {
      return;
    }
    LOG.error("ended while it changes what runs: the device is restarted");
    try {
      device.restart(RestartScope.REBOOT);
    } catch (DeviceException e) {
      LOG.error("{}", e.getMessage());
    }
  }

  private static void ending() {
    for (String line : new Readiness(System.getenv()).announceEnd()) {
      LOG.info("{}", line);
    }
  }
}
