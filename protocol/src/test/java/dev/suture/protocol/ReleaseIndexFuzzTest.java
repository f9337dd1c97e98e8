package dev.suture.protocol;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.suture.fuzz.Bytes;
import dev.suture.fuzz.ParserContract;
import dev.suture.fuzz.Seeds;
import dev.suture.fuzz.Sweep;
import dev.suture.protocol.failure.FailureCode;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReleaseIndexFuzzTest {
  private static final ReleaseIndex SAMPLE =
      new ReleaseIndex(
          17,
          "2026-11-21T20:00:00Z",
          List.of(
              entry("26.1", "a", "manifests/1.json", 1_900, true),
              entry("26.1", "zz", "manifests/2.json", 2_345, false)));

  private final ParserContract<ReleaseIndex> contract =
      ParserContract.refusingWith("index", ReleaseIndex::decode, FailureCode.METADATA_MALFORMED)
          .writtenBy(ReleaseIndex::encode);

  private static ReleaseIndex.Entry entry(
      String baseline, String level, String path, long bytes, boolean withdrawn) {
    return new ReleaseIndex.Entry(
        new Baseline(baseline),
        "suture-virt-arm64",
        new Level(level),
        new FileRef(path, bytes, Sha256.of(Bytes.of(path))),
        withdrawn);
  }

  @FuzzTest
  void fuzz(byte[] input) {
    contract.check(input);
  }

  @Test
  void sweep_everyByteAndNumber_keepsTheContract() {
    byte[] sample = Seeds.sample(getClass(), "valid", SAMPLE.encode());
    Sweep.around(contract, sample).everyByte().textNumbers().keepsTheContract();
  }
}
