package dev.suture.protocol.tuf;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PathPatternTest {
  @ParameterizedTest
  @CsvSource({
    "a,a,true",
    "a,b,false",
    "a,ab,false",
    "ab,a,false",
    "*,a,true",
    "*,'',true",
    "*,a/b,false",
    "*/*,a/b,true",
    "*/*,a/b/c,false",
    "a*,a,true",
    "a*c,abbc,true",
    "a*c,abbcd,false",
    "*b*,aabaa,true",
    "*.tgz,x.tgz,true",
    "*.tgz,d/x.tgz,false",
    "d/*.zip,d/x.zip,true",
    "d/*.zip,e/x.zip,false",
    "a*/b*c,axx/bxxc,true",
    "a*/b*c,axx/bxxd,false",
    "?,a,true",
    "?,/,false",
    "a?c,abc,true",
    "a?c,ac,false",
    "**,abc,true",
    "**/c,a/b/c,false",
  })
  void matches(String pattern, String path, boolean expected) {
    assertThat(new PathPattern(pattern).matches(path)).isEqualTo(expected);
  }

  @Test
  void matches_manyStars_takesNoMoreThanTheProduct() {
    String path = "a".repeat(20_000) + "b";
    assertThat(new PathPattern("a*".repeat(500) + "c").matches(path)).isFalse();
  }
}
