package dev.suture.delta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.RejectedException;
import dev.suture.protocol.failure.SutureException;
import dev.suture.protocol.manifest.ImageIdentity;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OpenedStreamsTest {
  private static final int HEAD = 100;
  private static final byte[] OLD = text(1);
  private static final byte[] NEW =
      DeltaScript.join(Arrays.copyOf(OLD, 1_000), Arrays.copyOfRange(text(2), 1_000, 9_000));
  private static final byte[] OLD_STREAM = Deflated.of(OLD, 6);

  private static byte[] text(int seed) {
    Random random = new Random(4);
    return IntStream.range(0, 4_000)
        .mapToObj(i -> "line " + i / seed + " of " + random.nextInt(50))
        .collect(Collectors.joining("\n"))
        .getBytes(StandardCharsets.US_ASCII);
  }

  private static byte[] noise(int length) {
    byte[] noise = new byte[length];
    new Random(9).nextBytes(noise);
    return noise;
  }

  /** Noise, the stream, and noise up to a whole number of blocks. */
  private static byte[] image(byte[] stream) {
    byte[] noise = noise(3 * ImageIdentity.BLOCK_BYTES);
    int used = HEAD + stream.length + HEAD;
    int blocks = (used + ImageIdentity.BLOCK_BYTES - 1) / ImageIdentity.BLOCK_BYTES;
    byte[] tail = Arrays.copyOf(noise, blocks * ImageIdentity.BLOCK_BYTES - used + HEAD);
    return DeltaScript.join(Arrays.copyOf(noise, HEAD), stream, tail);
  }

  private static byte[] rebuilt(DeltaScript script, byte[] base, byte[] image) throws Exception {
    ImageIdentity identity = MemoryImage.identity(image);
    byte[] delta = script.build(base, identity);
    return MemoryImage.rebuilt(delta, base, identity);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9})
  void apply_streamOfEachLevel_isMadeAgain(int level) throws Exception {
    byte[] base = image(OLD_STREAM);
    byte[] stream = Deflated.of(NEW, level);
    byte[] image = image(stream);
    int tail = image.length - HEAD - stream.length;
    DeltaScript script =
        new DeltaScript()
            .opening(HEAD + NEW.length + tail)
            .openedOfBase(HEAD, OLD.length)
            .openedOfImage(HEAD, NEW.length, level)
            .copy(HEAD, 0)
            .copy(1_000, base.length)
            .insert(Arrays.copyOfRange(NEW, 1_000, NEW.length))
            .insert(Arrays.copyOfRange(image, image.length - tail, image.length));

    assertThat(rebuilt(script, base, image)).isEqualTo(image);
  }

  @Test
  void apply_twoStreamsNextToEachOther_areMadeAgain() throws Exception {
    byte[] base = image(OLD_STREAM);
    byte[] one = Deflated.of(NEW, 6);
    byte[] two = Deflated.of(OLD, 9);
    byte[] image = image(DeltaScript.join(one, two));
    int tail = image.length - HEAD - one.length - two.length;
    DeltaScript script =
        new DeltaScript()
            .opening(HEAD + NEW.length + OLD.length + tail)
            .openedOfBase(HEAD, OLD.length)
            .openedOfImage(HEAD, NEW.length, 6)
            .openedOfImage(0, OLD.length, 9)
            .insert(Arrays.copyOf(image, HEAD))
            .insert(NEW)
            .copy(OLD.length, base.length)
            .insert(Arrays.copyOfRange(image, image.length - tail, image.length));

    assertThat(rebuilt(script, base, image)).isEqualTo(image);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 10, 0, 10, 0, 'expected a level of 1 to 9, got 0'",
    "0, 10, 0, 10, 10, 'expected a level of 1 to 9, got 10'",
    "0, 10, 0, 0, 6, 'expected content of 1 to 8192 bytes, got 0'",
    "0, 10, 8000, 193, 6, 'expected content of 1 to 192 bytes, got 193'",
    "0, 10, 8193, 1, 6, 'expected content of 1 to -1 bytes, got 1'",
    "0, 0, 0, 10, 6, 'expected content of 1 to 1048576 bytes, got 0'",
    "0, 1048577, 0, 10, 6, 'expected content of 1 to 1048576 bytes, got 1048577'",
    "8192, 10, 0, 10, 6, 'expected a place below 8192, got 8192'",
  })
  void apply_streamThatCannotBe_isRefused(
      long place, long content, long gap, long length, int level, String expected) {
    byte[] base = noise(8_192);
    DeltaScript script =
        new DeltaScript()
            .opening(8_192)
            .openedOfBase(place, content)
            .openedOfImage(gap, length, level)
            .insert(base);

    assertThatThrownBy(() -> rebuilt(script, base, base))
        .isInstanceOf(RejectedException.class)
        .hasMessageContaining(expected);
  }

  @Test
  void apply_contentOfAnotherLength_isRefusedAndNeverWritesMore() {
    byte[] base = image(OLD_STREAM);
    DeltaScript longer =
        new DeltaScript().opening(base.length + 1).copy(base.length, 0).insert((byte) 1);
    DeltaScript shorter = new DeltaScript().opening(base.length - 1).copy(base.length - 1, 0);

    for (DeltaScript script : List.of(longer, shorter)) {
      assertThatThrownBy(() -> rebuilt(script, base, base))
          .isInstanceOf(RejectedException.class)
          .hasMessageContaining("expected an image of " + base.length + " bytes of its opened one");
    }
  }

  @Test
  void apply_placeThatHasNoStream_isRefusedAndTheFullImageMayHelp() {
    byte[] base = image(OLD_STREAM);
    DeltaScript script =
        new DeltaScript()
            .opening(base.length)
            .openedOfBase(HEAD + 1, OLD.length)
            .copy(base.length - 1, 0)
            .copy(1, base.length);

    assertThatThrownBy(() -> rebuilt(script, base, base))
        .isInstanceOf(DeviceException.class)
        .hasMessageContaining("expected a deflate stream of " + OLD.length)
        .extracting(e -> ((SutureException) e).code())
        .isEqualTo(FailureCode.BASE_UNREADABLE);
  }

  @Test
  void read_moreContentThanIsKept_isReadAgain() throws Exception {
    // Three streams of 900,000 bytes: two of them fit.
    byte[] content = noise(900_000);
    byte[] stream = Deflated.of(content, 1);
    byte[] base = DeltaScript.join(stream, stream, stream);
    base = Arrays.copyOf(base, (base.length / 4_096 + 1) * 4_096);
    byte[] image = Arrays.copyOf(content, 4_096 * 8);
    DeltaScript script = new DeltaScript().opening(image.length);
    script.openedOfBase(0, content.length);
    script.openedOfBase(stream.length, content.length);
    script.openedOfBase(stream.length, content.length);
    for (int i = 0; i < 8; i++) {
      script.copy(4_096, base.length + (i % 3) * (long) content.length + i * 4_096L);
    }

    assertThat(rebuilt(script, base, image)).isEqualTo(image);
  }

  @Test
  void deflatesLikeZlib_here_isTrueOfAllLevels() {
    for (int level = 1; level <= 9; level++) {
      assertThat(ClosingSink.deflatesLikeZlib(level)).as("level " + level).isTrue();
    }
  }
}
