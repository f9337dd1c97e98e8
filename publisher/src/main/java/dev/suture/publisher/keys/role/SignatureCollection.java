package dev.suture.publisher.keys.role;

import dev.suture.protocol.tuf.RoleKeys;
import dev.suture.protocol.tuf.SignedMetadata;
import dev.suture.protocol.tuf.TufKey;
import dev.suture.publisher.Problem;
import dev.suture.publisher.PublisherException;
import dev.suture.publisher.PublisherException.Details;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Signatures of several people over one draft. Each is verified before it is taken. */
public final class SignatureCollection {
  private final SigningRequest request;
  private final Map<String, SignedMetadata.Signature> taken = new LinkedHashMap<>();
  private final Set<String> signers = new HashSet<>();

  /** None yet. */
  public SignatureCollection(SigningRequest request) {
    this.request = request;
  }

  /**
   * Takes one that came back.
   *
   * @throws PublisherException {@code SIGNATURE_MISMATCHED} if it is for another role, version or
   *     other bytes; what {@link #add(SignedMetadata.Signature)} throws
   */
  public void add(SignatureFile file) throws PublisherException {
    if (!file.role().equals(request.role())
        || file.version() != request.draft().read().version()
        || !file.digest().equals(request.digest())) {
      throw refused(
          Problem.SIGNATURE_MISMATCHED,
          "a signature over " + what() + ", sha256 " + request.digest().hex(),
          file.role() + " " + file.version() + ", sha256 " + file.digest().hex(),
          file.signature().keyId(),
          "send this request to the signer again");
    }
    add(file.signature());
  }

  /**
   * Takes one.
   *
   * @throws PublisherException {@code SIGNER_FOREIGN} if the key is none of the role's, {@code
   *     SIGNATURE_DUPLICATE} if it signed before, under this id or another one, {@code
   *     SIGNATURE_INVALID} if it is not the key's signature over these bytes
   */
  public void add(SignedMetadata.Signature signature) throws PublisherException {
    TufKey key =
        request.authorities().stream()
            .flatMap(
                authority -> Optional.ofNullable(authority.keys().get(signature.keyId())).stream())
            .findFirst()
            .orElseThrow(
                () ->
                    refused(
                        Problem.SIGNER_FOREIGN,
                        "a signature by one of the role's keys",
                        "one by " + signature.keyId(),
                        signature.keyId(),
                        "use a key of the role"));
    if (signers.contains(SignatureCheck.identity(key))) {
      throw refused(
          Problem.SIGNATURE_DUPLICATE,
          "each key's signature once",
          "another one",
          signature.keyId(),
          "nothing: this key's signature is there");
    }
    if (!SignatureCheck.isSignedBy(key, request.draft().signedBytes(), signature.hex())) {
      throw refused(
          Problem.SIGNATURE_INVALID,
          "the key's signature over " + what(),
          "something else",
          signature.keyId(),
          "sign the request again; if that does not help, key and public key do not belong together");
    }
    signers.add(SignatureCheck.identity(key));
    taken.put(signature.keyId(), signature);
  }

  /** How many signatures are still missing, over all authorities. */
  public int missing() {
    int missing = 0;
    for (RoleKeys authority : request.authorities()) {
      long have =
          authority.keys().values().stream()
              .map(SignatureCheck::identity)
              .distinct()
              .filter(signers::contains)
              .count();
      missing += (int) Math.max(0, authority.threshold() - have);
    }
    return missing;
  }

  /** How many keys of a role would have to sign a file besides those that have. */
  public static int missing(RoleKeys role, SignedMetadata file) {
    Set<String> signers = new HashSet<>();
    for (SignedMetadata.Signature signature : file.signatures()) {
      TufKey key = role.keys().get(signature.keyId());
      if (key != null && SignatureCheck.isSignedBy(key, file.signedBytes(), signature.hex())) {
        signers.add(SignatureCheck.identity(key));
      }
    }
    return Math.max(0, role.threshold() - signers.size());
  }

  /** Type and id of the keys that have not signed, each once; more than are missing, perhaps. */
  public List<String> unsigned() {
    Map<String, String> keys = new LinkedHashMap<>();
    for (RoleKeys authority : request.authorities()) {
      authority
          .keys()
          .forEach(
              (id, key) -> {
                String identity = SignatureCheck.identity(key);
                if (!signers.contains(identity)) {
                  keys.putIfAbsent(identity, key.type() + " " + id);
                }
              });
    }
    return List.copyOf(keys.values());
  }

  /** What is to be signed. */
  public SigningRequest request() {
    return request;
  }

  /**
   * The signed file.
   *
   * @throws PublisherException {@code SIGNATURES_MISSING}
   */
  public byte[] file() throws PublisherException {
    if (missing() > 0) {
      throw refused(
          Problem.SIGNATURES_MISSING,
          "as many signatures as the thresholds say",
          missing() + " fewer",
          what(),
          "import the signatures of more keys");
    }
    return request.draft().file(new ArrayList<>(taken.values()));
  }

  /** Those that were taken, in that order. */
  public List<SignedMetadata.Signature> signatures() {
    return List.copyOf(taken.values());
  }

  private String what() {
    return request.role() + " " + request.draft().read().version();
  }

  private PublisherException refused(
      Problem problem, String expected, String got, String where, String todo) {
    return new PublisherException(
        problem, new Details("import a signature for " + what(), expected, got, where, todo));
  }
}
