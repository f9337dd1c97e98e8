package dev.suture.publisher.release;

/** Where lines go that tell a waiting person what is going on. Called from several threads. */
@FunctionalInterface
public interface Progress {
  /** Takes one line. */
  void line(String text);
}
