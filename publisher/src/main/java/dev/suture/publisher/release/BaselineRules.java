package dev.suture.publisher.release;

import dev.suture.protocol.Sha256;
import dev.suture.publisher.Problem;
import dev.suture.publisher.PublisherException;
import dev.suture.publisher.PublisherException.Details;
import java.util.List;

/** Whether a patch is made from the images that its baseline was recorded with. Pure. */
final class BaselineRules {
  private BaselineRules() {}

  /**
   * Compares base images; nothing if the baseline was not recorded.
   *
   * @throws PublisherException {@code BASE_DIFFERS}
   */
  static void check(ReleaseRequest request, List<InspectedComponent> components)
      throws PublisherException {
    if (request.bases().isEmpty()) {
      return;
    }
    for (InspectedComponent component : components) {
      Sha256 recorded = request.bases().get(component.name());
      if (recorded == null || !recorded.equals(component.baseSha256())) {
        throw new PublisherException(
            Problem.BASE_DIFFERS,
            new Details(
                "compare the base image of "
                    + component.name()
                    + " with baseline "
                    + request.baseline(),
                recorded == null ? "one of " + request.bases().keySet() : recorded.brief(),
                component.baseSha256().brief(),
                component.source().base().toString(),
                "give the image as flashed with the baseline as OLD.img; DIR/publisher.json has"
                    + " what was recorded"));
      }
    }
  }
}
