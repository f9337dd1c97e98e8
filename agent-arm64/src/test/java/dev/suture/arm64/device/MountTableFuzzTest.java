package dev.suture.arm64.device;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.suture.fuzz.Bytes;
import dev.suture.fuzz.ParserContract;
import dev.suture.fuzz.Seeds;
import dev.suture.fuzz.Sweep;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class MountTableFuzzTest {
  private static final String SAMPLE =
      """
      22 1 253:0 / / ro,relatime shared:1 - erofs /dev/mapper/root ro
      31 22 7:0 / /components/a\\040b ro,nodev master:2 - erofs /dev/loop0 ro,user_xattr
      """;

  private final ParserContract<MountTable> contract =
      ParserContract.refusingBy(
          "mountinfo",
          bytes -> MountTable.parse(new String(bytes, StandardCharsets.ISO_8859_1)),
          IllegalArgumentException.class);

  @FuzzTest
  void fuzz(byte[] input) {
    contract.check(input).ifPresent(table -> table.at("/"));
  }

  @Test
  void sweep_everyByteAndNumber_keepsTheContract() {
    byte[] sample = Seeds.sample(getClass(), "valid", Bytes.of(SAMPLE));
    Sweep.around(contract, sample)
        .everyByte()
        .values("22 1", "", "0 0", "-1 1", "1 -1", "2147483647 1", "2147483648 1", "1 2147483648")
        .values("253:0", "", "0:0", "-1:0", "4095:1048575", "4096:0", "0:1048576", ":", "1:", ":1")
        .keepsTheContract();
  }
}
