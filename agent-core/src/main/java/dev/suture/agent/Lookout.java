package dev.suture.agent;

import dev.suture.attempt.Failure;
import dev.suture.link.NoticeSource;
import dev.suture.protocol.Notice;
import dev.suture.protocol.failure.RejectedException;
import dev.suture.protocol.failure.SutureException;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides when to look at the metadata: at the start, at a notice with news, when asked, and every
 * 15 minutes.
 */
final class Lookout {
  private static final Logger LOG = LoggerFactory.getLogger(Lookout.class);
  private static final long POLL_MILLIS = 15 * 60_000;

  private final NoticeSource notices;
  private final Metadata metadata;
  private final Clock clock;
  private long nextMillis;
  private int failed;
  private Optional<Failure> failure = Optional.empty();

  Lookout(NoticeSource notices, Metadata metadata, Clock clock) {
    this.notices = notices;
    this.metadata = metadata;
    this.clock = clock;
    this.nextMillis = clock.monotonicMillis();
  }

  /** The next look is due now. */
  void ask() {
    nextMillis = clock.monotonicMillis();
  }

  /** Looks, if a look is due. A look that fails changes nothing but the time of the next one. */
  void lookIfDue() {
    Optional<byte[]> notice = notices.take();
    if (notice.isPresent() && isNews(notice.get())) {
      ask();
    }
    if (clock.monotonicMillis() < nextMillis) {
      return;
    }
    try {
      metadata.refresh();
      failed = 0;
      failure = Optional.empty();
      nextMillis = clock.monotonicMillis() + POLL_MILLIS;
    } catch (SutureException e) {
      LOG.warn("look at the metadata: {}", e.getMessage());
      failure = Optional.of(Failure.of(e));
      nextMillis = clock.monotonicMillis() + BackOff.millis(++failed);
    }
  }

  /**
   * A notice is a hint: whatever is wrong with one, the worst is a look too many or one too few
   * before the next poll.
   */
  private boolean isNews(byte[] notice) {
    try {
      return Notice.decode(notice).sequence() > metadata.version();
    } catch (RejectedException e) {
      LOG.warn("{}", e.getMessage());
      return false;
    }
  }

  /** Why the newest look failed. */
  Optional<Failure> failure() {
    return failure;
  }

  /** Until the next look is due; at least one millisecond. */
  long waitMillis() {
    return Math.max(1, nextMillis - clock.monotonicMillis());
  }
}
