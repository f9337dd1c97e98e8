package dev.suture.publisher.advisory;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.suture.fuzz.ParserContract;
import dev.suture.fuzz.Seeds;
import dev.suture.fuzz.Sweep;
import dev.suture.protocol.manifest.Advisory;
import dev.suture.publisher.PublisherException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class AdvisoryFileFuzzTest {
  private static final List<Advisory> SAMPLE =
      List.of(
          new Advisory(
              "CVE-2026-1234",
              "pkg:deb/debian/openssl@3.0.22?arch=arm64",
              "3.0.22",
              Optional.of("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"),
              "A sentence."),
          new Advisory(
              "DSA-5678-1",
              "pkg:deb/debian/openssl@3.0.22?arch=arm64",
              "3.0.22",
              Optional.empty(),
              "Another \u2026"));

  private final ParserContract<List<Advisory>> contract =
      ParserContract.refusingBy(
              "advisories",
              bytes -> AdvisoryFile.decode(bytes, "advisories.json"),
              PublisherException.class)
          .writtenBy(AdvisoryFile::encode);

  @FuzzTest
  void fuzz(byte[] input) {
    contract.check(input);
  }

  @Test
  void sweep_everyByteAndNumber_keepsTheContract() {
    byte[] sample = Seeds.sample(getClass(), "valid", AdvisoryFile.encode(SAMPLE));
    Sweep.around(contract, sample).everyByte().textNumbers().keepsTheContract();
  }
}
