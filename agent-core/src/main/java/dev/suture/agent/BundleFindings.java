package dev.suture.agent;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * What a device thinks of a bundle.
 *
 * @param lines one for each step, in order; the last one sums up
 * @param isGood whether nothing was refused
 */
public record BundleFindings(List<String> lines, boolean isGood) {
  /** Copies the list. */
  public BundleFindings {
    lines = Collections.unmodifiableList(new ArrayList<>(lines));
  }

  /** All lines as one text. */
  public String text() {
    return String.join("\n", lines);
  }
}
