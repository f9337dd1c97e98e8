package dev.suture.sim;

import dev.suture.background.BackgroundClass;
import dev.suture.protocol.failure.SutureException;

/** There is one thread, and nothing else runs on the device. */
final class SimBackground implements BackgroundClass {
  @Override
  public <T> T run(Work<T> work) throws SutureException {
    return work.run();
  }
}
