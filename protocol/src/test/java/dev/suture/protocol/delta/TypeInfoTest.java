package dev.suture.protocol.delta;

import static dev.suture.protocol.delta.TypeInfo.Word.NAME;
import static dev.suture.protocol.delta.TypeInfo.Word.NUMBER;
import static dev.suture.protocol.delta.TypeInfo.Word.OTHER;
import static org.assertj.core.api.Assertions.assertThat;

import dev.suture.protocol.delta.TypeInfo.Word;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TypeInfoTest {
  /** The words of a description of a kind with two members, in the order of the document. */
  private static Word[] words(int kind) {
    int info = kind << 24 | 2;
    return IntStream.range(0, TypeInfo.words(info))
        .mapToObj(word -> TypeInfo.word(info, word))
        .toArray(Word[]::new);
  }

  @Test
  void words_ofEachKind_areThoseOfTheDocument() {
    assertThat(words(1)).containsExactly(NAME, OTHER, OTHER, OTHER);
    for (int kind : new int[] {2, 8, 9, 10, 11, 12, 18}) {
      assertThat(words(kind)).as("kind %d", kind).containsExactly(NAME, OTHER, NUMBER);
    }
    assertThat(words(3)).containsExactly(NAME, OTHER, OTHER, NUMBER, NUMBER, OTHER);
    for (int kind : new int[] {4, 5}) {
      assertThat(words(kind))
          .containsExactly(NAME, OTHER, OTHER, NAME, NUMBER, OTHER, NAME, NUMBER, OTHER);
    }
    assertThat(words(6)).containsExactly(NAME, OTHER, OTHER, NAME, OTHER, NAME, OTHER);
    assertThat(words(13)).containsExactly(NAME, OTHER, NUMBER, NAME, NUMBER, NAME, NUMBER);
    for (int kind : new int[] {14, 17}) {
      assertThat(words(kind)).as("kind %d", kind).containsExactly(NAME, OTHER, NUMBER, OTHER);
    }
    assertThat(words(15))
        .containsExactly(NAME, OTHER, OTHER, NUMBER, OTHER, OTHER, NUMBER, OTHER, OTHER);
    assertThat(words(19))
        .containsExactly(NAME, OTHER, OTHER, NAME, OTHER, OTHER, NAME, OTHER, OTHER);
    for (int kind : new int[] {0, 7, 16, 20, 31}) {
      assertThat(words(kind)).as("kind %d", kind).containsExactly(NAME, OTHER, OTHER);
    }
  }

  @Test
  void words_ofTheMostMembers_areBounded() {
    assertThat(TypeInfo.words(4 << 24 | 0xffff)).isEqualTo(3 + 3 * 0xffff);
    assertThat(TypeInfo.words(-1)).isEqualTo(3);
  }
}
