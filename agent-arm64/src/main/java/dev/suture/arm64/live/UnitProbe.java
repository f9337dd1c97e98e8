package dev.suture.arm64.live;

import dev.suture.health.HealthProbe;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.manifest.HealthCheck;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Asks systemd whether units are active; all other questions go to another probe. */
public final class UnitProbe implements HealthProbe {
  private static final String ACTIVE_STATE = "ActiveState";
  private static final String SUB_STATE = "SubState";
  private static final String LOAD_STATE = "LoadState";
  private static final String LOADED = "loaded";

  /** A unit that reloads what it is told works meanwhile. */
  private static final Set<String> ACTIVE = Set.of("active", "reloading", "refreshing");

  private final HealthProbe others;
  private final Systemctl systemctl;
  private final Path booted;
  private final Runnable progress;

  /**
   * That of the device.
   *
   * @param progress called while systemd has time to answer, and before every question to others
   */
  public UnitProbe(HealthProbe others, Runnable progress) {
    this(others, new Systemctl(progress), SystemState.BOOTED, progress);
  }

  UnitProbe(HealthProbe others, Systemctl systemctl, Path booted, Runnable progress) {
    this.others = others;
    this.progress = progress;
    this.systemctl = systemctl;
    this.booted = booted;
  }

  @Override
  public Optional<String> refusal(HealthCheck check) {
    if (!(check instanceof HealthCheck.Unit)) {
      return others.refusal(check);
    }
    return Files.isDirectory(booted)
        ? Optional.empty()
        : Optional.of("expected systemd as this device's init, got another");
  }

  @Override
  public Optional<String> complaint(HealthCheck check) {
    progress.run();
    return check instanceof HealthCheck.Unit unit ? complaint(unit) : others.complaint(check);
  }

  private Optional<String> complaint(HealthCheck.Unit check) {
    try {
      Map<String, String> unit =
          systemctl
              .show(List.of(check.name()), List.of(LOAD_STATE, ACTIVE_STATE, SUB_STATE))
              .get(0);
      String load = unit.getOrDefault(LOAD_STATE, "no state");
      if (!load.equals(LOADED)) {
        return said(check, load);
      }
      String state = unit.getOrDefault(ACTIVE_STATE, "no state");
      return ACTIVE.contains(state)
          ? Optional.empty()
          : said(check, state + " (" + unit.getOrDefault(SUB_STATE, "") + ")");
    } catch (DeviceException e) {
      return said(check, e.explanation());
    }
  }

  private static Optional<String> said(HealthCheck check, String got) {
    return Optional.of("health check " + check + ": got " + got);
  }
}
