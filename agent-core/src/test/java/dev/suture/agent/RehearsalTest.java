package dev.suture.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.suture.protocol.Slot;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.SutureException;
import dev.suture.protocol.manifest.RestartScope;
import dev.suture.sim.SimDevice;
import dev.suture.sim.SimPublisher;
import dev.suture.sim.SimServices;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What an installation would restart, told before, and what it then restarts. */
class RehearsalTest {
  private final SimPublisher publisher = new SimPublisher();
  private final SimDevice device = new SimDevice(publisher);

  private void on() {
    device.automatic(false);
    device.boot();
    device.settleOrWait();
  }

  private void publish(SimPublisher.Release release) {
    publisher.release(release);
    device.agent().check();
    device.settleOrWait();
  }

  private void install() {
    device.agent().requestInstall();
    device.settle();
  }

  private static List<String> services(Rehearsal rehearsal) {
    return rehearsal.plan().services().keySet().stream()
        .map(service -> service.name())
        .collect(Collectors.toList());
  }

  @Test
  void install_servicesAreEnough_tellsThoseThatRestartThen() throws SutureException {
    on();
    publish(SimPublisher.level("a").live());

    Rehearsal rehearsal = device.agent().rehearseInstall();

    assertThat(rehearsal.plan().scope()).isEqualTo(RestartScope.SERVICES);
    assertThat(services(rehearsal)).containsExactly("store", "web");
    assertThat(rehearsal.text())
        .isEqualTo(
            """
            26.1 (a) instead of base
            restarts: services alone, because the patches need no more
              store
                100 (store), which maps it
              web
                101 (web), which maps it
            interruption: at most 4 s, for services to end and to be up again""");
    assertThat(rehearsal.document())
        .isEqualTo(
            "{\"from\":\"base\",\"to\":\"26.1 (a)\",\"scope\":\"services\","
                + "\"because\":\"the patches need no more\",\"services\":["
                + "{\"name\":\"store\",\"timeout_millis\":1000,\"processes\":"
                + "[{\"pid\":100,\"name\":\"store\",\"how\":\"maps it\"}]},"
                + "{\"name\":\"web\",\"timeout_millis\":1000,\"processes\":"
                + "[{\"pid\":101,\"name\":\"web\",\"how\":\"maps it\"}]}],\"others\":[],\"exposed\":[]}");
    assertThat(device.services().restarts()).isEmpty();
    install();
    assertThat(device.services().restarts()).isEqualTo(services(rehearsal));
    assertThat(device.boots()).isEqualTo(1);
  }

  @Test
  void install_ofALevelThatIsHeld_isTold() throws SutureException {
    on();
    publish(SimPublisher.level("a").live());
    install();
    device.agent().requestRemoval();
    device.settle();
    assertThat(device.kernel().mountedSlot()).isEqualTo(Slot.BASE);

    Rehearsal rehearsal = device.agent().rehearseInstall();

    assertThat(rehearsal.to()).isEqualTo("26.1 (a)");
    assertThat(rehearsal.text()).contains("interruption: 0.0 s at the last time; at most 4 s");
    device.settle();
    assertThat(device.kernel().mountedSlot()).as("nothing was begun").isEqualTo(Slot.BASE);
  }

  @Test
  void install_processOfNoService_tellsThatTheDeviceRestarts() throws SutureException {
    on();
    device.services().startStranger();
    publish(SimPublisher.level("a").live());

    Rehearsal rehearsal = device.agent().rehearseInstall();

    assertThat(rehearsal.plan().scope()).isEqualTo(RestartScope.REBOOT);
    assertThat(rehearsal.text())
        .isEqualTo(
            """
            26.1 (a) instead of base
            restarts: the device, because process 102 (stranger), which maps it, belongs to no service
              store
                100 (store), which maps it
              web
                101 (web), which maps it
              of no service
                102 (stranger), which maps it
            interruption: a start of the device""");
    install();
    assertThat(device.boots()).isEqualTo(2);
  }

  @Test
  void install_patchAsksForMore_tellsThatTheDeviceRestarts() throws SutureException {
    on();
    publish(SimPublisher.level("a"));

    Rehearsal rehearsal = device.agent().rehearseInstall();

    assertThat(rehearsal.plan().scope()).isEqualTo(RestartScope.REBOOT);
    assertThat(rehearsal.plan().because()).isEqualTo("26.1 (a) asks for reboot");
  }

  @Test
  void install_manifestIsNotWhatWasSigned_isRefused() {
    on();
    publisher.release(SimPublisher.level("a").live());
    device.agent().check();
    device.settleOrWait();
    publisher.files().keySet().stream()
        .filter(path -> path.contains("26.1") && path.endsWith(".json") && path.contains("levels"))
        .forEach(path -> device.mirror().lie(path, bytes -> new byte[] {'{', '}'}));

    assertThatThrownBy(() -> device.agent().rehearseInstall()).isInstanceOf(SutureException.class);
    assertThat(device.services().restarts()).isEmpty();
  }

  @Test
  void install_nothingIsPublished_isRefused() {
    on();
    assertThatThrownBy(() -> device.agent().rehearseInstall())
        .isInstanceOfSatisfying(
            SutureException.class, e -> assertThat(e.code()).isEqualTo(FailureCode.NOTHING_TO_DO));
  }

  @Test
  void remove_tellsWhatRestartsThen() throws SutureException {
    on();
    publish(SimPublisher.level("a").live());
    install();
    device.services().start("slow", SimServices.Temper.IS_SLOW);

    Rehearsal rehearsal = device.agent().rehearseRemoval();

    assertThat(rehearsal.from()).isEqualTo("26.1 (a)");
    assertThat(rehearsal.to()).isEqualTo("base");
    assertThat(services(rehearsal)).containsExactly("store", "web", "slow");
    int before = device.services().restarts().size();
    device.agent().requestRemoval();
    device.settle();
    assertThat(device.services().restarts().subList(before, before + 3))
        .isEqualTo(services(rehearsal));
    assertThat(device.boots()).isEqualTo(1);
  }

  /** What would be refused is refused alike. */
  @Test
  void remove_baseIsBelowTheFloor_isRefused() {
    on();
    publish(CrashStory.withFloor("a", true).live());
    install();
    assertThatThrownBy(() -> device.agent().rehearseRemoval())
        .isInstanceOfSatisfying(
            SutureException.class, e -> assertThat(e.code()).isEqualTo(FailureCode.BELOW_FLOOR));
  }

  @Test
  void remove_baseRuns_isRefused() {
    on();
    assertThatThrownBy(() -> device.agent().rehearseRemoval())
        .isInstanceOfSatisfying(
            SutureException.class, e -> assertThat(e.code()).isEqualTo(FailureCode.NOTHING_TO_DO));
  }
}
