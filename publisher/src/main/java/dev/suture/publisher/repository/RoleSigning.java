package dev.suture.publisher.repository;

import dev.suture.protocol.tuf.DraftMetadata;
import dev.suture.protocol.tuf.RoleKeys;
import dev.suture.protocol.tuf.SignedMetadata.Signature;
import dev.suture.publisher.PublisherException;
import java.util.List;

/** Gets metadata signed. */
@FunctionalInterface
public interface RoleSigning {
  /**
   * Gets it signed.
   *
   * @param role the role's name
   * @param draft what is signed
   * @param authorities whose thresholds must all be reached
   * @return each key's signature once; enough for every authority
   * @throws PublisherException {@code SIGNATURES_MISSING} if there are fewer
   */
  List<Signature> sign(String role, DraftMetadata draft, List<RoleKeys> authorities)
      throws PublisherException;

  /**
   * Finds out whether {@link #sign} would succeed, before work that takes minutes.
   *
   * @throws PublisherException what {@link #sign} would throw
   */
  default void rehearse(String role, RoleKeys keys) throws PublisherException {}
}
