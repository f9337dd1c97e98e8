package dev.suture.publisher.repository;

import dev.suture.protocol.tuf.RoleKeys;
import dev.suture.protocol.tuf.RoleType;
import dev.suture.protocol.tuf.SignedMetadata.Signature;
import dev.suture.publisher.PublisherException;
import dev.suture.publisher.keys.role.SigningRequest;
import java.util.List;
import java.util.Map;

/** Gets metadata signed. */
@FunctionalInterface
public interface RoleSigning {
  /**
   * Gets all of these signed, or none.
   *
   * @param requests each with the authorities whose thresholds must all be reached
   * @return for each request, in this order, each key's signature once; enough for every authority
   * @throws PublisherException {@code SIGNATURES_MISSING} if there are fewer, {@code
   *     SIGNATURES_AWAITED} if others were asked for theirs
   */
  List<List<Signature>> sign(List<SigningRequest> requests) throws PublisherException;

  /**
   * Finds out whether {@link #sign} would succeed, or others would be asked, before work that takes
   * minutes.
   *
   * @param roles with their keys, in the order in which they will be signed
   * @throws PublisherException what {@link #sign} would throw, but not {@code SIGNATURES_AWAITED}
   */
  default void rehearse(Map<RoleType, RoleKeys> roles) throws PublisherException {}
}
