package dev.suture.attempt;

import dev.suture.policy.Answer;
import dev.suture.protocol.Slot;
import java.util.Optional;

/**
 * What is known besides: what is news, what could be installed, and what is allowed.
 *
 * @param unnoted the slot whose patch was given up, and the journal does not know
 * @param candidate a level above ours, or any if ours must be left, that is neither withdrawn nor
 *     remembered as bad
 * @param removalRequested whether somebody asked for removal
 * @param mustLeave why what runs must not run any more: it was withdrawn
 * @param baseForbidden why there is no going back to base
 * @param isSealedMissing whether a sealed file is to be fetched ahead of its key
 * @param mayInstall policy's answer for the candidate, or for the attempt under way
 * @param mayRestart policy's answer to a restart now
 * @param activeIsBad why what the record calls active turned out bad on probation, if it did
 * @param isProbationDue whether what runs is on probation, and a look at it is due
 * @param heldUp why what comes next has to give way to something else on the device, if it is such
 *     a step
 */
public record Conditions(
    Optional<Slot> unnoted,
    Optional<Patch> candidate,
    boolean removalRequested,
    Optional<String> mustLeave,
    Optional<String> baseForbidden,
    boolean isSealedMissing,
    Answer mayInstall,
    Answer mayRestart,
    Optional<String> activeIsBad,
    boolean isProbationDue,
    Optional<String> heldUp) {}
