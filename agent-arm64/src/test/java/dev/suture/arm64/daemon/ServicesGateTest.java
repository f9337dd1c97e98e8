package dev.suture.arm64.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import dev.suture.arm64.daemon.ServicesGate.Passage;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServicesGateTest {
  @TempDir Path run;

  @Test
  void close_beforeTheServices_keepsThemWaitingUntilOpened() throws Exception {
    ServicesGate gate = new ServicesGate(run);
    assertThat(gate.close()).isEqualTo(Passage.MOUNT);
    assertThat(run.resolve("mounting")).exists();
    gate.open();
    assertThat(run.resolve("mounting")).doesNotExist();
  }

  @Test
  void close_whenTheServicesRun_isTooLate() throws Exception {
    Files.createFile(run.resolve("services-started"));
    ServicesGate gate = new ServicesGate(run);
    assertThat(gate.close()).isEqualTo(Passage.TOO_LATE);
    gate.open();
    assertThat(new ServicesGate(run).close()).isEqualTo(Passage.TOO_LATE);
  }

  @Test
  void close_afterAnAgentThatDiedInside_mountsAgainOrUndoes() throws Exception {
    new ServicesGate(run).close();
    assertThat(new ServicesGate(run).close()).isEqualTo(Passage.MOUNT);
    Files.createFile(run.resolve("services-started"));
    assertThat(new ServicesGate(run).close()).isEqualTo(Passage.UNDO);
  }

  @Test
  void open_neverClosed_changesNothing() throws Exception {
    new ServicesGate(run.resolve("not-there")).open();
    assertThat(run.resolve("not-there")).doesNotExist();
  }
}
