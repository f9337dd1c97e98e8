package dev.suture.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ComparisonReportTest {
  @Test
  void csv_anyTools_hasAllColumnsAndLeavesEmptyWhatDidNotRun() {
    assertThat(ComparisonReport.csv(List.of(comparison("tls", true, 250, 1_000))))
        .isEqualTo(
            """
        pair,old_bytes,new_bytes,deb,full_zstd19,suture,bsdiff,bsdiff_xz,xdelta3,zstd_patch_from,\
        hdiffpatch,casync,block4k,gen_seconds,gen_peak_kib,apply_seconds,cp_sha_seconds,\
        apply_peak_kib
        tls,8192,4096,700,2000,250,1000,,,,,,,1.500,77,0.0020,0.0040,48000
        """);
  }

  @Test
  void mean_smallBsdiffOrData_isLeftOut() {
    List<Comparison> comparisons =
        List.of(
            comparison("a", true, 250, 1_000),
            comparison("b", true, 1_000, 1_000),
            comparison("tiny", true, 999, 999),
            comparison("zones", false, 5_000, 1_000));

    assertThat(ComparisonReport.mean(comparisons, Tool.BSDIFF).orElseThrow())
        .isCloseTo(0.5, within(1e-12));
    assertThat(ComparisonReport.mean(comparisons, Tool.CASYNC)).isEmpty();
    assertThat(ComparisonReport.tables(comparisons))
        .containsPattern("(?m)^geometric mean +0\\.250 +0\\.500 +2$")
        .containsPattern("(?m)^tiny .* no$");
  }

  private static Comparison comparison(String name, boolean code, long suture, long bsdiff) {
    Map<Tool, Made> made = new EnumMap<>(Tool.class);
    made.put(Tool.FULL_ZSTD19, new Made(2_000, 1, 1));
    made.put(Tool.SUTURE, new Made(suture, 1_500_000_000, 77));
    made.put(Tool.BSDIFF, new Made(bsdiff, 1, 1));
    return new Comparison(
        new ComparedPair(name, code, "1 -> 2", true, 700),
        8_192,
        4_096,
        made,
        new RebuildTimes(2_000_000, 4_000_000, 9_000_000, 48_000));
  }
}
