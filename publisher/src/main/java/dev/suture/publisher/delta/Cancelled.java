package dev.suture.publisher.delta;

/** Carries an interrupt through a walk, which knows of none. */
final class Cancelled extends RuntimeException {
  private static final long serialVersionUID = 1;

  private Cancelled(String doing) {
    super("interrupted while " + doing);
  }

  /** Throws if the thread was interrupted. */
  static void check(String doing) {
    if (Thread.interrupted()) {
      throw new Cancelled(doing);
    }
  }

  /** What is thrown outside the walk. */
  InterruptedException asInterrupt() {
    return (InterruptedException) new InterruptedException(getMessage()).initCause(this);
  }
}
