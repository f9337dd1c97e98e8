package dev.suture.agent;

import static dev.suture.health.CheckResult.Kind.FAILED;
import static dev.suture.health.CheckResult.Kind.NOT_YET;
import static dev.suture.health.CheckResult.Kind.PASSED;
import static org.assertj.core.api.Assertions.assertThat;

import dev.suture.attempt.Phase;
import dev.suture.health.DeviceChecks;
import dev.suture.protocol.Level;
import dev.suture.protocol.Slot;
import dev.suture.protocol.StatusDocument;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.manifest.HealthCheck;
import dev.suture.protocol.manifest.HealthPlan;
import dev.suture.protocol.manifest.Manifest;
import dev.suture.sim.SimDevice;
import dev.suture.sim.SimPublisher;
import dev.suture.store.Outcome;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a device checks itself decides about a trial as well. */
class DeviceChecksTest {
  private static final int ENOUGH_STEPS = 60;

  private final SimPublisher publisher = new SimPublisher();
  private final SimDevice device = new SimDevice(publisher);

  @BeforeEach
  void on() {
    device.boot();
    device.settle();
  }

  private Manifest tried(SimPublisher.Release release) {
    Manifest manifest = publisher.release(release);
    device.agent().check();
    device.settle();
    return manifest;
  }

  private Outcome last() {
    return device.agent().history().lastOutcome().orElseThrow();
  }

  private void assertConfirmed(Slot slot) throws DeviceException {
    assertThat(device.record().active()).isEqualTo(slot);
    assertThat(device.record().trial()).isEmpty();
    assertThat(device.agent().status().isProtected()).isTrue();
    assertThat(device.agent().history().hasUnreported()).isFalse();
  }

  private void assertReverted(Manifest manifest, String... said) throws DeviceException {
    assertThat(last().phase()).isEqualTo(Phase.REVERTED);
    assertThat(last().failure().orElseThrow().code()).isEqualTo(FailureCode.HEALTH_FAILED);
    assertThat(last().failure().orElseThrow().message()).contains(said);
    assertThat(device.record().active()).isEqualTo(Slot.BASE);
    assertThat(device.kernel().mountedSlot()).isEqualTo(Slot.BASE);
    device.steps(ENOUGH_STEPS);
    device.invariants().revertedIsHeld(manifest);
    device.invariants().checkRunning();
  }

  @Test
  void trial_requiredCheckFails_isRevertedAtOnceAndHeld() throws DeviceException {
    device.checks().require("modem", FAILED);
    Manifest a = tried(SimPublisher.level("a"));
    assertReverted(a, "required.d/modem", "told to say FAILED");
    assertThat(device.checks().runs()).containsExactly(new Level("a"));
  }

  @Test
  void trial_live_requiredCheckFails_isRevertedWithoutARestart() throws DeviceException {
    device.checks().require("modem", FAILED);
    Manifest a = tried(SimPublisher.level("a").live());
    assertReverted(a, "required.d/modem");
    assertThat(device.boots()).isEqualTo(1);
  }

  @Test
  void trial_requiredCheckFailsWhileItSettles_isReverted() throws DeviceException {
    device.checks().require("modem", PASSED, PASSED, FAILED);
    assertReverted(tried(SimPublisher.level("a")), "required.d/modem");
  }

  @Test
  void trial_requiredCheckNotYetThenGood_isConfirmed() throws DeviceException {
    device.checks().require("modem", NOT_YET, NOT_YET, PASSED);
    tried(SimPublisher.level("a"));
    assertConfirmed(Slot.A);
    assertThat(device.checks().runs().size()).isGreaterThan(4);
  }

  @Test
  void trial_requiredCheckNotYetUntilTheDeadline_isReverted() throws DeviceException {
    device.checks().require("modem", NOT_YET);
    Manifest a = tried(SimPublisher.level("a"));
    assertReverted(a, "required.d/modem", "is not ready", "for 3 s");
    assertThat(device.checks().runs().size()).isGreaterThan(2);
  }

  private static SimPublisher.Release asking(HealthCheck... checks) {
    return SimPublisher.level("a")
        .manifest(
            manifest ->
                new Manifest(
                    manifest.baseline(),
                    manifest.level(),
                    manifest.model(),
                    manifest.minimumAgent(),
                    manifest.restart(),
                    manifest.components(),
                    manifest.advisories(),
                    new HealthPlan(3, 2, List.of(checks)),
                    manifest.compatibility()));
  }

  @Test
  void trial_commandThatThePatchAsksFor_isJudgedLikeARequiredOne() throws DeviceException {
    device.checks().offer("modem", NOT_YET, PASSED);
    device.checks().offer("other", FAILED);
    tried(asking(new HealthCheck.Command("modem")));
    assertConfirmed(Slot.A);
  }

  @Test
  void trial_commandThatThePatchAsksForFails_isRevertedAtOnce() throws DeviceException {
    device.checks().offer("modem", FAILED);
    Manifest a = tried(asking(new HealthCheck.Command("modem")));
    assertReverted(a, "asked.d/modem", "told to say FAILED");
  }

