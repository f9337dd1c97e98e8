package dev.suture.agent;

import dev.suture.background.BackgroundClass;
import dev.suture.background.GivingWay;
import dev.suture.background.Sensors;
import dev.suture.durable.DurableFiles;
import dev.suture.health.DeviceChecks;
import dev.suture.health.HealthProbe;
import dev.suture.link.NoticeSource;
import dev.suture.link.PayloadSource;
import dev.suture.link.ReportSink;
import dev.suture.live.Processes;
import dev.suture.live.ServiceRestart;
import dev.suture.live.Services;
import dev.suture.live.UserspaceRestart;
import dev.suture.live.UserspaceTerms;
import dev.suture.slot.BootControl;
import dev.suture.slot.SlotDevice;
import dev.suture.slot.SlotFiles;
import dev.suture.store.Journal;
import dev.suture.store.MetadataStore;
import dev.suture.store.PayloadCache;
import dev.suture.trust.DeviceTrust;
import dev.suture.trust.ManifestVerifier;
import dev.suture.trust.TrustAnchor;
import dev.suture.trust.TrustState;

/**
 * What an agent works with: the ports of one device, and what follows from them.
 *
 * @param config what the OS image says
 * @param settings what is this device's own
 * @param trustAnchor whom it believes at first
 * @param bootControl the activation record
 * @param device the kernel's side of slots
 * @param slotRoot files of the slots
 * @param stateFiles files of the agent's state
 * @param bases base images
 * @param notices where notices come in
 * @param payloadSource the mirror
 * @param reports where reports go
 * @param probe health of the device
 * @param checks what the device itself checks
 * @param processes what runs
 * @param services what can be restarted by itself
 * @param background how work is done that nobody waits for
 * @param sensors how the device is, for such work
 * @param figures what the agent costs
 * @param clock time
 */
public record AgentParts(
    DeviceConfig config,
    DeviceSettings settings,
    TrustAnchor trustAnchor,
    BootControl bootControl,
    SlotDevice device,
    DurableFiles slotRoot,
    DurableFiles stateFiles,
    BaseImages bases,
    NoticeSource notices,
    PayloadSource payloadSource,
    ReportSink reports,
    HealthProbe probe,
    DeviceChecks checks,
    Processes processes,
    Services services,
    BackgroundClass background,
    Sensors sensors,
    ProcessFigures.Source figures,
    Clock clock) {

  /** What mounts at the start of the device. */
  public Startup startup() {
    return new Startup(
        bootControl, device, slotFiles(), trust(), config.identity(), journal(), metadataStore());
  }

  ServiceRestart serviceRestart(Processes of) {
    return new ServiceRestart(of, services, clock::monotonicMillis, clock::pause);
  }

  /** One restart of the userspace, on such terms. */
  UserspaceRestart userspaceRestart(Processes of, UserspaceTerms terms) {
    return new UserspaceRestart(of, services, terms, clock::monotonicMillis, clock::pause);
  }

  GivingWay givingWay() {
    return new GivingWay(
        config.background().limits(), sensors, clock::monotonicMillis, clock::pause);
  }

  SlotFiles slotFiles() {
    return new SlotFiles(slotRoot);
  }

  Journal journal() {
    return new Journal(stateFiles);
  }

  MetadataStore metadataStore() {
    return new MetadataStore(stateFiles, TrustState.BYTES_MAX);
  }

  PayloadCache payloadCache() {
    return new PayloadCache(stateFiles, "payloads");
  }

  ManifestCopy manifestCopy() {
    return new ManifestCopy(stateFiles);
  }

  /** Payloads that cannot be read yet. */
  PayloadCache sealedCache() {
    return new PayloadCache(stateFiles, SealedPatches.DIRECTORY);
  }

  DeviceTrust trust() {
    return new DeviceTrust(trustAnchor, new ManifestVerifier(config.identity()));
  }
}
