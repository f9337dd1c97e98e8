package dev.suture.link;

import java.util.Optional;

/** Where notices come in: bounded, because anybody may send them. */
public interface NoticeSource {
  /**
   * The newest notice that was not taken yet, or nothing. Never waits, never fails: a source that
   * is cut off has no notices.
   *
   * @return bytes as they came, unchecked, at most {@code Notice.BYTES_MAX}; the caller owns them
   */
  Optional<byte[]> take();
}
