package dev.suture.agent;

/**
 * What somebody on the device asked for and has not got yet. In memory only: a wish does not
 * outlive the agent.
 */
final class Wishes {
  private boolean install;
  private boolean removal;

  void wishInstall() {
    install = true;
  }

  void wishRemoval() {
    removal = true;
  }

  boolean install() {
    return install;
  }

  boolean removal() {
    return removal;
  }

  /** What could be done was done. */
  void clear() {
    install = false;
    removal = false;
  }
}
