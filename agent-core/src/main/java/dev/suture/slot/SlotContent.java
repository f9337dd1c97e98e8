package dev.suture.slot;

import dev.suture.protocol.Sha256;
import java.util.Optional;

/**
 * What slot A or B holds, as the activation record says.
 *
 * @param state how far it is
 * @param manifest digest of the manifest whose images it holds or is to hold; empty exactly when
 *     the state is {@code EMPTY}
 */
public record SlotContent(State state, Optional<Sha256> manifest) {
  /** A slot that was never written. */
  public static final SlotContent EMPTY = new SlotContent(State.EMPTY, Optional.empty());

  /** How far the content of a slot is. The words are on disk and in the boot script. */
  public enum State {
    /** Never written. */
    EMPTY("empty"),
    /** Being written, or left half written. */
    UNUSABLE("unusable"),
    /** Written, read back, and either on trial or confirmed. */
    WHOLE("whole"),
    /**
     * Given up: on trial, by the bootloader (tries used up) or by the agent (health), or later, at
     * starts without a sign of life.
     */
    FAILED("failed");

    private final String word;

    State(String word) {
      this.word = word;
    }

    String word() {
      return word;
    }

    static State ofWord(String word) {
      for (State state : values()) {
        if (state.word.equals(word)) {
          return state;
        }
      }
      throw new IllegalArgumentException(
          "slot state: expected empty, unusable, whole or failed, got \"" + word + "\"");
    }
  }

  /** Checks that state and manifest agree. */
  public SlotContent {
    if ((state == State.EMPTY) == manifest.isPresent()) {
      throw new IllegalArgumentException(
          "slot content: expected a manifest exactly when the slot is not empty, got " + state);
    }
  }

  /** The same, but nothing to start any more. */
  SlotContent unusable() {
    return state == State.WHOLE ? new SlotContent(State.UNUSABLE, manifest) : this;
  }

  /** Whether it is whole and holds this patch. */
  public boolean isWhole(Sha256 expected) {
    return state == State.WHOLE && holds(expected);
  }

  /** Whether a trial of this patch in this slot was given up. */
  public boolean isFailed(Sha256 expected) {
    return state == State.FAILED && holds(expected);
  }

  /** The patch that was given up. */
  public Optional<Sha256> failed() {
    return state == State.FAILED ? manifest : Optional.empty();
  }

  /** Whether it is about this patch, in whatever state. */
  public boolean holds(Sha256 expected) {
    return manifest.isPresent() && manifest.get().equals(expected);
  }
}
