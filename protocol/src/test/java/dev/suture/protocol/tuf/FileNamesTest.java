package dev.suture.protocol.tuf;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FileNamesTest {
  private static final TargetFile FILE =
      new TargetFile(1, new Hashes(Map.of("sha256", "ab")), Optional.empty());

  @ParameterizedTest
  @CsvSource({
    "targets,targets.json",
    "?,%3F.json",
    "#,%23.json",
    "../role,..%2Frole.json",
    "/role,%2Frole.json",
    "r\u00f6le,r%C3%B6le.json",
    "a b~,a%20b~.json"
  })
  void metadata_anyRole_isOneSegment(String role, String name) {
    assertThat(FileNames.metadata(role)).isEqualTo(name);
    assertThat(FileNames.metadata(7, role)).isEqualTo("7." + name);
  }

  @Test
  void target_hasItsDigestBeforeTheLastSegment() {
    assertThat(FileNames.target("a/b c", FILE, true)).isEqualTo("a/ab.b%20c");
    assertThat(FileNames.target("a/b c", FILE, false)).isEqualTo("a/b%20c");
    assertThat(FileNames.target("b", FILE, true)).isEqualTo("ab.b");
  }
}
