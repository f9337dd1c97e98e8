package dev.suture.hil.replay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.suture.protocol.Slot;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CampaignLedgerTest {
  @TempDir private Path folder;

  private static BootSweep.Result result(String state, boolean finish, String... complaints) {
    return new BootSweep.Result(
        DiskState.parse(state), "WRITING; active base", finish, 9.5, "base", List.of(complaints));
  }

  @Test
  void ledger_openedAgain_goesOnWhereItWas() throws Exception {
    CampaignLedger first = new CampaignLedger(folder);
    assertThat(first.bootCount()).isZero();
    assertThat(first.nextRun()).isEqualTo(1);
    try (WriteLog log = new LogBytes().write(0, 1, 'a').flush().openIn(folder)) {
      first.host(
          1,
          log,
          Map.of(DiskState.landed(2), new StateCheck.Findings(Slot.BASE, false, "none", List.of())),
          1.5);
    }
    first.boot(1, result("2.landed.0", false));
    first.boot(1, result("1.torn.5", true));
    // The program was ended while it wrote.
    Files.writeString(folder.resolve("boots.tsv"), "1\t1.torn", StandardOpenOption.APPEND);

    CampaignLedger again = new CampaignLedger(folder);

    assertThat(again.bootCount()).isEqualTo(2);
    assertThat(again.nextRun()).isEqualTo(2);
    again.boot(1, result("2.lost.0", false));
    assertThat(again.bootCount()).isEqualTo(3);
    CampaignSummary summary = again.summary();
    assertThat(summary.wrong()).isZero();
    assertThat(summary.markdown())
        .contains("| states booted | 3 |", "themselves as well | 1 |", "anything wrong** | 0 |");
    assertThat(new String(summary.json(), StandardCharsets.UTF_8))
        .contains("\"states_booted\": 3", "\"torn\": 1");
  }

  @Test
  void summary_aStateThatWentWrong_isNamed() {
    CampaignLedger ledger = new CampaignLedger(folder);
    ledger.boot(3, result("17.torn.5", false, "agent: expected slot a,\n got base"));

    CampaignSummary summary = ledger.summary();

    assertThat(summary.wrong()).isEqualTo(1);
    assertThat(summary.markdown())
        .contains("wrong: recording 3 17.torn.5", "agent: expected slot a, got base");
  }
}
