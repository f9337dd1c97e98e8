package dev.suture.publisher.advisory;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.suture.fuzz.Bytes;
import dev.suture.fuzz.ParserContract;
import dev.suture.fuzz.Seeds;
import dev.suture.fuzz.Sweep;
import dev.suture.protocol.manifest.Advisory;
import dev.suture.publisher.PublisherException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ChangelogFuzzTest {
  private static final String HEAD = "libdemo (2.1-1) bookworm-security; urgency=high\n\n";
  private static final String SAMPLE =
      HEAD
          + "  * CVE-2026-1111 (\"Overflow in the\n    parser\")\n"
          + "    - Fixes CVE-2026-3333, CVE-2026-4444: two\n\n"
          + " -- A Person <a@example.org>  Wed, 21 Oct 2026 16:54:24 +0700\n\n"
          + "libdemo (2.0-1) bookworm; urgency=medium\n\n  * CVE-2025-9999 (old)\n";

  private final ChangelogQuery query =
      new ChangelogQuery(
          "libdemo1", new DebianVersion("2.0-1"), new DebianVersion("2.1-1"), Path.of("changelog"));

  private final ParserContract<List<Advisory>> contract =
      ParserContract.refusingBy(
              "changelog", bytes -> Changelog.advisories(query, bytes), PublisherException.class)
          .allocatingAtMost(256 << 10, 2_048);

  @FuzzTest
  void fuzz(byte[] input) {
    contract.check(input);
    contract.check(Bytes.of(HEAD + new String(input, StandardCharsets.UTF_8)));
  }

  @Test
  void sweep_everyByte_keepsTheContract() {
    byte[] sample = Seeds.sample(getClass(), "valid", Bytes.of(SAMPLE));
    Sweep.around(contract, sample).everyByte().keepsTheContract();
  }

  @Test
  void advisories_oneItemOfVeryManyLines_takesNoMoreThanItsLength() {
    byte[] text = Bytes.of(HEAD + "  * CVE-2026-1\n" + "    x\n".repeat(20_000));
    assertThat(contract.check(text)).isPresent();
  }
}
