package dev.suture.protocol.tuf;

/** The four top-level roles; delegated roles are of the type {@link #TARGETS}. */
public enum RoleType {
  ROOT("root"),
  TIMESTAMP("timestamp"),
  SNAPSHOT("snapshot"),
  TARGETS("targets");

  private final String word;

  RoleType(String word) {
    this.word = word;
  }

  /** The role's name, and the {@code _type} of its metadata. */
  public String word() {
    return word;
  }
}
