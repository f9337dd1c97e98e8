package dev.suture.publisher.release;

import dev.suture.protocol.ComponentName;
import java.nio.file.Path;

/**
 * The images of one component.
 *
 * @param name the component
 * @param base its image in the baseline, as flashed
 * @param image its image in the patch
 */
public record ComponentSource(ComponentName name, Path base, Path image) {
  /** How the option is written. */
  public static final String FORM = "NAME=OLD.img,NEW.img";

  /**
   * Reads the option's value.
   *
   * @throws IllegalArgumentException if it has another form
   */
  public static ComponentSource parse(String text) {
    int equals = text.indexOf('=');
    int comma = text.indexOf(',', equals + 1);
    if (equals < 1
        || comma <= equals + 1
        || comma == text.length() - 1
        || text.indexOf(',', comma + 1) >= 0) {
      throw new IllegalArgumentException("expected " + FORM + ", got \"" + text + "\"");
    }
    return new ComponentSource(
        new ComponentName(text.substring(0, equals)),
        Path.of(text.substring(equals + 1, comma)),
        Path.of(text.substring(comma + 1)));
  }
}
