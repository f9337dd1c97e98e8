package dev.suture.publisher.delta;

import dev.suture.delta.CopyMap;
import dev.suture.delta.Corrector;
import dev.suture.delta.ImageWalk;
import dev.suture.delta.Spans;
import dev.suture.protocol.delta.SpanKind;
import dev.suture.protocol.failure.SutureException;
import java.io.BufferedOutputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;

/**
 * What each byte of the base would be if it were copied to where it has moved: the base with all
 * its addresses replaced. An image that is matched with this instead of with the base is matched
 * with what a device will predict, so that code which merely moved, and tables of entries that
 * differ in nothing but an address, are found where they are.
 *
 * <p>Tables are followed as the image has them, so that what they tell of addresses is used; code
 * is not, because where it is matched wrongly it would tell of wrong ones.
 */
final class Forecast implements Corrector {
  private final MappedImage image;
  private final CopyMap whole;
  private final Spans spans;
  private final OutputStream out;
  private int copy;
  private long done;

  private Forecast(MappedImage image, CopyMap whole, Spans spans, OutputStream out) {
    this.image = image;
    this.whole = whole;
    this.spans = spans;
    this.out = out;
  }

  /**
   * Writes the forecast of a base to a file; it has the base's length.
   *
   * @throws Cancelled if the thread is interrupted
   */
  static void write(
      MappedImage base, MappedImage image, CopyMap map, AddressPlan addresses, Path file)
      throws IOException {
    CopyMap whole = map.ofWholeBase(base.bytes());
    // Not a channel: interrupting closes channels, with an exception of their own.
    try (OutputStream out = new BufferedOutputStream(new FileOutputStream(file.toFile()))) {
      new ImageWalk(
              whole,
              addresses.segments(),
              addresses.spans(),
              addresses.learnedLog(),
              base.bytes(),
              new MappedBase(base),
              new Forecast(image, whole, addresses.spans(), out),
              (source, offset, length) -> Cancelled.check("forecasting"))
          .runCopies();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    } catch (SutureException e) {
      throw new IllegalStateException("a walk over mapped images failed", e);
    }
  }

  @Override
  public void insert(byte[] target, int offset, int length) {
    throw new IllegalStateException("nothing is new in a forecast");
  }

  @Override
  public void correct(byte[] predicted, int offset, int length) {
    try {
      out.write(predicted, offset, length);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    while (done >= whole.baseStart(copy) + whole.length(copy)) {
      copy++;
    }
    long at = whole.imageStart(copy) + done - whole.baseStart(copy);
    int span = spans.next(done);
    boolean isTable =
        span < spans.count() && spans.start(span) <= done && spans.kind(span) != SpanKind.CODE;
    if (isTable && at >= 0 && at + length <= image.bytes()) {
      image.read(at, predicted, offset, length);
    }
    done += length;
  }
}
