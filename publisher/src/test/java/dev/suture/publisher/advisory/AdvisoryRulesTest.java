package dev.suture.publisher.advisory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.suture.protocol.manifest.Advisory;
import dev.suture.publisher.Problem;
import dev.suture.publisher.PublisherException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class AdvisoryRulesTest {
  private static final Advisory GOOD =
      new Advisory("CVE-2026-1234", "pkg:deb/debian/x@1", "1", Optional.empty(), "A sentence.");

  @ParameterizedTest
  @ValueSource(
      strings = {
        "CVE-1999-0001",
        "CVE-2026-1234567",
        "GHSA-2g4f-4pwh-qvx6",
        "DSA-5678-1",
        "DLA-4000",
        "USN-7000-1",
        "RUSTSEC-2026-0001",
        "GO-2026-3333",
        "ACME-2026-7",
        "TEMP-0000000-ABCDEF"
      })
  void id_knownFormOrAnothersOwn_isTaken(String id) {
    assertThat(new VulnerabilityId(id).text()).isEqualTo(id);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "CVE-2026-123",
        "CVE-26-1234",
        "CVE-2026-12a4",
        "CVE-2026-1234 ",
        "CVE-2026-12345678901234567890",
        "cve-2026-1234",
        "CVE 2026 1234",
        "CVE2026-1234",
        "GHSA-2G4F-4PWH-QVX6",
        "GHSA-2g4f-4pwh",
        "DSA-x",
        "USN-1",
        "RUSTSEC-1",
        "-1",
        "A-1",
        "ACME",
        "ACME-2026-7\n"
      })
  void id_otherForm_isRefused(String id) {
    assertThatThrownBy(() -> new VulnerabilityId(id)).isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "pkg:deb/debian/openssl@3.0.22-1~deb12u2?arch=arm64&distro=bookworm",
        "pkg:deb/debian/g%2B%2B@1:2.3%2Bb1?arch=arm64",
        "pkg:deb/debian/x",
        "pkg:generic/openssl@3.0.22",
        "pkg:github/madler/zlib@v1.3.1#contrib"
      })
  void packageUrl_ofTheSpecification_isTaken(String url) {
    assertThat(FixedPackage.parse(url).url()).isEqualTo(url);
  }

  @Test
  void packageUrl_parts_areDecoded() {
    FixedPackage read = FixedPackage.parse("pkg:deb/debian/g%2B%2B@1:2.3%2Bb1?arch=arm64");

    assertThat(read)
        .isEqualTo(
            new FixedPackage(
                read.url(), "debian", "g++", Optional.of("1:2.3+b1"), "pkg:deb/debian/g%2B%2B"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "deb/debian/x@1",
        "PKG:deb/debian/x@1",
        "pkg:DEB/debian/x@1",
        "pkg://deb/debian/x@1",
        "pkg:deb/x@1",
        "pkg:deb/debian/@1",
        "pkg:deb/debian/x@",
        "pkg:deb/debian/x y@1",
        "pkg:deb/debian/x@%zz",
        "pkg:deb/debian/x@1?=2",
        "pkg:deb/debian/ü@1",
        "pkg:1deb/debian/x@1",
        "pkg:deb",
        "pkg:",
        "https://example.com/x"
      })
  void packageUrl_otherForm_isRefused(String url) {
    assertThatThrownBy(() -> FixedPackage.parse(url)).isInstanceOf(IllegalArgumentException.class);
  }

  /** Scores as the calculator of FIRST gives them. */
  @ParameterizedTest
  @CsvSource({
    "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H, 9.8, CRITICAL",
    "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H, 10.0, CRITICAL",
    "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N, 7.5, HIGH",
    "CVSS:3.1/A:N/I:L/C:L/S:C/UI:R/PR:N/AC:L/AV:N, 6.1, MEDIUM",
    "CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N/E:P/RC:X, 6.1, MEDIUM",
    "CVSS:3.0/AV:P/AC:H/PR:H/UI:R/S:U/C:L/I:N/A:N, 1.6, LOW",
    "CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N, 0.0, NONE",
    "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H, 10.0, CRITICAL",
    "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N, 9.3, CRITICAL",
    "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N/E:U, 9.3, CRITICAL",
    "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:H/SC:N/SI:N/SA:N/U:Red, 8.7, HIGH",
  })
  void cvss_vector_givesItsBaseScore(String text, double score, CvssVector.Severity severity) {
    CvssVector vector = CvssVector.parse(text);

    assertThat(vector.baseScore()).isEqualTo(score);
    assertThat(vector.severity()).isEqualTo(severity);
    if (!vector.isVersion4()) {
      assertThat(CsafRules.baseScore(text)).isEqualTo(score);
    }
  }

  /** Two implementations of the formula, over every vector of base metrics. */
  @Test
  void cvss_everyVectorOfVersion31_hasTheScoreOfTheFormula() {
    int vectors = 0;
    for (String head : product("AV:", "NALP", product("AC:", "LH", List.of("CVSS:3.1")))) {
      for (String middle :
          product("S:", "UC", product("UI:", "NR", product("PR:", "NLH", List.of(head))))) {
        for (String text :
            product("A:", "HLN", product("I:", "HLN", product("C:", "HLN", List.of(middle))))) {
          assertThat(CvssVector.parse(text).baseScore())
              .as(text)
              .isEqualTo(CsafRules.baseScore(text));
          vectors++;
        }
      }
    }
    assertThat(vectors).isEqualTo(2592);
  }

  private static List<String> product(String name, String values, List<String> heads) {
    return heads.stream()
        .flatMap(head -> values.chars().mapToObj(value -> head + "/" + name + (char) value))
        .toList();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "AV:N/AC:L/Au:N/C:P/I:P/A:P",
        "CVSS:2.0/AV:N/AC:L/Au:N/C:P/I:P/A:P",
        "CVSS:3.2/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
        "CVSS:3.1/AV:N",
        "CVSS:3.1",
        "CVSS:3.1/",
        "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/",
        "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H junk",
        "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:HH",
        "CVSS:3.1/AV:N/AV:L/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
        "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:Q",
        "CVSS:3.1/AV:X/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
        "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/ZZ:X",
        "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/Q:H/E:P",
        "CVSS:4.0/AC:L/AV:N/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N",
        "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N",
        "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N/U:Pink",
        "CVSS:3.1//AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
        "CVSS:3.1/:/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
      })
  void cvss_otherForm_isRefused(String vector) {
    assertThatThrownBy(() -> CvssVector.parse(vector)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void require_secondIsWrong_saysWhichAndWhat() {
    Advisory wrong =
        new Advisory("CVE-2026-1", "pkg:deb/debian/x@1", "1", Optional.empty(), "A sentence.");

    assertThatCode(() -> AdvisoryRules.require(List.of(GOOD), "list")).doesNotThrowAnyException();
    PublisherException refused =
        catchThrowableOfType(
            PublisherException.class, () -> AdvisoryRules.require(List.of(GOOD, wrong), "list"));
    assertThat(refused.problem()).isEqualTo(Problem.INPUT_MALFORMED);
    assertThat(refused.details().where()).isEqualTo("list[1]");
    assertThat(refused.details().got())
        .isEqualTo(
            "id: expected CVE-YYYY-NNNN with four or more digits at the end, got \"CVE-2026-1\"");
  }

  @Test
  void check_textsTooLongOrBlank_areRefused() {
    for (String text : List.of("", " ", "x".repeat(301))) {
      Advisory version =
          new Advisory(GOOD.id(), GOOD.packageUrl(), text, Optional.empty(), "A sentence.");
      Advisory summary = new Advisory(GOOD.id(), GOOD.packageUrl(), "1", Optional.empty(), text);
      assertThatThrownBy(() -> AdvisoryRules.check(version))
          .hasMessageStartingWith("fixed_version");
      assertThatThrownBy(() -> AdvisoryRules.check(summary)).hasMessageStartingWith("summary");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://example.com",
        "https://",
        "https://example.com?x",
        "https://example.com#x",
        "https://user@example.com",
        "https://exämple.com",
        "example.com",
        "urn:x"
      })
  void address_otherForm_isRefused(String text) {
    assertThatThrownBy(() -> AdvisoryContext.address(text))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void address_slashesAtItsEnd_areRemoved() {
    assertThat(AdvisoryContext.address("https://example.com/x//"))
        .hasToString("https://example.com/x");
  }
}
