package dev.suture.publisher.delta;

/** Hears how far a long computation is, some times a second; from any thread, one at a time. */
@FunctionalInterface
public interface Progress {
  /** Hears nothing. */
  Progress NONE = (stage, done, total) -> {};

  /**
   * Hears how far it is.
   *
   * @param stage what is being done
   * @param done bytes of the image that this stage has passed, or its share of the work in bytes
   * @param total bytes of the image
   */
  void at(String stage, long done, long total);
}
