package dev.suture.publisher.keys.role;

import dev.suture.protocol.tuf.DraftMetadata;
import dev.suture.protocol.tuf.SignedMetadata;
import dev.suture.protocol.tuf.TufKey;
import dev.suture.publisher.PublisherException;

/** Who signs for a role. */
public interface RoleSigner {
  /** The public half. */
  TufKey key();

  /** Its id in metadata that is made here. */
  default String keyId() {
    return key().id();
  }

  /**
   * Signs.
   *
   * @param signedBytes the canonical form of what metadata's {@code signed} is; not kept
   * @return the signature in lower-case hexadecimal, as the key's scheme has it
   * @throws PublisherException {@code TOKEN_UNUSABLE} if the key is in hardware that fails
   */
  String sign(byte[] signedBytes) throws PublisherException;

  /** Signs this draft. */
  default SignedMetadata.Signature sign(DraftMetadata draft) throws PublisherException {
    return new SignedMetadata.Signature(keyId(), sign(draft.signedBytes()));
  }
}
