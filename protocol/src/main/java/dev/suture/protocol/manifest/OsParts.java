package dev.suture.protocol.manifest;

import dev.suture.protocol.ComponentName;
import java.util.Collection;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The two components that are the OS itself. They are never mounted: the bootloader starts one, and
 * that opens the other.
 */
public final class OsParts {
  /** The root file system. */
  public static final ComponentName ROOT = new ComponentName("os");

  /**
   * What the bootloader verifies and starts: a signed FIT with the kernel, its initramfs and the
   * verity root of {@link #ROOT}.
   */
  public static final ComponentName BOOT = new ComponentName("boot");

  private OsParts() {}

  /** Whether a component is a part of the OS. */
  public static boolean contain(ComponentName name) {
    return name.equals(ROOT) || name.equals(BOOT);
  }

  /**
   * Checks that a patch can bring these components with this restart.
   *
   * @throws IllegalArgumentException if one part of the OS is there without the other, or if less
   *     than a reboot is asked for
   */
  public static void check(Collection<ComponentName> components, RestartScope restart) {
    Set<ComponentName> parts =
        components.stream().filter(OsParts::contain).collect(Collectors.toSet());
    if (parts.size() == 1) {
      throw new IllegalArgumentException(
          "components: expected both " + ROOT + " and " + BOOT + " or neither, got " + parts);
    }
    if (!parts.isEmpty() && restart != RestartScope.REBOOT) {
      throw new IllegalArgumentException(
          "restart: expected reboot for a patch of the OS, got " + restart.word());
    }
  }
}
