package dev.suture.arm64.live;

import java.util.ArrayList;
import java.util.List;

/** Signals by which a program ends that is broken, by their numbers on Linux, arm64 and x86-64. */
enum CrashSignal {
  ILL(4),
  ABRT(6),
  BUS(7),
  SEGV(11);

  private final int number;

  CrashSignal(int number) {
    this.number = number;
  }

  /** Each number. */
  static List<Integer> numbers() {
    List<Integer> numbers = new ArrayList<>();
    for (CrashSignal signal : values()) {
      numbers.add(signal.number);
    }
    return numbers;
  }

  /** Whether this, as systemd prints a status, is one. */
  static boolean is(String status) {
    return numbers().stream().anyMatch(one -> status.equals(Integer.toString(one)));
  }
}
