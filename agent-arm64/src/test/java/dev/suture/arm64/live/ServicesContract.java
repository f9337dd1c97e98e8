package dev.suture.arm64.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.suture.live.OldCode;
import dev.suture.live.Services;
import dev.suture.live.Services.Condition;
import dev.suture.live.Services.Service;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What holds of services, whoever runs them. The processes are real. */
abstract class ServicesContract {
  static final int SECONDS = 60;
  static final Service STORE = new Service("store", 5_000);
  static final Service WEB = new Service("web", 7_000);

  /** The services {@link #STORE} and {@link #WEB}, configured in this order. */
  abstract Services both() throws Exception;

  /** Has whoever runs services start this one, and waits for its first process. */
  abstract OldCode start(Service service) throws Exception;

  /** Its first process now. */
  abstract OldCode first(Service service) throws Exception;

  /** A process of no service. */
  abstract OldCode stranger() throws Exception;

  /** It ends without being asked to, and whoever runs services has started it again on return. */
  abstract void die(Service service) throws Exception;

  /** What is counted of a service now. */
  static Services.Tally tally(Services services, Service service) throws Exception {
    return of(services.tallies(), service);
  }

  private static Services.Tally of(Map<Service, Services.Tally> tallies, Service service) {
    return Objects.requireNonNull(tallies.get(service), service::name);
  }

  static void await(String what, Wait wait) throws Exception {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
    while (!wait.isOver()) {
      assertThat(System.nanoTime()).as("within %s s: %s", SECONDS, what).isLessThan(deadline);
      Thread.onSpinWait();
    }
  }

  /** What is waited for. */
  interface Wait {
    boolean isOver() throws Exception;
  }

  @Test
  void inOrder_isTheConfiguration() throws Exception {
    start(WEB);
    start(STORE);
    assertThat(both().inOrder()).containsExactly(STORE, WEB);
  }

  @Test
  void owners_eachHasItsOwnProcess_andNobodyElses() throws Exception {
    OldCode store = start(STORE);
    OldCode web = start(WEB);
    OldCode stranger = stranger();
    assertThat(both().owners(List.of(web, stranger, store)))
        .containsExactlyInAnyOrderEntriesOf(Map.of(store, STORE, web, WEB));
    assertThat(both().owners(List.of())).isEmpty();
  }

  @Test
  void condition_upOnlyWhileItRuns() throws Exception {
    assertThat(both().condition(STORE).kind()).isEqualTo(Condition.Kind.DOWN);
    start(WEB);
    Services both = both();
    await("web is up", () -> both.condition(WEB).kind() == Condition.Kind.UP);
    assertThat(both.condition(STORE).kind()).isEqualTo(Condition.Kind.DOWN);
    assertThat(both.condition(STORE).said()).isNotBlank();
  }

  @Test
  void restart_endsItsProcesses_andIsUpWithOthers() throws Exception {
    OldCode store = start(STORE);
    OldCode web = start(WEB);
    Services both = both();
    both.restart(WEB);
    await("web is up", () -> both.condition(WEB).kind() == Condition.Kind.UP);
    assertThat(ProcessHandle.of(web.pid()).filter(ProcessHandle::isAlive)).isEmpty();
    assertThat(first(WEB).pid()).isNotEqualTo(web.pid());
    assertThat(first(STORE).pid()).isEqualTo(store.pid());
    assertThat(both.owners(List.of(first(WEB)))).containsValue(WEB);
  }

  @Test
  void tallies_whoEndsByItself_isCountedOnce_andNobodyElse() throws Exception {
    start(STORE);
    start(WEB);
    Services both = both();
    Map<Service, Services.Tally> before = both.tallies();
    assertThat(before).containsOnlyKeys(STORE, WEB);
    assertThat(of(before, WEB).deaths()).isZero();
    assertThat(of(before, WEB).crashes()).isZero();
    assertThat(of(before, WEB).kind()).isEqualTo(Condition.Kind.UP);
    assertThat(of(before, WEB).epoch()).isNotBlank().hasSizeLessThanOrEqualTo(64);
    assertThat(both.tallies()).isEqualTo(before);
    for (int times = 1; times <= 2; times++) {
      die(WEB);
      Map<Service, Services.Tally> after = both.tallies();
      assertThat(of(after, WEB).deaths()).isEqualTo(times);
      assertThat(of(after, WEB).epoch()).isEqualTo(of(before, WEB).epoch());
      assertThat(of(after, WEB).kind()).isEqualTo(Condition.Kind.UP);
      assertThat(of(after, STORE)).isEqualTo(of(before, STORE));
      assertThat(both.tallies()).isEqualTo(after);
    }
  }

  @Test
  void tallies_restartThatWasAskedFor_isNotCounted() throws Exception {
    start(STORE);
    start(WEB);
    Services both = both();
    assertThat(tally(both, WEB).deaths()).isZero();
    both.restart(WEB);
    assertThat(tally(both, WEB).deaths()).isZero();
    await("web is up", () -> both.condition(WEB).kind() == Condition.Kind.UP);
    assertThat(tally(both, WEB).deaths()).isZero();
    assertThat(tally(both, STORE).deaths()).isZero();
  }

  @Test
  void unknownService_isRefused() throws Exception {
    Service other = new Service("other", 1);
    Services both = both();
    assertThatThrownBy(() -> both.restart(other))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("other");
    assertThatThrownBy(() -> both.condition(other)).isInstanceOf(IllegalArgumentException.class);
  }
}
