package dev.suture.link;

/** The documents that a device sends. */
public enum Report {
  /** What the device runs and what became of the last attempt; sent on change only. */
  STATUS("status", true),
  /** One word: {@code online}; {@code lost} is said by the broker. */
  STATE("state", true);

  private final String word;
  private final boolean retained;

  Report(String word, boolean retained) {
    this.word = word;
    this.retained = retained;
  }

  /** The last level of its topic; fixed for ever. */
  public String word() {
    return word;
  }

  /** Whether the broker keeps the newest for those who come later. */
  public boolean retained() {
    return retained;
  }
}
