package dev.suture.sim;

import dev.suture.agent.AgentParts;
import dev.suture.agent.BaseImages;
import dev.suture.agent.BootControlConfig;
import dev.suture.agent.DeviceConfig;
import dev.suture.agent.DeviceSettings;
import dev.suture.agent.PatchAgent;
import dev.suture.agent.ProcessFigures;
import dev.suture.agent.Startup;
import dev.suture.attempt.Attempt;
import dev.suture.attempt.ProbationTerms;
import dev.suture.background.BackgroundLimits;
import dev.suture.delta.BaseImage;
import dev.suture.live.UserspaceTerms;
import dev.suture.policy.Policy;
import dev.suture.protocol.Baseline;
import dev.suture.protocol.ComponentName;
import dev.suture.protocol.Slot;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.manifest.Compatibility.DataSchema;
import dev.suture.protocol.manifest.OsParts;
import dev.suture.slot.ActivationRecord;
import dev.suture.store.JournalState;
import dev.suture.trust.TrustAnchor;
import dev.suture.trust.tuf.CheckedSignatures;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A whole device: bootloader, kernel, disk, network, and the real agent. Nothing happens by itself;
 * {@link #settle} lets it work until there is nothing more to do. A {@link PowerCut} passes
 * through; {@link #powerOn} and {@code settle} go on after it.
 */
public final class SimDevice {
  /** Its name in its fleet. */
  public static final String ID = "dev-0001";

  private static final List<String> SERVICES = List.of("store", "web");
  private static final String STATE = "suture";
  private static final String SLOTS = "slots";

  /** Good signatures of all devices of all tests: what is signed is the same from run to run. */
  private static final CheckedSignatures CHECKED = new CheckedSignatures();

  /** More steps than this are a device that does not come to rest. */
  private static final int STEPS_MAX = 1_000;

  private final SimFlash flash;
  private final SimPublisher publisher;
  private final SimWiring wiring;
  private final SimMirror mirror;
  private final SimNotices notices = new SimNotices();
  private final SimReports reports = new SimReports();
  private final SimClock clock = new SimClock();
  private final SimChecks checks;
  private final SimSensors sensors;
  private final Set<ComponentName> damagedBases = new HashSet<>();
  private final DeviceInvariants invariants;
  private boolean automatic = true;
  private BackgroundLimits limits = BackgroundLimits.NONE;
  private Optional<UserspaceTerms> userspace = Optional.empty();
  private Optional<SimServices.Temper> stranger = Optional.empty();
  private ProbationTerms probation = ProbationTerms.OFF;
  private Optional<String> ring = Optional.empty();
  private DataSchema dataSchema = DataSchema.FIRST;
  private Baseline baseline = SimPublisher.BASELINE;
  private final Map<Slot, Baseline> osBaselines = new EnumMap<>(Slot.class);
  private Optional<Running> running = Optional.empty();
  private String stage = "off";
  private int boots;

  /** What exists only while the device runs. */
  private record Running(
      SimSlotDevice kernel,
      SimServices services,
      SimProbe probe,
      AgentParts parts,
      PatchAgent agent) {}

  /** A freshly flashed device, switched off. */
  public SimDevice(SimPublisher publisher) {
    this(SimFlash.factory(), publisher, SimWiring.PLAIN);
  }

  /** A device that is switched off. */
  public SimDevice(SimFlash flash, SimPublisher publisher, SimWiring wiring) {
    this.flash = flash;
    this.publisher = publisher;
    this.wiring = wiring;
    this.mirror = new SimMirror(publisher);
    this.checks = new SimChecks(flash.power(), clock);
    this.sensors = new SimSensors(clock);
    flash.disk().below(STATE);
    flash.disk().below(SLOTS);
    flash.disk().below(SimFirmware.PARTITIONS);
    this.invariants = new DeviceInvariants(this, publisher);
  }

  /** Whether patches are installed without being asked for; heeded at the next start. */
  public void automatic(boolean allowed) {
    automatic = allowed;
  }

  /** The ring that it is in; heeded at the next start. */
  public void ring(String name) {
    ring = Optional.of(name);
  }

  /** Which data its OS release reads; heeded at the next start. */
  public void dataSchema(DataSchema reads) {
    dataSchema = reads;
  }

  /** Another OS release was flashed; it runs from the next start, unless a patch's OS does. */
  public void baseline(Baseline flashed) {
    baseline = flashed;
  }

  /** The OS that a slot's patch brings says that it is of this release. */
  public void osBaseline(Slot slot, Baseline said) {
    osBaselines.put(slot, said);
  }

  /** A base image gives other bytes than it should; its length is right. */
  public void damageBase(ComponentName component) {
    damagedBases.add(component);
  }

  /** What outlives the power. */
  public SimFlash flash() {
    return flash;
  }

  /** Path of a file of the agent's state on the disk. */
  public static String statePath(String path) {
    return STATE + "/" + path;
  }

  /** Path of a slot's file on the disk. */
  public static String slotPath(String path) {
    return SLOTS + "/" + path;
  }

  /** Who publishes for it. */
  public SimPublisher publisher() {
    return publisher;
  }

  /** Its mirror. */
  public SimMirror mirror() {
    return mirror;
  }

  /** Its notices. */
  public SimNotices notices() {
    return notices;
  }

  /** What it reports. */
  public SimReports reports() {
    return reports;
  }

  /** Its time. */
  public SimClock clock() {
    return clock;
  }

  /** What it checks itself. */
  public SimChecks checks() {
    return checks;
  }

  /** How it is. */
  public SimSensors sensors() {
    return sensors;
  }

  /** When its work in the background gives way; heeded at the next start. */
  public void limits(BackgroundLimits limits) {
    this.limits = limits;
  }

  /** How long it watches what was confirmed, not at all at first; heeded at the next start. */
  public void probation(ProbationTerms terms) {
    probation = terms;
  }

  /** How its userspace may be restarted, not at all at first; heeded at the next start. */
  public void userspace(UserspaceTerms terms) {
    userspace = Optional.of(terms);
  }

  /** A process of no service starts with it, from the next start on. */
  public void withStranger(SimServices.Temper temper) {
    stranger = Optional.of(temper);
  }

  /** What must hold for it. */
  public DeviceInvariants invariants() {
    return invariants;
  }

  /** Its kernel. */
  public SimSlotDevice kernel() {
    return on().kernel;
  }

  /** What runs on it. */
  public SimServices services() {
    return on().services;
  }

  /** How its services are. */
  public SimProbe probe() {
    return on().probe;
  }

  /** Its agent. */
  public PatchAgent agent() {
    return on().agent;
  }

  /** How often it was started. */
  public int boots() {
    return boots;
  }

  /** What it is, or was, doing: {@code bootloader}, {@code startup}, or the attempt's phase. */
  public String stage() {
    return running
        .map(
            one ->
                one.agent
                    .history()
                    .attempt()
                    .map(Attempt::phase)
                    .map(Enum::name)
                    .orElse("no attempt"))
        .orElse(stage);
  }

  /** The activation record as it is on the medium. */
  public ActivationRecord record() throws DeviceException {
    return flash.record().control(SimWiring.PLAIN).load();
  }

  /** Whether its agent runs. */
  public boolean isOn() {
    return running.isPresent();
  }

  private Running on() {
    return running.orElseThrow(() -> new AssertionError("the device is off: " + stage));
  }

  /** Starts the device, once: bootloader, kernel, startup, agent. */
  public void boot() {
    bootUnchecked();
    invariants.checkRunning();
  }

  /** As {@link #boot}, for a test that broke what the invariants ask for. */
  public void bootUnchecked() {
    boots++;
    running = Optional.empty();
    stage = "bootloader";
    SimSlotDevice kernel =
        new SimSlotDevice(flash, SLOTS, SimFirmware.start(flash, publisher, SLOTS));
    flash.record().osIsUp(kernel.bootChoice().run());
    stage = "startup";
    invariants.starts();
    invariants.started(flash.disk().cached(statePath("journal")));
    SimServices services = new SimServices(kernel, flash.power(), clock);
    AgentParts parts = parts(kernel, services);
    SimProbe probe = (SimProbe) parts.probe();
    Startup.Running mounted = started(parts);
    for (String service : SERVICES) {
      services.start(service, SimServices.Temper.OBEYS);
    }
    stranger.ifPresent(services::startStranger);
    running =
        Optional.of(new Running(kernel, services, probe, parts, new PatchAgent(parts, mounted)));
  }

  /** Starts the agent again; the device goes on. */
  public void restartAgent() {
    Running before = on();
    AgentParts parts = before.parts;
    running =
        Optional.of(
            new Running(
                before.kernel,
                before.services,
                before.probe,
                parts,
                new PatchAgent(parts, started(parts))));
  }

  private static Startup.Running started(AgentParts parts) {
    try {
      return parts.startup().run();
    } catch (DeviceException e) {
      throw new AssertionError("a simulated device can always restart", e);
    }
  }

  private AgentParts parts(SimSlotDevice kernel, SimServices services) {
    try {
      return new AgentParts(
          config(kernel.bootChoice().patchedOs()),
          new DeviceSettings(ID, "ssl://127.0.0.1:1", ID, "", "", "", new Policy(automatic), ring),
          TrustAnchor.decode(publisher.trustRoot(), CHECKED),
          wiring.bootControl(flash.record().control(wiring), flash.disk().below(STATE)),
          wiring.device(kernel),
          wiring.slots(flash.disk().below(SLOTS)),
          wiring.state(flash.disk().below(STATE)),
          bases(),
          notices,
          mirror,
          wiring.reports(reports),
          new SimProbe(kernel),
          checks,
          wiring.processes(services),
          services,
          new SimBackground(),
          sensors,
          () -> new ProcessFigures(1, 2, Optional.empty()),
          clock);
    } catch (DeviceException e) {
      throw new AssertionError("the publisher's trust root is valid", e);
    }
  }

  private DeviceConfig config(Optional<Slot> patchedOs) {
    List<DeviceConfig.Component> components = new ArrayList<>();
    for (Map.Entry<ComponentName, byte[]> base : publisher.bases().entrySet()) {
      components.add(
          new DeviceConfig.Component(
              base.getKey(),
              "/base/" + base.getKey() + ".img",
              OsParts.contain(base.getKey())
                  ? Optional.empty()
                  : Optional.of("/components/" + base.getKey()),
              SimPublisher.identity(base.getKey(), flashed(base.getKey(), base.getValue()))));
    }
    return new DeviceConfig(
        patchedOs
            .map(slot -> osBaselines.getOrDefault(slot, SimPublisher.BASELINE))
            .orElse(baseline),
        SimPublisher.MODEL,
        "demo",
        "trust-root.json",
        "device.json",
        STATE,
        SLOTS,
        "record",
        "socket",
        components,
        dataSchema,
        Collections.emptyList(),
        userspace,
        Optional.empty(),
        probation,
        new DeviceConfig.Background(limits, Optional.empty(), Optional.empty(), false),
        Optional.empty(),
        BootControlConfig.RAW);
  }

  /** What is flashed: another release has another OS. */
  private byte[] flashed(ComponentName name, byte[] base) {
    return OsParts.contain(name) && !baseline.equals(SimPublisher.BASELINE)
        ? SimMirror.flipped(0).apply(base)
        : base;
  }

  private BaseImages bases() {
    return component -> {
      byte[] base = publisher.bases().get(component);
      if (base == null) {
        throw new DeviceException(FailureCode.BASE_UNREADABLE, component + ": no such base");
      }
      return new MemoryBase(base.clone(), damagedBases.contains(component));
    };
  }

  /** A base image in memory. */
  private record MemoryBase(byte[] content, boolean damaged) implements BaseImage {
    @Override
    public long bytes() {
      return content.length;
    }

    @Override
    public void read(long position, byte[] target, int offset, int length) {
      System.arraycopy(content, (int) position, target, offset, length);
      if (damaged && position == 0) {
        target[offset] ^= 1;
      }
    }

    @Override
    public void close() {}
  }

  /**
   * One call of the agent; starts the device if it is off, and again if it restarts or hangs.
   *
   * @return how long the agent is ready to wait; 0 after a start
   */
  public long step() {
    long wait = stepUnchecked();
    if (running.isPresent()) {
      invariants.checkRunning();
    }
    return wait;
  }

  /** As {@link #step}, for a test that broke what the invariants ask for. */
  public long stepUnchecked() {
    try {
      if (!running.isPresent()) {
        bootUnchecked();
        return 0;
      }
      return on().agent.runOnce();
    } catch (Restart e) {
      flash.disk().syncAll();
      running = Optional.empty();
      stage = "restarting";
      return 0;
    } catch (Hang e) {
      flash.power().off();
      powerOn(CacheFate.lost());
      stage = "hung";
      return 0;
    }
  }

  /** Lets it work until nothing is under way and nothing is left to report. */
  public void settle() {
    settle(false);
  }

  /** As {@link #settle()}, but an attempt that waits has settled as well. */
  public void settleOrWait() {
    settle(true);
  }

  private void settle(boolean mayWait) {
    for (int i = 0; i < STEPS_MAX; i++) {
      long wait = step();
      if (wait > 0) {
        if (isSettled() || mayWait && isSeenAlive()) {
          return;
        }
        clock.advance(wait);
      }
    }
    throw new AssertionError(
        "did not settle in " + STEPS_MAX + " steps, stage " + stage() + ", boots " + boots);
  }

  /** A number of calls of the agent, time passing in between. */
  public void steps(int count) {
    for (int i = 0; i < count; i++) {
      clock.advance(Math.max(0, step()));
    }
  }

  /** Whether nothing is under way, and all that can be reported is. */
  public boolean isSettled() {
    JournalState journal = on().agent.history();
    try {
      return !journal.attempt().isPresent()
          && (!journal.hasUnreported() || !reports.connected())
          && !record().trial().isPresent()
          && isSeenAlive();
    } catch (DeviceException e) {
      return false;
    }
  }

  private boolean isSeenAlive() {
    try {
      return record().starts() == 0 || on().kernel.mountedSlot() != record().active();
    } catch (DeviceException e) {
      return true;
    }
  }

  /** After a power cut: power again, but the device is not started yet. */
  public void powerOn(CacheFate fate) {
    running = Optional.empty();
    stage = "off";
    flash.powerOn(fate);
  }

  /** Cuts the power between two operations; the device is not started yet. */
  public void powerOff() {
    flash.power().off();
    powerOn(CacheFate.lost());
  }

  /** Cuts the power between two operations, and starts the device again. */
  public void powerCycle(CacheFate fate) {
    flash.power().off();
    powerOn(fate);
    boot();
  }
}