  /** What the device had when it took the patch, it may not have on the trial. */
  @Test
  void trial_commandThatIsGone_isNotConfirmed() throws DeviceException {
    HealthCheck.Command modem = new HealthCheck.Command("modem");
    assertThat(DeviceChecks.NONE.refusal(modem)).isPresent();
    assertThat(DeviceChecks.NONE.run(new Level("a"), List.of())).isEmpty();
    assertThat(DeviceChecks.NONE.run(new Level("a"), List.of(modem)))
        .extracting(result -> result.name() + " " + result.isRequired() + " " + result.kind())
        .containsExactly("asked.d/modem true FAILED");
  }

  @Test
  void patch_thatAsksForWhatIsNotThere_isRejectedBeforeItIsDownloaded() throws DeviceException {
    tried(asking(new HealthCheck.Command("modem")));
    assertThat(last().phase()).isEqualTo(Phase.REJECTED);
    assertThat(last().failure().orElseThrow().code())
        .isEqualTo(FailureCode.HEALTH_CHECK_UNSUPPORTED);
    assertThat(last().failure().orElseThrow().message()).contains("asked.d/modem");
    assertThat(device.boots()).isEqualTo(1);
  }

  @Test
  void trial_wantedChecksDoNotPass_isConfirmed() throws DeviceException {
    device.checks().want("printer", FAILED);
    device.checks().want("scanner", NOT_YET);
    tried(SimPublisher.level("a"));
    assertConfirmed(Slot.A);
    assertThat(told())
        .containsExactly(
            "wanted.d/printer failed: told to say FAILED",
            "wanted.d/scanner is not ready: told to say NOT_YET");
    assertThat(device.reports().documents()).last().asString().contains("wanted.d/scanner");
  }

  private List<String> told() {
    return device.agent().status().checks().stream()
        .map(check -> check.name() + " " + check.message())
        .toList();
  }

  @Test
  void wantedCheckThatPassesAgain_isNotToldOfAnyMore() throws DeviceException {
    device.checks().want("printer", FAILED, FAILED, PASSED);
    tried(SimPublisher.level("a"));
    assertConfirmed(Slot.A);
    assertThat(told()).isEmpty();
  }

  @Test
  void trial_live_thenBaseRunsAgain_nothingIsToldOfIt() {
    device.checks().require("modem", FAILED);
    tried(SimPublisher.level("a").live());
    assertThat(told()).isEmpty();
  }

  @Test
  void manyWantedChecksThatFail_someAreToldOf() throws DeviceException {
    for (int i = 10; i < 40; i++) {
      device.checks().want("w" + i, FAILED);
    }
    tried(SimPublisher.level("a"));
    assertConfirmed(Slot.A);
    assertThat(told()).hasSize(StatusDocument.CHECKS_MAX).first().asString().contains("w10");
  }

  /** What fails only later may be anybody's fault: it is told, and the patch stays. */
  @Test
  void start_requiredCheckFails_isReportedAndStays() throws DeviceException {
    tried(SimPublisher.level("a"));
    device.checks().require("modem", FAILED);
    device.invariants().runsTheSameWithoutNetwork();
    device.settle();
    assertThat(device.record().active()).isEqualTo(Slot.A);
    assertThat(device.kernel().mountedSlot()).isEqualTo(Slot.A);
    assertThat(device.agent().status().lastFailure().orElseThrow().code())
        .isEqualTo(FailureCode.HEALTH_FAILED.number());
    assertThat(device.agent().status().lastFailure().orElseThrow().message())
        .contains("required.d/modem");
    assertThat(device.record().starts()).isZero();
  }

  /** Or a machine that stops a moment later would be started again for ever. */
  @Test
  void start_requiredCheckFailsAtOnce_isReportedButTheStartCountsUntilItHasSettled()
      throws DeviceException {
    tried(SimPublisher.level("a"));
    device.checks().require("modem", FAILED);
    device.powerOff();
    device.boot();
    while (device.agent().status().lastFailure().isEmpty()) {
      device.steps(1);
    }
    assertThat(device.agent().status().lastFailure().orElseThrow().message())
        .contains("required.d/modem");
    assertThat(device.record().starts()).isEqualTo(1);
    device.settle();
    assertThat(device.record().starts()).isZero();
    assertThat(device.agent().status().lastFailure()).isPresent();
  }

  @Test
  void start_requiredCheckFailsAndThenPasses_isHealthy() throws DeviceException {
    tried(SimPublisher.level("a"));
    device.checks().require("modem", FAILED, PASSED);
    device.powerOff();
    device.boot();
    device.settle();
    assertConfirmed(Slot.A);
    assertThat(device.record().starts()).isZero();
    assertThat(device.agent().status().lastFailure()).isEmpty();
  }

  @Test
  void start_requiredCheckNotYetThenGood_isNothingToReport() throws DeviceException {
    tried(SimPublisher.level("a"));
    device.checks().require("modem", NOT_YET, NOT_YET, PASSED);
    device.invariants().runsTheSameWithoutNetwork();
    device.settle();
    assertConfirmed(Slot.A);
    assertThat(device.agent().status().lastFailure()).isEmpty();
  }

  @Test
  void base_hasNoTrial_runsNoChecks() {
    device.checks().require("modem", FAILED);
    device.powerOff();
    device.boot();
    device.settle();
    assertThat(device.checks().runs()).isEmpty();
    assertThat(device.agent().status().lastFailure()).isEmpty();
  }
}
