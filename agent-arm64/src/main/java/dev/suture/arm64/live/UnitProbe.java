package dev.suture.arm64.live;

import dev.suture.health.HealthProbe;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.manifest.HealthCheck;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Asks systemd whether units are active; all other questions go to another probe. */
public final class UnitProbe implements HealthProbe {
  /** Is there exactly if systemd is process 1: sd_booted(3). */
  private static final Path BOOTED = Path.of("/run/systemd/system");

  private static final String ACTIVE_STATE = "ActiveState";
  private static final String SUB_STATE = "SubState";
  private static final String ACTIVE = "active";

  private final HealthProbe others;
  private final Systemctl systemctl;
  private final Path booted;

  /** That of the device. */
  public UnitProbe(HealthProbe others) {
    this(others, new Systemctl(), BOOTED);
  }

  UnitProbe(HealthProbe others, Systemctl systemctl, Path booted) {
    this.others = others;
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
        : Optional.of("expected a device whose init is systemd");
  }

  @Override
  public Optional<String> complaint(HealthCheck check) {
    return check instanceof HealthCheck.Unit unit ? complaint(unit) : others.complaint(check);
  }

  private Optional<String> complaint(HealthCheck.Unit check) {
    try {
      Map<String, String> unit =
          systemctl.show(List.of(check.name()), List.of(ACTIVE_STATE, SUB_STATE)).get(0);
      String state = unit.getOrDefault(ACTIVE_STATE, "no state");
      return state.equals(ACTIVE)
          ? Optional.empty()
          : said(check, state + " (" + unit.getOrDefault(SUB_STATE, "") + ")");
    } catch (DeviceException e) {
      return said(check, e.toString());
    }
  }

  private static Optional<String> said(HealthCheck check, String got) {
    return Optional.of("health check " + check + ": got " + got);
  }
}
