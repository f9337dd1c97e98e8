package dev.suture.publisher.delta;

import dev.suture.publisher.Heap;
import dev.suture.publisher.PublisherException;
import org.jspecify.annotations.Nullable;

/** Gives each thread a matcher; what they look in is made when the first one is asked for. */
final class Matchers {
  private final MappedImage base;
  private final MappedImage image;
  private final Matching matching;
  private final Progress progress;
  private @Nullable Matcher first;

  Matchers(MappedImage base, MappedImage image, Matching matching, Progress progress) {
    this.base = base;
    this.image = image;
    this.matching = matching;
    this.progress = progress;
  }

  /**
   * A matcher for one thread; others wait while the first one is made.
   *
   * @throws PublisherException {@code HEAP_TOO_SMALL} if there is no room for what it looks in
   */
  synchronized Matcher next() throws InterruptedException, PublisherException {
    Matcher made = first;
    if (made == null) {
      matching.requireHeap(base.bytes(), Heap.maxBytes());
      made =
          switch (matching) {
            case SUFFIX_ARRAY -> new SuffixMatcher(base, image, progress);
            case WINDOWS -> new WindowMatcher(base, image);
          };
      first = made;
    }
    return made.another();
  }
}
