package dev.suture.protocol.manifest;

/** Version of the agent: three numbers. */
public record AgentVersion(int major, int minor, int patch) implements Comparable<AgentVersion> {
  private static final int PART_MAX = 99_999;

  /** The version of this source tree. */
  public static final AgentVersion CURRENT = new AgentVersion(0, 1, 0);

  /** Checks the ranges. */
  public AgentVersion {
    if (major < 0
        || minor < 0
        || patch < 0
        || major > PART_MAX
        || minor > PART_MAX
        || patch > PART_MAX) {
      throw new IllegalArgumentException("agent version: expected parts from 0 to " + PART_MAX);
    }
  }

  /**
   * Reads for example {@code 0.1.0}.
   *
   * @throws IllegalArgumentException if it has another form
   */
  public static AgentVersion parse(String text) {
    String[] parts = text.split("\\.", -1);
    if (parts.length != 3) {
      throw new IllegalArgumentException(
          "agent version: expected three numbers, got \"" + text + "\"");
    }
    AgentVersion version =
        new AgentVersion(
            Integer.parseInt(parts[0]), Integer.parseInt(parts[1]), Integer.parseInt(parts[2]));
    if (!version.toString().equals(text)) {
      throw new IllegalArgumentException(
          "agent version: expected " + version + ", got \"" + text + "\"");
    }
    return version;
  }

  @Override
  public int compareTo(AgentVersion other) {
    int byMajor = Integer.compare(major, other.major);
    int byMinor = Integer.compare(minor, other.minor);
    return byMajor != 0 ? byMajor : byMinor != 0 ? byMinor : Integer.compare(patch, other.patch);
  }

  @Override
  public String toString() {
    return major + "." + minor + "." + patch;
  }
}
