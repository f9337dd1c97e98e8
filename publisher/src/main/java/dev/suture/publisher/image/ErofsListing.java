package dev.suture.publisher.image;

import java.util.List;
import java.util.Optional;

/**
 * What an image says about its files.
 *
 * @param ranges where the bytes of regular files are, in the image's order, without overlap; none
 *     with a refusal
 * @param refusal why there are no names, if there are none
 */
public record ErofsListing(List<FileRange> ranges, Optional<String> refusal) {
  /** Copies the list. */
  public ErofsListing {
    ranges = List.copyOf(ranges);
  }
}
