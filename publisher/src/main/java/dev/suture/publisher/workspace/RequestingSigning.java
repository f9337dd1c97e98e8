package dev.suture.publisher.workspace;

import dev.suture.protocol.tuf.RoleKeys;
import dev.suture.protocol.tuf.RoleType;
import dev.suture.protocol.tuf.SignedMetadata.Signature;
import dev.suture.publisher.Problem;
import dev.suture.publisher.PublisherException;
import dev.suture.publisher.PublisherException.Details;
import dev.suture.publisher.keys.role.SignatureCollection;
import dev.suture.publisher.keys.role.SigningRequest;
import dev.suture.publisher.repository.RoleSigning;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Signs with the keys that are here, and asks for what is missing of root and targets. Snapshot and
 * timestamp are signed here or not at all.
 */
public final class RequestingSigning implements RoleSigning {
  private static final Set<RoleType> OFFLINE = Set.of(RoleType.ROOT, RoleType.TARGETS);

  private final KeyRing ring;
  private final RequestFolder folder;
  private final boolean dryRun;

  /**
   * With these keys.
   *
   * @param folder gets the requests
   * @param dryRun whether it does not
   */
  public RequestingSigning(KeyRing ring, RequestFolder folder, boolean dryRun) {
    this.ring = ring;
    this.folder = folder;
    this.dryRun = dryRun;
  }

  /** Whether keys of this role may be elsewhere. */
  static boolean isOffline(SigningRequest request) {
    return OFFLINE.contains(request.draft().read().type());
  }

  @Override
  public List<List<Signature>> sign(List<SigningRequest> requests) throws PublisherException {
    if (!requests.stream().allMatch(RequestingSigning::isOffline)) {
      return ring.sign(requests);
    }
    List<SignatureCollection> collections = new ArrayList<>();
    for (SigningRequest request : requests) {
      collections.add(ring.collect(request));
    }
    if (collections.stream().allMatch(collection -> collection.missing() == 0)) {
      return collections.stream().map(SignatureCollection::signatures).toList();
    }
    if (!dryRun) {
      // Those that are complete as well: what is published together is imported together.
      folder.write(collections);
    }
    throw awaited(collections);
  }

  private PublisherException awaited(List<SignatureCollection> collections) {
    List<String> files = new ArrayList<>();
    for (SignatureCollection collection : collections) {
      if (collection.missing() > 0) {
        files.add(String.valueOf(folder.file(collection.request()).getFileName()));
      }
    }
    return new PublisherException(
        Problem.SIGNATURES_AWAITED,
        new Details(
            "sign what is to be published",
            "the keys of root and targets",
            describe(collections) + "; nothing was published" + (dryRun ? ", nor written" : ""),
            folder.path() + ": " + String.join(", ", files),
            "have each signed: \"suture-publish key sign --request FILE --key KEY --out"
                + " NAME"
                + RequestFolder.SIGNATURE
                + "\"; put the signatures into that folder, and run \"suture-publish import --keys"
                + " DIR --repository DIR --requests "
                + folder.path()
                + "\""));
  }

  /** What each of them lacks. */
  static String describe(List<SignatureCollection> collections) {
    List<String> lacks = new ArrayList<>();
    for (SignatureCollection collection : collections) {
      if (collection.missing() > 0) {
        lacks.add(
            collection.request().role()
                + " "
                + collection.request().draft().read().version()
                + " lacks "
                + collection.missing()
                + " of "
                + String.join(", ", collection.unsigned()));
      }
    }
    return String.join("; ", lacks);
  }

  /** If others sign first, the keys of snapshot and timestamp are needed by the import only. */
  @Override
  public void rehearse(Map<RoleType, RoleKeys> roles) throws PublisherException {
    Map<RoleType, RoleKeys> offline = new EnumMap<>(RoleType.class);
    offline.putAll(roles);
    offline.keySet().retainAll(OFFLINE);
    try {
      ring.rehearse(offline);
    } catch (PublisherException e) {
      if (e.problem() == Problem.SIGNATURES_MISSING) {
        return;
      }
      throw e;
    }
    ring.rehearse(roles);
  }
}
