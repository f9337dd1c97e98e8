package dev.suture.publisher.delta;

/** Tells progress of a stage of which the number of steps is known roughly; hears interrupts. */
final class Meter {
  private final Progress progress;
  private final String stage;
  private final long steps;
  private final long total;
  private long done;

  /**
   * Begins a stage.
   *
   * @param steps how many steps there will be, about; 1 or more
   * @param total what the listener is told as a total: bytes of the image
   */
  Meter(Progress progress, String stage, long steps, long total) {
    this.progress = progress;
    this.stage = stage;
    this.steps = steps;
    this.total = total;
  }

  /** Counts steps; more than were announced are as many. */
  void advance(long more) throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    done = Math.min(steps, done + more);
    progress.at(stage, (long) ((double) done / steps * total), total);
  }

  /** Tells that the stage is complete. */
  void finish() throws InterruptedException {
    advance(steps);
  }
}
