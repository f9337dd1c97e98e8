package dev.suture.publisher.delta.account;

import dev.suture.protocol.delta.DeltaHeader;
import dev.suture.protocol.failure.RejectedException;

/** Which ranges of the image are copies, in the image's order. */
final class Copies {
  private final long[] imageStarts;
  private final long[] baseStarts;
  private final long[] lengths;

  /** Bytes of the delta that say so, for each copy. */
  private final double[] costs;

  private Copies(int count) {
    imageStarts = new long[count];
    baseStarts = new long[count];
    lengths = new long[count];
    costs = new double[count];
  }

  static Copies read(DeltaHeader header, Numbers gaps, Numbers lengths, Numbers places)
      throws RejectedException {
    Copies copies = new Copies(header.copies());
    long image = 0;
    long base = 0;
    for (int i = 0; i < copies.count(); i++) {
      image += gaps.number();
      base += places.signed();
      long length = lengths.number();
      if (length < 1 || image > header.imageBytes() - length) {
        throw Numbers.malformed("copy: expected a range of the image, got another, copy " + i);
      }
      copies.imageStarts[i] = image;
      copies.baseStarts[i] = base;
      copies.lengths[i] = length;
      copies.costs[i] = gaps.charge() + places.charge() + lengths.charge();
      image += length;
      base += length;
    }
    gaps.requireEnd();
    lengths.requireEnd();
    places.requireEnd();
    return copies;
  }

  int count() {
    return lengths.length;
  }

  long imageStart(int copy) {
    return imageStarts[copy];
  }

  long imageEnd(int copy) {
    return imageStarts[copy] + lengths[copy];
  }

  long baseStart(int copy) {
    return baseStarts[copy];
  }

  double cost(int copy) {
    return costs[copy];
  }
}
