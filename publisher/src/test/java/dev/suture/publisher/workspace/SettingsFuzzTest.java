package dev.suture.publisher.workspace;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.suture.fuzz.ParserContract;
import dev.suture.fuzz.Seeds;
import dev.suture.fuzz.Sweep;
import dev.suture.protocol.Baseline;
import dev.suture.protocol.ComponentName;
import dev.suture.protocol.Sha256;
import dev.suture.publisher.repository.Expiry;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The publisher's own file, which people edit and bring back from backups. */
final class SettingsFuzzTest {
  private final ParserContract<Settings> contract =
      ParserContract.refusingBy("settings", Settings::decode, IllegalArgumentException.class)
          .writtenBy(Settings::encode);

  @FuzzTest
  void fuzz(byte[] input) {
    contract.check(input);
  }

  @Test
  void sweep_everyByteAndNumber_keepsTheContract() {
    Settings settings =
        new Settings(
            Expiry.DEFAULT,
            List.of(
                new BaselineRecord(
                    "board-1",
                    new Baseline("26.1"),
                    Map.of(
                        new ComponentName("browser"), Sha256.of(new byte[1]),
                        new ComponentName("openssl"), Sha256.of(new byte[2]))),
                new BaselineRecord(
                    "board-2",
                    new Baseline("26.1"),
                    Map.of(new ComponentName("browser"), Sha256.of(new byte[3])))));
    byte[] sample = Seeds.sample(getClass(), "valid", settings.encode());
    Sweep.around(contract, sample).everyByte().textNumbers().keepsTheContract();
  }
}
