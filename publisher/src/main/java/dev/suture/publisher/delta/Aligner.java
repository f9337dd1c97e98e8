package dev.suture.publisher.delta;

import dev.suture.publisher.PublisherException;
import org.jspecify.annotations.Nullable;

/**
 * Finds, for every part of the image, the part of the base that it was made from, changed bytes
 * included. The idea is that of bsdiff (Colin Percival, "Naive differences of executable code"):
 * stay with the present alignment of image and base until another one explains what follows clearly
 * better, then extend both towards each other over bytes of which at least half are equal. Where
 * bsdiff asks a suffix array for the longest match, this asks a {@link Matcher}: one with a suffix
 * array, too, or one that takes less memory.
 */
final class Aligner {
  /** Another alignment must explain this many bytes more than the present one. */
  private static final int ADVANTAGE_BYTES = 8;

  /** An equal run of this length is taken without asking whether there is a longer one. */
  private static final int GOOD_RUN_BYTES = 32;

  /**
   * Until there is a matcher: so much of what follows is compared with the present alignment, and
   * so many bytes of it may differ before one is made. Sorting takes long, and images that differ
   * in a build number need none.
   */
  private static final int OUTLOOK_BYTES = 4096;

  private static final int OUTLOOK_DIFFERENT_MAX = 64;

  private static final int REPORT_MASK = (1 << 18) - 1;

  /** Hears how many more bytes of the image were passed. */
  interface Passed {
    void more(long bytes);
  }

  private final MappedImage base;
  private final MappedImage image;
  private final long end;
  private final Matchers matchers;
  private final Passed passed;
  private final Alignments found = new Alignments();

  /** The present alignment: it began here, in the image and in the base. */
  private long imageStart;

  private long baseStart;

  /** Got when it is first needed: equal images need none. */
  private @Nullable Matcher matcher;

  private long reported;

  private Aligner(
      MappedImage base, MappedImage image, long start, long end, Matchers matchers, Passed passed) {
    this.base = base;
    this.image = image;
    this.end = end;
    this.matchers = matchers;
    this.passed = passed;
    imageStart = start;
    baseStart = start;
    reported = start;
  }

  /** Aligns a stretch of the image with the base, as if there was nothing around it. */
  static Alignments align(
      MappedImage base, MappedImage image, long start, long end, Matchers matchers, Passed passed)
      throws InterruptedException, PublisherException {
    Aligner aligner = new Aligner(base, image, start, end, matchers, passed);
    aligner.run(start);
    return aligner.found;
  }

  private void run(long start) throws InterruptedException, PublisherException {
    long scan = start;
    long steps = 0;
    // How many of the image's bytes in [scan, scored) the present alignment explains.
    long scored = start;
    long score = 0;
    while (scan < end) {
      if ((steps++ & REPORT_MASK) == 0) {
        report(scan);
      }
      long offset = baseStart - imageStart;
      long run = presentRun(scan, offset);
      if (run >= GOOD_RUN_BYTES) {
        scan += run;
        scored = scan;
        score = 0;
        continue;
      }
      if (matcher == null && continues(scan, offset)) {
        scan = Math.min(end, scan + OUTLOOK_BYTES);
        scored = scan;
        score = 0;
        continue;
      }
      Matcher asked = matcher();
      long matchLength = Math.min(end - scan, asked.find(scan, scan + offset));
      for (; scored < scan + matchLength; scored++) {
        score += equal(scored, offset);
      }
      if (matchLength > score + ADVANTAGE_BYTES) {
        change(scan, asked.basePosition());
        scan += matchLength;
        scored = scan;
        score = 0;
      } else if (matchLength > 0 && matchLength == score) {
        scan += matchLength;
        scored = scan;
        score = 0;
      } else {
        if (scored > scan) {
          score -= equal(scan, offset);
        } else {
          scored = scan + 1;
        }
        scan++;
      }
    }
    found.add(imageStart, baseStart, forward(end));
    report(end);
  }

  /**
   * Ends the present alignment where the one that begins at or before {@code scan} explains more.
   */
  private void change(long scan, long position) {
    long forward = forward(scan);
    long backward = backward(scan, position);
    long overlap = imageStart + forward - (scan - backward);
    if (overlap > 0) {
      long kept = split(imageStart + forward - overlap, overlap, position - scan);
      forward += kept - overlap;
      backward -= kept;
    }
    found.add(imageStart, baseStart, forward);
    imageStart = scan - backward;
    baseStart = position - backward;
  }

  /** How far the present alignment goes on, at most to a limit, at least half its bytes equal. */
  private long forward(long until) {
    long offset = baseStart - imageStart;
    long limit = Math.min(until, base.bytes() - offset);
    long best = 0;
    long bestGain = 0;
    long gain = 0;
    for (long at = imageStart; at < limit; at++) {
      gain += image.at(at) == base.at(at + offset) ? 1 : -1;
      if (gain > bestGain) {
        bestGain = gain;
        best = at + 1 - imageStart;
      }
    }
    return best;
  }

  /** How far the alignment of {@code scan} with {@code position} goes back, in the same way. */
  private long backward(long scan, long position) {
    long limit = Math.min(scan - imageStart, position);
    long best = 0;
    long bestGain = 0;
    long gain = 0;
    for (long back = 1; back <= limit; back++) {
      gain += image.at(scan - back) == base.at(position - back) ? 1 : -1;
      if (gain > bestGain) {
        bestGain = gain;
        best = back;
      }
    }
    return best;
  }

  /** How much of a range is better left to the present alignment than given to the next one. */
  private long split(long start, long length, long nextOffset) {
    long offset = baseStart - imageStart;
    long best = 0;
    long bestGain = 0;
    long gain = 0;
    for (long i = 0; i < length; i++) {
      byte wanted = image.at(start + i);
      if (wanted == base.at(start + i + offset)) {
        gain++;
      }
      if (wanted == base.at(start + i + nextOffset)) {
        gain--;
      }
      if (gain > bestGain) {
        bestGain = gain;
        best = i + 1;
      }
    }
    return best;
  }

  private long presentRun(long scan, long offset) {
    long position = scan + offset;
    return position < 0 || position >= base.bytes()
        ? 0
        : image.equalRun(scan, base, position, end - scan);
  }

  private int equal(long scan, long offset) {
    long position = scan + offset;
    return position >= 0 && position < base.bytes() && image.at(scan) == base.at(position) ? 1 : 0;
  }

  /** Whether the present alignment explains nearly all of what follows. */
  private boolean continues(long scan, long offset) {
    long position = scan + offset;
    long outlook = Math.min(end, scan + OUTLOOK_BYTES);
    if (position < 0 || outlook + offset > base.bytes()) {
      return false;
    }
    int different = 0;
    for (long at = scan; at < outlook && different <= OUTLOOK_DIFFERENT_MAX; at++) {
      different += 1 - equal(at, offset);
    }
    return different <= OUTLOOK_DIFFERENT_MAX;
  }

  private Matcher matcher() throws InterruptedException, PublisherException {
    Matcher made = matcher;
    if (made == null) {
      made = matchers.next();
      matcher = made;
    }
    return made;
  }

  private void report(long done) throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    passed.more(done - reported);
    reported = done;
  }
}
