package dev.suture.publisher.delta;

import dev.suture.delta.Arm64;
import dev.suture.protocol.delta.SpanKind;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.function.LongUnaryOperator;

/**
 * How an image and a {@link Forecast} are matched: with addresses where instructions and frames
 * have distances, so that what moved is equal wherever it was before; and without the places of
 * relocations with a symbol, which count up whatever the symbols are, so that a table with one more
 * entry would match where it was, with all symbols wrong, as well as where it should.
 */
final class MatchView {
  private static final int ENTRY_BYTES = 24;
  private static final int TYPE_AT = 8;
  private static final int R_AARCH64_RELATIVE = 1027;
  private static final int CIE_POINTER_AT = 4;
  private static final int FUNCTION_AT = 8;
  private static final int FRAME_BYTES_MIN = 12;

  private final MappedByteBuffer bytes;
  private final ElfFile.Span span;
  private final LongUnaryOperator addresses;

  private MatchView(MappedByteBuffer bytes, ElfFile.Span span, LongUnaryOperator addresses) {
    this.bytes = bytes;
    this.span = span;
    this.addresses = addresses;
  }

  /**
   * Makes a view of a file with an image.
   *
   * @param elf where what is in the image
   * @param addresses the address of a position of the image; -1 if there is none
   * @throws InterruptedException if the thread is interrupted
   */
  static void make(Path image, ElfFile elf, LongUnaryOperator addresses)
      throws IOException, InterruptedException {
    for (ElfFile.Span span : elf.spans()) {
      switch (span.kind()) {
        case CODE, RELOCATIONS, SECTION_RELOCATIONS, FRAMES -> make(image, span, addresses);
        default -> {}
      }
    }
  }

  private static void make(Path image, ElfFile.Span span, LongUnaryOperator addresses)
      throws IOException, InterruptedException {
    long mapped = Math.min(span.bytes(), Integer.MAX_VALUE);
    try (FileChannel file =
        FileChannel.open(image, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      MappedByteBuffer bytes = file.map(FileChannel.MapMode.READ_WRITE, span.start(), mapped);
      bytes.order(ByteOrder.LITTLE_ENDIAN);
      MatchView view = new MatchView(bytes, span, addresses);
      if (span.kind() == SpanKind.CODE) {
        view.instructions();
      } else if (span.kind() == SpanKind.FRAMES) {
        view.frames();
      } else {
        view.places(span.kind() == SpanKind.SECTION_RELOCATIONS);
      }
    } catch (ClosedByInterruptException e) {
      Thread.interrupted();
      throw (InterruptedException) new InterruptedException(e.getMessage()).initCause(e);
    }
  }

  private void instructions() {
    for (int at = 0; at <= bytes.capacity() - Arm64.BYTES; at += Arm64.BYTES) {
      int word = bytes.getInt(at);
      int kind = Arm64.kind(word);
      if (kind == Arm64.BRANCH || kind == Arm64.ADRP) {
        long address = addresses.applyAsLong(span.start() + at);
        if (address >= 0) {
          long target = Arm64.target(kind, word, address);
          bytes.putInt(at, Arm64.with(kind, word, target, 0));
        }
      }
    }
  }

  private void places(boolean all) {
    for (int at = 0; at <= bytes.capacity() - ENTRY_BYTES; at += ENTRY_BYTES) {
      if (all || bytes.getInt(at + TYPE_AT) != R_AARCH64_RELATIVE) {
        bytes.putLong(at, 0);
      }
    }
  }

  private void frames() {
    int at = 0;
    while (at <= bytes.capacity() - FRAME_BYTES_MIN) {
      int length = bytes.getInt(at);
      if (length <= 0 || length > bytes.capacity() - at - Integer.BYTES) {
        return;
      }
      if (bytes.getInt(at + CIE_POINTER_AT) != 0 && length >= FRAME_BYTES_MIN - Integer.BYTES) {
        bytes.putInt(at + CIE_POINTER_AT, 1);
        long address = addresses.applyAsLong(span.start() + at + FUNCTION_AT);
        if (address >= 0) {
          bytes.putInt(at + FUNCTION_AT, bytes.getInt(at + FUNCTION_AT) + (int) address);
        }
      }
      at += Integer.BYTES + length;
    }
  }
}
