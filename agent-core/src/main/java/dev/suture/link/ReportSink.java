package dev.suture.link;

import dev.suture.protocol.failure.RetryableException;

/** Where reports go. A report that does not get through is tried again later, never more. */
public interface ReportSink {
  /** Longest document that is sent, in bytes. */
  int REPORT_BYTES_MAX = 64 * 1024;

  /** Whether a {@link #publish} has a chance now. */
  boolean connected();

  /**
   * How often a connection was made so far. A broker may have lost what it was told before: after a
   * new connection everything is reported again.
   */
  long connects();

  /**
   * Sends a document and waits until the other side has acknowledged it. On return the other side
   * has it. After a failure it may have it all the same: send the newest again, not this one.
   *
   * @param document at most {@link #REPORT_BYTES_MAX}; not kept
   * @throws RetryableException {@code BROKER_UNREACHABLE}: not connected (at once), not
   *     acknowledged within the adapter's named limit, or refused by the other side
   * @throws IllegalArgumentException if the document is too long
   */
  void publish(Report report, byte[] document) throws RetryableException;
}
