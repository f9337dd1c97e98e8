package dev.suture.publisher.repository;

import java.nio.file.Path;
import java.time.Duration;

/** Another publisher's process: takes the lock, says so, and holds it until its input ends. */
public final class LockHolder {
  private LockHolder() {}

  /** Takes the repository's folder. */
  public static void main(String[] args) throws Exception {
    PublisherLock lock = PublisherLock.take(Path.of(args[0]), Duration.ZERO);
    System.out.println("locked");
    int end = System.in.read();
    lock.close();
    System.exit(end < 0 ? 0 : 1);
  }
}
