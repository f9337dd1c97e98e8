package dev.suture.publisher.explain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.suture.publisher.explain.Treemap.Box;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TreemapTest {
  private static final Box WHOLE = new Box(10, 20, 1200, 700);
  private static final double NEARLY = 1e-6;

  private static boolean overlap(Box a, Box b) {
    return a.x() + NEARLY < b.x() + b.width()
        && b.x() + NEARLY < a.x() + a.width()
        && a.y() + NEARLY < b.y() + b.height()
        && b.y() + NEARLY < a.y() + a.height();
  }

  @Test
  void divide_anyWeights_areasAreInProportionWithinTheWholeAndApart() {
    Random random = new Random(1);
    for (int round = 0; round < 50; round++) {
      List<Long> weights = new ArrayList<>();
      for (int i = 0; i <= round; i++) {
        weights.add(1L + random.nextInt(1 << random.nextInt(20)));
      }
      weights.sort(Comparator.reverseOrder());
      double sum = weights.stream().mapToLong(Long::longValue).sum();
      List<Box> boxes = Treemap.divide(WHOLE, weights);
      assertThat(boxes).hasSameSizeAs(weights);
      for (int i = 0; i < boxes.size(); i++) {
        Box box = boxes.get(i);
        assertThat(box.area()).isCloseTo(WHOLE.area() * weights.get(i) / sum, within(1e-3));
        assertThat(box.x()).isGreaterThanOrEqualTo(WHOLE.x() - NEARLY);
        assertThat(box.y()).isGreaterThanOrEqualTo(WHOLE.y() - NEARLY);
        assertThat(box.x() + box.width()).isLessThanOrEqualTo(WHOLE.x() + WHOLE.width() + NEARLY);
        assertThat(box.y() + box.height()).isLessThanOrEqualTo(WHOLE.y() + WHOLE.height() + NEARLY);
        for (Box other : boxes.subList(0, i)) {
          assertThat(overlap(box, other)).isFalse();
        }
      }
    }
  }

  @Test
  void divide_equalWeights_partsAreNearlySquare() {
    List<Box> boxes = Treemap.divide(new Box(0, 0, 400, 400), List.of(1L, 1L, 1L, 1L));
    assertThat(boxes).allMatch(box -> box.width() == 200 && box.height() == 200);
  }

  @Test
  void divide_noRoom_partsAreEmpty() {
    for (Box box : Treemap.divide(new Box(0, 0, 0, 50), List.of(3L, 2L))) {
      assertThat(box.area()).isZero();
    }
  }
}
