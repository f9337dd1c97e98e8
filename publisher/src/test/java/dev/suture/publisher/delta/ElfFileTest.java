package dev.suture.publisher.delta;

import static org.assertj.core.api.Assertions.assertThat;

import dev.suture.protocol.delta.SpanKind;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ElfFileTest {
  @TempDir Path folder = Path.of("replaced by JUnit");

  /** A reader refuses a span that is not. */
  @Test
  void find_ofTwoSegmentsOfCodeSideBySide_givesSpansWithinSegments() throws Exception {
    byte[] elf =
        new SmallElf(4096).segment(0, 1024, 0, true).segment(1024, 3072, 0x10400, true).bytes();
    MappedImage image = MappedImage.map(Files.write(folder.resolve("image"), elf));

    assertThat(AddressedFile.find(image)).hasSize(1);
    assertThat(AddressedFile.find(image).get(0).spans())
        .containsExactly(
            new AddressedFile.Span(SpanKind.CODE, 0, 1024),
            new AddressedFile.Span(SpanKind.CODE, 1024, 3072));
  }
}
