package dev.suture.publisher.delta;

import java.util.Arrays;

/**
 * Ranges of the image, in order and without overlap, each with the range of the base that it
 * resembles. Three numbers a range in one array: there can be millions.
 */
final class Alignments {
  private long[] numbers = new long[3 * 1024];
  private int count;

  void add(long imagePosition, long basePosition, long length) {
    if (length <= 0) {
      return;
    }
    if (3 * count == numbers.length) {
      numbers = Arrays.copyOf(numbers, 2 * numbers.length);
    }
    numbers[3 * count] = imagePosition;
    numbers[3 * count + 1] = basePosition;
    numbers[3 * count + 2] = length;
    count++;
  }

  /** Adds those of what follows in the image; what goes on across the border is one range. */
  void append(Alignments next) {
    int begin = 0;
    if (count > 0 && next.count > 0) {
      int last = 3 * (count - 1);
      long end = numbers[last + 2];
      if (numbers[last] + end == next.numbers[0] && numbers[last + 1] + end == next.numbers[1]) {
        numbers[last + 2] += next.numbers[2];
        begin = 1;
      }
    }
    for (int i = begin; i < next.count; i++) {
      add(next.imagePosition(i), next.basePosition(i), next.length(i));
    }
  }

  int count() {
    return count;
  }

  long imagePosition(int index) {
    return numbers[3 * index];
  }

  long basePosition(int index) {
    return numbers[3 * index + 1];
  }

  long length(int index) {
    return numbers[3 * index + 2];
  }
}
