package dev.suture.protocol.manifest;

/** The smallest restart after which no process runs old code, in rising order. */
public enum RestartScope {
  NONE("none"),
  SERVICES("services"),
  USERSPACE("userspace"),
  KEXEC("kexec"),
  REBOOT("reboot");

  private final String word;

  RestartScope(String word) {
    this.word = word;
  }

  /** The word in the manifest. */
  public String word() {
    return word;
  }

  /**
   * The scope of this word.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static RestartScope ofWord(String word) {
    for (RestartScope scope : values()) {
      if (scope.word.equals(word)) {
        return scope;
      }
    }
    throw new IllegalArgumentException(
        "expected none, services, userspace, kexec or reboot, got \"" + word + "\"");
  }
}
