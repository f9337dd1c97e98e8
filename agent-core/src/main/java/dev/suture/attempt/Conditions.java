package dev.suture.attempt;

import dev.suture.policy.Answer;
import dev.suture.protocol.Slot;
import java.util.Optional;

/**
 * What is known besides: what is news, what could be installed, and what is allowed.
 *
 * @param unnoted the slot whose patch was given up, and the journal does not know
 * @param candidate a level above ours that is neither withdrawn nor remembered as bad
 * @param removalRequested whether somebody asked for removal
 * @param mayInstall policy's answer for the candidate, or for the attempt under way
 * @param mayRestart policy's answer to a restart now
 */
public record Conditions(
    Optional<Slot> unnoted,
    Optional<Patch> candidate,
    boolean removalRequested,
    Answer mayInstall,
    Answer mayRestart) {}
