package dev.suture.policy;

/**
 * What the operator allows.
 *
 * @param automatic whether patches are installed, and the device restarted for them, without being
 *     asked for
 */
public record Policy(boolean automatic) {
  /**
   * May this patch be installed?
   *
   * @param requested whether somebody asked for it on the device
   */
  public Answer mayInstall(boolean requested) {
    if (requested) {
      return Answer.yes("it was asked for");
    }
    return automatic
        ? Answer.yes("automatic installation is on")
        : Answer.no("automatic installation is off; run: suture install");
  }

  /**
   * May the device restart for it now?
   *
   * @param requested whether somebody asked for the patch on the device
   */
  public Answer mayRestart(boolean requested) {
    return mayInstall(requested);
  }
}
