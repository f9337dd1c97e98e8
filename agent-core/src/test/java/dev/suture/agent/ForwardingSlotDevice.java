package dev.suture.agent;

import dev.suture.background.Pacer;
import dev.suture.protocol.Slot;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.RetryableException;
import dev.suture.protocol.manifest.Manifest;
import dev.suture.protocol.manifest.PatchComponent;
import dev.suture.protocol.manifest.RestartScope;
import dev.suture.slot.SlotDevice;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** A kernel that passes every call on; for tests that change one. */
class ForwardingSlotDevice implements SlotDevice {
  private final SlotDevice real;

  ForwardingSlotDevice(SlotDevice real) {
    this.real = real;
  }

  @Override
  public void mount(Slot slot, Manifest manifest) throws DeviceException {
    real.mount(slot, manifest);
  }

  @Override
  public void unmount(Manifest manifest) throws DeviceException {
    real.unmount(manifest);
  }

  @Override
  public void beginSwitch() throws DeviceException {
    real.beginSwitch();
  }

  @Override
  public void switchTo(Optional<Manifest> from, Slot slot, Optional<Manifest> to)
      throws DeviceException {
    real.switchTo(from, slot, to);
  }

  @Override
  public boolean isSwitching() {
    return real.isSwitching();
  }

  @Override
  public void readBack(Slot slot, PatchComponent component, Pacer pacer)
      throws DeviceException, RetryableException {
    real.readBack(slot, component, pacer);
  }

  @Override
  public void prepareStart(Slot slot, Manifest manifest) throws DeviceException {
    real.prepareStart(slot, manifest);
  }

  @Override
  public void trialConfirmed() {
    real.trialConfirmed();
  }

  @Override
  public BootChoice bootChoice() {
    return real.bootChoice();
  }

  @Override
  public Optional<Slot> decided() {
    return real.decided();
  }

  @Override
  public void decide(Slot running, List<String> mustBeUp) throws DeviceException {
    real.decide(running, mustBeUp);
  }

  @Override
  public Optional<Instant> decidedAt() {
    return real.decidedAt();
  }

  @Override
  public List<String> mustBeUp() {
    return real.mustBeUp();
  }

  @Override
  public void restart(RestartScope scope) throws DeviceException {
    real.restart(scope);
  }
}
