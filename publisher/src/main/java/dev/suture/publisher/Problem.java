package dev.suture.publisher;

import java.util.Locale;

/**
 * Every distinguishable reason why the publisher does not do what it was told. The word is part of
 * the {@code --json} output and does not change.
 */
public enum Problem {
  /** A key was to be made where one is. */
  KEYS_EXIST(Outcome.REFUSED),
  /** There is no key. */
  KEYS_MISSING(Outcome.REFUSED),
  /** Somebody else could read the private key, or replace it. */
  KEYS_EXPOSED(Outcome.REFUSED),
  /** The key file, or the trust root, is not what it should be. */
  KEYS_MALFORMED(Outcome.REFUSED),
  /** A passphrase or PIN is needed, and none was given. */
  PASSPHRASE_MISSING(Outcome.REFUSED),
  /** The passphrase is not the file's, or the PIN not the token's. */
  PASSPHRASE_WRONG(Outcome.REFUSED),
  /** The hardware token cannot be used, or has no such key. */
  TOKEN_UNUSABLE(Outcome.FAILED),

  /** A key is none of those that sign for the role. */
  SIGNER_FOREIGN(Outcome.REFUSED),
  /** A signature is for other bytes, another role or another version. */
  SIGNATURE_MISMATCHED(Outcome.REFUSED),
  /** A signature is not the key's over these bytes. */
  SIGNATURE_INVALID(Outcome.REFUSED),
  /** The key has signed before. */
  SIGNATURE_DUPLICATE(Outcome.REFUSED),
  /** Fewer keys have signed than the role needs. */
  SIGNATURES_MISSING(Outcome.REFUSED),
  /** Others were asked to sign; nothing is published until they have. */
  SIGNATURES_AWAITED(Outcome.AWAITED),
  /** What was to be signed does not follow from what is published now. */
  REQUEST_OUTDATED(Outcome.REFUSED),
  /** Lost keys of a role are being replaced; until that is finished, no root is made. */
  ROTATION_UNFINISHED(Outcome.REFUSED),
  /** The role's keys were said to be lost, and are not. */
  KEYS_NOT_LOST(Outcome.REFUSED),

  /** An input file is missing, too long or not readable. */
  INPUT_UNREADABLE(Outcome.REFUSED),
  /** An input file can be read, but has the wrong form. */
  INPUT_MALFORMED(Outcome.REFUSED),
  /** A file is not a component image. */
  IMAGE_UNSUITABLE(Outcome.REFUSED),
  /** The OS release was recorded before. */
  BASELINE_EXISTS(Outcome.REFUSED),
  /** The base image is another one than that of the levels before. */
  BASE_DIFFERS(Outcome.REFUSED),
  /** A delta is longer than the operator allows. */
  DELTA_TOO_LONG(Outcome.REFUSED),

  /** No sealed file of this name is listed. */
  SEALED_UNKNOWN(Outcome.REFUSED),

  /** A file was to be made where one is. */
  FILE_EXISTS(Outcome.REFUSED),

  /** A component is somebody else's to sign for, and they did not sign this. */
  VENDOR_DISAGREES(Outcome.REFUSED),

  /** The level was published before. */
  LEVEL_EXISTS(Outcome.REFUSED),
  /** A higher level was published before. */
  LEVEL_NOT_NEWER(Outcome.REFUSED),
  /** The level was never published. */
  LEVEL_UNKNOWN(Outcome.REFUSED),
  /** The level was withdrawn before. */
  LEVEL_WITHDRAWN(Outcome.REFUSED),

  /** The level names no vulnerability, so there is nothing to tell. */
  ADVISORY_EMPTY(Outcome.REFUSED),
  /** A document with other content is there. */
  ADVISORY_EXISTS(Outcome.REFUSED),

  /** There is a repository already. */
  REPOSITORY_EXISTS(Outcome.REFUSED),
  /** There is no repository yet. */
  REPOSITORY_EMPTY(Outcome.REFUSED),
  /** The repository is not what its own signed metadata says, or not ours. */
  REPOSITORY_DAMAGED(Outcome.REFUSED),
  /** Nothing is wrong with it but its age. */
  REPOSITORY_EXPIRED(Outcome.REFUSED),
  /** Another publisher is writing. */
  REPOSITORY_BUSY(Outcome.REFUSED),
  /** One more entry would be more than devices read. */
  REPOSITORY_FULL(Outcome.REFUSED),

  /** A payload did not rebuild the image; nothing was published. */
  SELF_CHECK_FAILED(Outcome.FAILED),
  /** A file could not be written. */
  STORAGE_FAILED(Outcome.FAILED),
  /** The work needs more heap than this virtual machine may take. */
  HEAP_TOO_SMALL(Outcome.FAILED),
  /** The broker did not take the notice. */
  BROKER_FAILED(Outcome.FAILED),
  /** The operator stopped the work. */
  INTERRUPTED(Outcome.FAILED);

  /** Whether what was asked is against a rule, waits for others, or something broke on the way. */
  public enum Outcome {
    REFUSED,
    AWAITED,
    FAILED
  }

  private final Outcome outcome;

  Problem(Outcome outcome) {
    this.outcome = outcome;
  }

  /** Whether this is a refusal, a wait or a failure. */
  public Outcome outcome() {
    return outcome;
  }

  /** The word for machines: {@code level-exists}. */
  public String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
