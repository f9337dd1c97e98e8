package dev.suture.background;

import dev.suture.protocol.failure.SutureException;

/** How the device does work that gives way to everything else on it. */
public interface BackgroundClass {
  /**
   * Does the work, and returns when it is over. Whatever comes of it, the caller is afterwards
   * scheduled as before: what follows, as a restart or a judgement of health, gives way to nobody.
   *
   * @throws SutureException what the work threw; so does any other exception pass through
   */
  <T> T run(Work<T> work) throws SutureException;

  /**
   * Something to be done.
   *
   * @param <T> what comes of it
   */
  @FunctionalInterface
  interface Work<T> {
    /** Does it, on whatever thread it is called on. */
    T run() throws SutureException;
  }
}
