package dev.suture.publisher.delta;

import static org.assertj.core.api.Assertions.assertThat;

import dev.suture.protocol.delta.SpanKind;
import dev.suture.publisher.delta.AddressedFile.Span;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KernelImageTest {
  @TempDir Path folder = Path.of("replaced by JUnit");

  private List<AddressedFile> find(byte[] image) throws Exception {
    return AddressedFile.find(MappedImage.map(Files.write(folder.resolve("image"), image)));
  }

  private static Span of(AddressedFile file, SpanKind kind) {
    return file.spans().stream().filter(s -> s.kind() == kind).findFirst().orElseThrow();
  }

  @Test
  void find_ofAKernel_tellsItsAddressAndItsTables() throws Exception {
    SmallKernel kernel = new SmallKernel(0, 1);
    AddressedFile file = find(kernel.bytes()).get(0);

    long address = SmallKernel.ADDRESS & 0xffff_ffffL;
    int code = SmallKernel.CODE_AT;
    // Symbols are counted from the code on.
    assertThat(file.segments())
        .containsExactly(
            new AddressedFile.Segment(0, code, address, false),
            new AddressedFile.Segment(code, kernel.end - code, address + code, false));
    assertThat(of(file, SpanKind.CODE).start()).isEqualTo(code);
    assertThat(of(file, SpanKind.OFFSETS))
        .isEqualTo(new Span(SpanKind.OFFSETS, kernel.offsetsAt, SmallKernel.FUNCTIONS * 4L));
    assertThat(of(file, SpanKind.DISTANCES_3_OF_4))
        .isEqualTo(new Span(SpanKind.DISTANCES_3_OF_4, kernel.jumpsAt, 16_000));
    assertThat(of(file, SpanKind.DISTANCES_3_OF_3))
        .isEqualTo(new Span(SpanKind.DISTANCES_3_OF_3, kernel.symbolsAt, 12_000));
    assertThat(of(file, SpanKind.DISTANCES_2_OF_3))
        .isEqualTo(new Span(SpanKind.DISTANCES_2_OF_3, kernel.exceptionsAt, 12_000));
    assertThat(of(file, SpanKind.RELOCATIONS))
        .isEqualTo(new Span(SpanKind.RELOCATIONS, kernel.relocationsAt, 24_000));
  }

  /** There it begins at a word's beginning, not at a block's. */
  @Test
  void find_ofAKernelInAFit_isFound() throws Exception {
    SmallKernel kernel = new SmallKernel(0, 1);
    int at = 332;
    byte[] fit = new byte[at + kernel.end + 4096];
    ByteBuffer.wrap(fit).putInt(0xd00dfeed);
    System.arraycopy(kernel.bytes(), 0, fit, at, kernel.end);

    List<AddressedFile> files = find(fit);

    assertThat(files).hasSize(1);
    assertThat(of(files.get(0), SpanKind.CODE).start()).isEqualTo(at + SmallKernel.CODE_AT);
    fit[0] = 0;
    assertThat(find(fit)).isEmpty();
  }

  /** A kernel contains the library that it gives to programs. */
  @Test
  void find_ofAnElfFileWithinAKernel_keepsTheKernelWhole() throws Exception {
    SmallKernel kernel = new SmallKernel(0, 1);
    byte[] image = Arrays.copyOf(kernel.bytes(), kernel.end + 4096);
    byte[] elf = new SmallElf(4096).segment(0, 4096, 0, true).bytes();
    System.arraycopy(elf, 0, image, 0x4000, 4096);
    System.arraycopy(elf, 0, image, kernel.end, 4096);

    List<AddressedFile> files = find(image);
    assertThat(files).hasSize(2);
    assertThat(files.get(0).end()).isEqualTo(kernel.end);
    assertThat(files.get(1).start()).isEqualTo(kernel.end);
  }

  /** Whatever is in it, and wherever it is cut: spans lie within it, in order, without overlap. */
  @Test
  void find_ofDamagedKernels_givesSpansWithinThem() throws Exception {
    long seed = Long.getLong("suture.seed", 1);
    System.out.println("KernelImageTest -Dsuture.seed=" + seed);
    Random random = new Random(seed);
    byte[] kernel = new SmallKernel(0, 1).bytes();
    for (int i = 0; i < 60; i++) {
      byte[] damaged = kernel.clone();
      for (int edits = random.nextInt(8); edits > 0; edits--) {
        int at = random.nextInt(random.nextBoolean() ? 192 : damaged.length);
        damaged[at] = (byte) random.nextInt(256);
      }
      if (random.nextInt(3) == 0) {
        damaged = Arrays.copyOf(damaged, 64 + random.nextInt(damaged.length - 64));
      }
      for (AddressedFile file : find(damaged)) {
        long end = file.start();
        List<AddressedFile.Segment> segments = file.segments();
        for (Span span : file.spans()) {
          assertThat(span.start()).as("seed %d", seed).isGreaterThanOrEqualTo(end);
          assertThat(span.bytes()).isPositive();
          assertThat(segments)
              .as("seed %d", seed)
              .anyMatch(
                  s ->
                      s.start() <= span.start()
                          && span.start() + span.bytes() <= s.start() + s.bytes());
          end = span.start() + span.bytes();
        }
        assertThat(end).as("seed %d", seed).isLessThanOrEqualTo(file.end());
        assertThat(file.end()).isLessThanOrEqualTo(damaged.length);
      }
    }
  }
}
