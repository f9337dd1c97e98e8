package dev.suture.publisher;

import dev.suture.publisher.PublisherException.Details;

/** What is said when this virtual machine's heap is too small. */
public final class Heap {
  private static final long MIB = 1L << 20;

  /** What a collector keeps of -Xmx for itself, as a part of what it leaves. */
  private static final int RESERVED_PART = 8;

  private static final String WHERE = "heap of this virtual machine";

  private static final String LOW_MEMORY =
      "or choose --low-memory for larger deltas (\"release\" and \"patch build\": a vendor and the"
          + " publisher must choose the same)";

  private Heap() {}

  /** The most that it may grow to, in bytes. */
  public static long maxBytes() {
    return Runtime.getRuntime().maxMemory();
  }

  /** It is known beforehand. */
  public static PublisherException tooSmall(String attempted, long expectedBytes) {
    long mib = (expectedBytes + expectedBytes / RESERVED_PART + MIB - 1) / MIB;
    return new PublisherException(
        Problem.HEAP_TOO_SMALL,
        new Details(
            attempted,
            expectedBytes + " bytes of heap",
            maxBytes() + " bytes",
            WHERE,
            "set SUTURE_PUBLISH_JAVA_OPTS=-Xmx" + mib + "m, " + LOW_MEMORY));
  }

  /** It turned out. */
  public static PublisherException exhausted(String attempted, OutOfMemoryError e) {
    return new PublisherException(
        Problem.HEAP_TOO_SMALL,
        new Details(
            attempted,
            "enough heap",
            maxBytes() + " bytes: " + e.getMessage(),
            WHERE,
            "set SUTURE_PUBLISH_JAVA_OPTS=-Xmx...m to more than that, " + LOW_MEMORY),
        e);
  }
}
