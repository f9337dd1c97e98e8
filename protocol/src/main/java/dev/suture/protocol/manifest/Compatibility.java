package dev.suture.protocol.manifest;

import dev.suture.protocol.ComponentName;
import dev.suture.protocol.Level;
import dev.suture.protocol.Sha256;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What a patch asks of the device besides baseline, model and agent, and what it leaves behind.
 *
 * @param baselineDigest digest over all base images of the OS release, see {@link #digest}; if it
 *     is not said, those of the patch's components are compared alone
 * @param floor once this patch is confirmed, nothing below this level is installed any more
 * @param baseBelowFloor whether base counts as below the floor, so that the device does not go back
 *     to it for its user or for a withdrawal either; a base that is all that can run still runs
 * @param dataSchema which data it can read, and leaves behind
 */
public record Compatibility(
    Optional<Sha256> baselineDigest,
    Optional<Level> floor,
    boolean baseBelowFloor,
    Optional<DataSchema> dataSchema) {
  /** Nothing is asked, nothing is left behind. */
  public static final Compatibility NONE =
      new Compatibility(Optional.empty(), Optional.empty(), false, Optional.empty());

  /** Checks that there is a floor for base to be below. */
  public Compatibility {
    if (baseBelowFloor && !floor.isPresent()) {
      throw new IllegalArgumentException("base below floor: expected a floor, got none");
    }
  }

  /**
   * Versions of the data on the device that a patch can read; afterwards the data has the last of
   * them.
   *
   * @param min lowest version that it reads, from 1
   * @param max highest version that it reads, and the one that it leaves behind
   */
  public record DataSchema(int min, int max) {
    /** Highest version. */
    public static final int VERSION_MAX = 1_000_000;

    /** What a base reads and leaves that says nothing. */
    public static final DataSchema FIRST = new DataSchema(1, 1);

    /** Checks the order. */
    public DataSchema {
      if (min < 1 || max < min || max > VERSION_MAX) {
        throw new IllegalArgumentException(
            "data schema: expected 1 <= min <= max <= "
                + VERSION_MAX
                + ", got "
                + min
                + " and "
                + max);
      }
    }

    /** Whether it can read data of this version. */
    public boolean reads(int version) {
      return version >= min && version <= max;
    }
  }

  /**
   * The digest of an OS release: SHA-256 over one line {@code NAME SHA256} for each component,
   * sorted by name, each ended by a newline. The {@link OsParts} are not in it: it is the same for
   * a device whose OS cannot be patched.
   */
  public static Sha256 digest(Map<ComponentName, Sha256> baseImages) {
    StringBuilder lines = new StringBuilder();
    new TreeMap<>(baseImages)
        .forEach(
            (name, sha256) -> {
              if (!OsParts.contain(name)) {
                lines.append(name.word()).append(' ').append(sha256.hex()).append('\n');
              }
            });
    return Sha256.of(lines.toString().getBytes(StandardCharsets.US_ASCII));
  }
}
