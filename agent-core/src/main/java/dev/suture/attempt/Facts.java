package dev.suture.attempt;

import dev.suture.protocol.Slot;
import dev.suture.slot.ActivationRecord;
import java.util.Optional;

/**
 * What can be read back.
 *
 * @param running whose images are mounted now
 * @param record the activation record; empty if no valid copy is there
 */
public record Facts(Slot running, Optional<ActivationRecord> record) {}
