package dev.suture.publisher.workspace;

import dev.suture.protocol.tuf.RoleKeys;
import dev.suture.protocol.tuf.RoleType;
import dev.suture.protocol.tuf.SignedMetadata.Signature;
import dev.suture.publisher.Problem;
import dev.suture.publisher.PublisherException;
import dev.suture.publisher.PublisherException.Details;
import dev.suture.publisher.keys.role.SignatureCollection;
import dev.suture.publisher.keys.role.SignatureFile;
import dev.suture.publisher.keys.role.SigningRequest;
import dev.suture.publisher.repository.RoleSigning;
import dev.suture.publisher.workspace.RequestFolder.NamedRequest;
import dev.suture.publisher.workspace.RequestFolder.NamedSignature;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Signatures of root and targets that came back; snapshot and timestamp are signed with the keys
 * that are here. Root and targets never are: somebody may have changed the request meanwhile, and
 * nobody looks at it here.
 */
public final class ReturnedSignatures implements RoleSigning {
  private final List<NamedSignature> returned;
  private final KeyRing online;
  private final String where;

  private ReturnedSignatures(List<NamedSignature> returned, KeyRing online, String where) {
    this.returned = returned;
    this.online = online;
    this.where = where;
  }

  /**
   * What came back into a folder.
   *
   * @param requests that of the folder
   * @param returned each must be over one of them
   * @throws PublisherException {@code SIGNATURE_MISMATCHED}
   */
  public static ReturnedSignatures of(
      RequestFolder folder,
      List<NamedRequest> requests,
      List<NamedSignature> returned,
      KeyRing online)
      throws PublisherException {
    for (NamedSignature one : returned) {
      SignatureFile signature = one.signature();
      if (requests.stream().noneMatch(request -> isOver(signature, request.request()))) {
        throw new PublisherException(
            Problem.SIGNATURE_MISMATCHED,
            new Details(
                "import a signature for " + signature.role() + " " + signature.version(),
                "one over a request in " + folder.path() + ", as it is there",
                "one over other bytes, sha256 " + signature.digest().hex(),
                one.file().toString(),
                "remove it, or have the request signed that is there; if the request was changed,"
                    + " run the command again that made it"));
      }
    }
    return new ReturnedSignatures(List.copyOf(returned), online, folder.path().toString());
  }

  private static boolean isOver(SignatureFile signature, SigningRequest request) {
    return signature.role().equals(request.role())
        && signature.version() == request.draft().read().version()
        && signature.digest().equals(request.digest());
  }

  @Override
  public List<List<Signature>> sign(List<SigningRequest> requests) throws PublisherException {
    if (!requests.stream().allMatch(RequestingSigning::isOffline)) {
      return online.sign(requests);
    }
    List<SignatureCollection> collections = new ArrayList<>();
    for (SigningRequest request : requests) {
      collections.add(collect(request));
    }
    if (collections.stream().anyMatch(collection -> collection.missing() > 0)) {
      throw new PublisherException(
          Problem.SIGNATURES_MISSING,
          new Details(
              "take over what was signed elsewhere",
              "as many signatures as the thresholds say",
              RequestingSigning.describe(collections) + "; nothing was published",
              where,
              "run the command again when more have come"));
    }
    return collections.stream().map(SignatureCollection::signatures).toList();
  }

  private SignatureCollection collect(SigningRequest request) throws PublisherException {
    SignatureCollection collection = new SignatureCollection(request);
    for (NamedSignature one : returned) {
      if (!isOver(one.signature(), request)) {
        continue; // Of another role, or of something that was published before.
      }
      try {
        collection.add(one.signature());
      } catch (PublisherException e) {
        if (e.problem() != Problem.SIGNATURE_DUPLICATE) {
          throw new PublisherException(
              e.problem(),
              new Details(
                  e.details().attempted(),
                  e.details().expected(),
                  e.details().got(),
                  one.file().toString(),
                  "remove the file; " + e.details().todo()),
              e);
        }
      }
    }
    return collection;
  }

  @Override
  public void rehearse(Map<RoleType, RoleKeys> roles) throws PublisherException {
    Map<RoleType, RoleKeys> here = new EnumMap<>(RoleType.class);
    here.putAll(roles);
    here.remove(RoleType.ROOT);
    here.remove(RoleType.TARGETS);
    online.rehearse(here);
  }
}
