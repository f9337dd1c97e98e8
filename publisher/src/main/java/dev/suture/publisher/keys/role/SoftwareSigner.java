package dev.suture.publisher.keys.role;

/** A signer whose private half can be written to a file. */
interface SoftwareSigner extends RoleSigner {
  /** What the signer can be made from again. A copy; who gets it wipes it. */
  byte[] secret();
}
