package dev.suture.publisher.explain;

import java.util.ArrayList;
import java.util.List;

/**
 * Divides a rectangle among weights, so that areas are in their proportion and no part is much
 * longer than wide where that can be avoided (Bruls, Huizing, van Wijk: "Squarified treemaps").
 */
final class Treemap {
  private Treemap() {}

  /** A rectangle, in any unit. */
  record Box(double x, double y, double width, double height) {
    double area() {
      return width * height;
    }

    /** What is left within a border and below a head; nothing, if there is no room for them. */
    Box inside(double border, double head) {
      return new Box(
          x + border,
          y + head,
          Math.max(0, width - 2 * border),
          Math.max(0, height - head - border));
    }
  }

  /**
   * The parts of a rectangle.
   *
   * @param weights above 0, the largest first
   * @return one for each weight, in their order
   */
  static List<Box> divide(Box whole, List<Long> weights) {
    double sum = weights.stream().mapToLong(Long::longValue).sum();
    List<Double> areas = weights.stream().map(weight -> weight / sum * whole.area()).toList();
    List<Box> boxes = new ArrayList<>();
    Box left = whole;
    while (boxes.size() < areas.size()) {
      double side = Math.min(left.width, left.height);
      int from = boxes.size();
      int to = from + 1;
      double worst = worst(areas.subList(from, to), side);
      while (to < areas.size()) {
        double next = worst(areas.subList(from, to + 1), side);
        if (next > worst) {
          break;
        }
        worst = next;
        to++;
      }
      left = row(left, areas.subList(from, to), boxes);
    }
    return boxes;
  }

  /** Puts a row along the shorter side; what is left then. */
  private static Box row(Box left, List<Double> areas, List<Box> boxes) {
    double sum = areas.stream().mapToDouble(Double::doubleValue).sum();
    boolean isUpright = left.width >= left.height;
    double side = isUpright ? left.height : left.width;
    double thick = side > 0 ? Math.min(sum / side, isUpright ? left.width : left.height) : 0;
    double at = 0;
    for (double area : areas) {
      double length = sum > 0 ? area / sum * side : 0;
      boxes.add(
          isUpright
              ? new Box(left.x, left.y + at, thick, length)
              : new Box(left.x + at, left.y, length, thick));
      at += length;
    }
    return isUpright
        ? new Box(left.x + thick, left.y, left.width - thick, left.height)
        : new Box(left.x, left.y + thick, left.width, left.height - thick);
  }

  /** How much longer than wide the worst part of a row is: 1 for a square. */
  private static double worst(List<Double> areas, double side) {
    double sum = areas.stream().mapToDouble(Double::doubleValue).sum();
    double worst = 1;
    for (double area : areas) {
      double ratio = side * side * area / (sum * sum);
      worst = Math.max(worst, Math.max(ratio, 1 / ratio));
    }
    return worst;
  }
}
