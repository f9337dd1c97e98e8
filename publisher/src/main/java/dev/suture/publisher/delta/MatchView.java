package dev.suture.publisher.delta;

import dev.suture.delta.Arm64;
import dev.suture.protocol.delta.TypeInfo;
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

  /** What a kernel has at its places of relocations are zeros, which tell nothing. */
  private static final int KERNEL_BITS = 48;

  private static final long KERNEL = 0xffff;

  private static final int CIE_POINTER_AT = 4;
  private static final int FUNCTION_AT = 8;
  private static final int FRAME_BYTES_MIN = 12;

  private final MappedByteBuffer bytes;
  private final AddressedFile.Span span;
  private final LongUnaryOperator addresses;

  private MatchView(MappedByteBuffer bytes, AddressedFile.Span span, LongUnaryOperator addresses) {
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
  static void make(Path image, AddressedFile elf, LongUnaryOperator addresses)
      throws IOException, InterruptedException {
    for (AddressedFile.Span span : elf.spans()) {
      switch (span.kind()) {
        case CODE,
            RELOCATIONS,
            SECTION_RELOCATIONS,
            FRAMES,
            DISTANCES_3_OF_3,
            DISTANCES_2_OF_3,
            DISTANCES_3_OF_4,
            TYPES ->
            make(image, span, addresses);
        default -> {}
      }
    }
  }

  private static void make(Path image, AddressedFile.Span span, LongUnaryOperator addresses)
      throws IOException, InterruptedException {
    long mapped = Math.min(span.bytes(), Integer.MAX_VALUE);
    try (FileChannel file =
        FileChannel.open(image, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      MappedByteBuffer bytes = file.map(FileChannel.MapMode.READ_WRITE, span.start(), mapped);
      bytes.order(ByteOrder.LITTLE_ENDIAN);
      MatchView view = new MatchView(bytes, span, addresses);
      switch (span.kind()) {
        case CODE -> view.instructions();
        case FRAMES -> view.frames();
        case RELOCATIONS -> view.places(false);
        case SECTION_RELOCATIONS -> view.places(true);
        case DISTANCES_3_OF_3 -> view.distances(3, 3);
        case DISTANCES_2_OF_3 -> view.distances(2, 3);
        case DISTANCES_3_OF_4 -> view.distances(3, 4);
        case TYPES -> view.types();
        default -> throw new IllegalArgumentException("kind: " + span.kind());
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
      boolean isKernel = bytes.getLong(at) >>> KERNEL_BITS == KERNEL;
      if (all || isKernel || bytes.getInt(at + TYPE_AT) != R_AARCH64_RELATIVE) {
        bytes.putLong(at, 0);
      }
    }
  }

  private void distances(int distances, int words) {
    for (int at = 0; at <= bytes.capacity() - Integer.BYTES; at += Integer.BYTES) {
      long address = addresses.applyAsLong(span.start() + at);
      if (at / Integer.BYTES % words < distances && address >= 0) {
        bytes.putInt(at, bytes.getInt(at) + (int) address);
      }
    }
  }

  /** Without the numbers of other types. */
  private void types() {
    int words = bytes.capacity() / Integer.BYTES;
    for (int at = 0; at + TypeInfo.HEADER_WORDS <= words; ) {
      int info = bytes.getInt((at + 1) * Integer.BYTES);
      int end = Math.min(words, at + TypeInfo.words(info));
      for (int word = at; word < end; word++) {
        if (TypeInfo.word(info, word - at) == TypeInfo.Word.NUMBER) {
          bytes.putInt(word * Integer.BYTES, 0);
        }
      }
      at = end;
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
