package dev.suture.agent;

/** Time that only goes forward; says nothing about the date. */
@FunctionalInterface
public interface Clock {
  /** Milliseconds since some fixed moment of this boot. */
  long monotonicMillis();
}
