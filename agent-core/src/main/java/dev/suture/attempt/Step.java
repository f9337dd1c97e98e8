package dev.suture.attempt;

/** One idempotent thing to do. The agent has exactly one method for each. */
public enum Step {
  /** Nothing to do until something happens. */
  IDLE,
  /** Not now: policy says no. */
  WAIT,
  /** Not now: something else on the device comes first. Look again in a moment. */
  HOLD,
  /** Begin an attempt to install the candidate. */
  BEGIN,
  /** Begin an attempt to go back to base: it was asked for, or what runs was withdrawn. */
  BEGIN_REMOVAL,
  /** Fetch a sealed file, which nobody can read yet. */
  FETCH_SEALED,
  /**
   * Something newer, or removal, makes the attempt pointless: drop it, nothing is held against its
   * patch.
   */
  SUPERSEDE,
  /** Fetch and verify the manifest, then {@code VERIFIED}. */
  VERIFY_MANIFEST,
  /** Fetch the payloads, then {@code FETCHED}. */
  FETCH_PAYLOADS,
  /** Check the base images and mark the target unusable, then {@code WRITING}. */
  MARK_UNUSABLE,
  /** Rebuild every image from the start, sync, read back, then {@code STAGED}. */
  REBUILD,
  /** Count the trial, then {@code ARMING}. */
  COUNT_ARM,
  /** Write the activation record, the commit point, then {@code ARMED}. */
  ARM,
  /** The activation record is written already: {@code ARMED}. */
  NOTE_ARMED,
  /** Restart into what the record says. */
  RESTART,
  /** Judge the health of the running trial: confirm, give up, or look again. */
  JUDGE,
  /** What is active was started: look whether the device lives with it, then forget the start. */
  WATCH_START,
  /** What is active is on probation: look how it does, and decide whether it is bad. */
  WATCH_PROBATION,
  /** What is active turned out bad: give it up in the record. */
  GIVE_UP_ACTIVE,
  /** The record says that a patch was given up, outside any attempt: remember and report it. */
  NOTE_GIVEN_UP,
  /** The trial cannot be started: give it up in the record. */
  GIVE_UP_TRIAL,
  /** It is confirmed: {@code ACTIVE}. */
  CONCLUDE_ACTIVE,
  /** The trial was given up: {@code REVERTED}. */
  CONCLUDE_REVERTED,
  /** Base runs: {@code REMOVED}. */
  CONCLUDE_REMOVED,
  /** Move the outcome to the history, from where it is reported until acknowledged. */
  CLOSE,
  /** A combination that must not be: touch no slot, confirm nothing, {@code ABANDONED}. */
  FAIL_SAFE
}
