package dev.suture.trust.tuf;

import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.RejectedException;
import dev.suture.protocol.tuf.RoleKeys;
import dev.suture.protocol.tuf.SignedMetadata;
import dev.suture.protocol.tuf.TufKey;
import java.util.HashSet;
import java.util.Set;

/** Whether enough different keys of a role have signed. */
final class Threshold {
  private Threshold() {}

  /**
   * Checks it. One key counts once, under however many ids, and however its signature is written.
   *
   * @param who whose keys they are, for messages
   * @throws RejectedException {@code SIGNATURE_INVALID}
   */
  static void require(
      CheckedSignatures checked, SignedMetadata metadata, String what, RoleKeys role, String who)
      throws RejectedException {
    Set<String> signers = new HashSet<>();
    for (SignedMetadata.Signature signature : metadata.signatures()) {
      TufKey key = role.keys().get(signature.keyId());
      if (key != null && checked.isSignedBy(key, metadata.signedBytes(), signature.hex())) {
        signers.add(PublicKeys.identity(key));
      }
      if (signers.size() >= role.threshold()) {
        return;
      }
    }
    throw new RejectedException(
        FailureCode.SIGNATURE_INVALID,
        what
            + ": expected signatures by "
            + role.threshold()
            + " of "
            + role.keys().size()
            + " keys of "
            + who
            + ", got "
            + signers.size());
  }
}
