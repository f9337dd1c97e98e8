package dev.suture.attempt;

import dev.suture.protocol.Baseline;
import dev.suture.protocol.FileRef;
import dev.suture.protocol.Level;

/**
 * Which patch an attempt is about, as the signed metadata names it.
 *
 * @param baseline the OS release
 * @param level the letter
 * @param manifest where its manifest is; the digest is the patch's identity
 */
public record Patch(Baseline baseline, Level level, FileRef manifest) {
  /** For people: {@code 26.1 (a)}. */
  public String title() {
    return baseline.with(level);
  }
}
