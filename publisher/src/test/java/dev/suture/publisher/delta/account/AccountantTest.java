package dev.suture.publisher.delta.account;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.suture.protocol.Sha256;
import dev.suture.protocol.delta.DeltaHeader;
import dev.suture.protocol.delta.SpanKind;
import dev.suture.protocol.delta.Varint;
import dev.suture.protocol.failure.RejectedException;
import dev.suture.publisher.delta.account.DeltaAccount.FileCost;
import dev.suture.publisher.delta.account.DeltaAccount.Place;
import dev.suture.publisher.image.ImageFiles;
import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Deltas written by hand, of which every byte is known. */
class AccountantTest {
  private static final int BASE_BYTES = 100;
  private static final int IMAGE_BYTES = 1000;
  private static final int COPY_BYTES = 92;
  private static final int SPAN_BYTES = 6;
  private static final Sha256 ANY = Sha256.of(new byte[0]);

  @TempDir Path folder = Path.of("replaced by JUnit");

  private static byte[] numbers(long... values) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    byte[] one = new byte[Varint.BYTES_MAX];
    for (long value : values) {
      out.write(one, 0, Varint.write(value, one, 0));
    }
    return out.toByteArray();
  }

  /** A group of stored streams. */
  private static byte[] group(byte[]... streams) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] stream : streams) {
      out.writeBytes(numbers(stream.length));
      out.writeBytes(new byte[stream.length == 0 ? 0 : 1]);
    }
    Arrays.stream(streams).forEach(out::writeBytes);
    return out.toByteArray();
  }

  private static byte[] join(byte[]... parts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Arrays.stream(parts).forEach(out::writeBytes);
    return out.toByteArray();
  }

  private static byte[] header(int copies, int segments, int spans) {
    return new DeltaHeader(false, 0, copies, segments, spans, BASE_BYTES, ANY, IMAGE_BYTES, ANY)
        .encode();
  }

  private DeltaAccount account(byte[] delta) throws Exception {
    Path image = Files.write(folder.resolve("image"), new byte[IMAGE_BYTES]);
    return Accountant.of(Files.write(folder.resolve("delta"), delta), image);
  }

  /** One copy of a segment with a span of each kind and plain data; new bytes behind it. */
  private static byte[] delta() {
    byte[] spans = new byte[0];
    for (SpanKind kind : SpanKind.values()) {
      spans = join(spans, numbers(kind.number(), 0, SPAN_BYTES));
    }
    byte[] map =
        group(
            numbers(0),
            numbers(COPY_BYTES),
            numbers(0),
            numbers(1, 0, COPY_BYTES, 0, 0, 0, 0),
            spans);
    // In each span two bytes behind its first; one and two around the last span's end; three.
    byte[] gaps = numbers(1, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 2, 2);
    byte[] lengths = numbers(2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 3);
    int newBytes = IMAGE_BYTES - COPY_BYTES;
    return join(
        header(1, 1, SpanKind.values().length),
        map,
        numbers(IMAGE_BYTES),
        group(gaps, lengths, new byte[34], new byte[newBytes]));
  }

  @Test
  void account_storedStreams_isExactByKind() throws Exception {
    DeltaAccount account = account(delta());

    int tables = 5 * 2 + 2 + 3 * 2 + 3;
    assertThat(account.kinds())
        .containsAllEntriesOf(
            Map.of(
                ByteKind.FORMAT, (long) DeltaHeader.BYTES + tables,
                ByteKind.COPIES, 3L,
                ByteKind.ADDRESSES, 7L + 42,
                ByteKind.CODE, 4L,
                ByteKind.RELOCATIONS, 4L + 4,
                ByteKind.POINTERS, 4L,
                ByteKind.FRAME_TABLE, 4L,
                ByteKind.FRAMES, 4L,
                ByteKind.SYMBOL_NUMBERS, 4L))
        .containsEntry(ByteKind.SYMBOLS, 4L + 4)
        .containsEntry(ByteKind.KERNEL_TABLES, 5 * 4L + 2 + 1)
        .containsEntry(ByteKind.DATA, 2L + 2 + 3)
        .containsEntry(ByteKind.NEW, (long) IMAGE_BYTES - COPY_BYTES);
    assertThat(account.deltaBytes()).isEqualTo(delta().length);
    assertThat(account.files())
        .extracting(FileCost::path)
        .containsExactly(ImageFiles.IMAGE, DeltaAccount.DELTA);
    assertThat(account.refusal()).isPresent();
    // All of it is near to each other.
    assertThat(account.places())
        .containsExactly(
            new Place(
                ImageFiles.IMAGE,
                1,
                IMAGE_BYTES - 1,
                ByteKind.NEW,
                34,
                IMAGE_BYTES - COPY_BYTES,
                34 + 32 + IMAGE_BYTES - COPY_BYTES));
    assertThat(account.reasons(2))
        .extracting(DeltaAccount.Reason::kind)
        .containsExactly(ByteKind.NEW, ByteKind.FORMAT);
  }

  @Test
  void account_severalParts_areAddedUp() throws Exception {
    byte[] none = new byte[0];
    byte[] delta =
        join(
            header(1, 0, 0),
            group(numbers(10), numbers(100), numbers(0), none, none),
            numbers(60),
            // A surprise that the part cuts; its new bytes come first.
            group(numbers(20), numbers(30), new byte[30], new byte[10]),
            numbers(IMAGE_BYTES - 60),
            group(none, none, none, new byte[IMAGE_BYTES - 110]));
    DeltaAccount account = account(delta);

    assertThat(account.kinds())
        .containsEntry(ByteKind.DATA, 32L)
        .containsEntry(ByteKind.NEW, 10L + IMAGE_BYTES - 110);
    // Not far from the one part's last surprise to the other's new bytes.
    assertThat(account.places())
        .containsExactly(
            new Place(
                ImageFiles.IMAGE,
                0,
                IMAGE_BYTES,
                ByteKind.NEW,
                30,
                IMAGE_BYTES - 100,
                32 + IMAGE_BYTES - 100));
  }

  @Test
  void account_deltaCutAnywhere_isRefused() throws Exception {
    byte[] delta = delta();
    for (int length = 0; length < delta.length; length++) {
      byte[] cut = Arrays.copyOf(delta, length);
      assertThatThrownBy(() -> account(cut)).isInstanceOf(RejectedException.class);
    }
    assertThatThrownBy(() -> account(Arrays.copyOf(delta, delta.length + 1)))
        .isInstanceOf(RejectedException.class)
        .hasMessageContaining("expected its end");
  }

  /** What a device's code would have refused before. */
  @Test
  void account_streamsWithBytesLeftOver_isRefused() {
    byte[] none = new byte[0];
    byte[] map = group(none, none, none, none, none);
    byte[] part = numbers(IMAGE_BYTES);
    for (byte[] streams :
        new byte[][] {
          group(none, none, none, new byte[IMAGE_BYTES + 1]),
          group(none, none, none, new byte[IMAGE_BYTES - 1]),
          group(numbers(1), none, none, new byte[IMAGE_BYTES]),
          group(none, numbers(1), none, new byte[IMAGE_BYTES]),
          group(none, none, new byte[1], new byte[IMAGE_BYTES])
        }) {
      assertThatThrownBy(() -> account(join(header(0, 0, 0), map, part, streams)))
          .isInstanceOf(RejectedException.class);
    }
  }

  @Test
  void account_anotherImage_isRefused() throws Exception {
    Path image = Files.write(folder.resolve("other"), new byte[IMAGE_BYTES + 1]);
    Path delta = Files.write(folder.resolve("delta"), delta());
    assertThatThrownBy(() -> Accountant.of(delta, image))
        .isInstanceOf(RejectedException.class)
        .hasMessageContaining("1001");
  }
}
