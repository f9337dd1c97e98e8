package dev.suture.publisher.keys.role;

import dev.suture.protocol.Sha256;
import dev.suture.protocol.json.Fields;
import dev.suture.protocol.json.JsonText;
import dev.suture.protocol.json.StrictJson;
import dev.suture.protocol.tuf.SignedMetadata;
import dev.suture.protocol.tuf.TufKey;
import dev.suture.publisher.Problem;
import dev.suture.publisher.PublisherException;
import dev.suture.publisher.PublisherException.Details;
import java.util.Map;

/**
 * One signature on its way back. That it is one is checked where it is imported, see {@link
 * SignatureCollection}.
 *
 * @param role the role's name
 * @param version of the metadata
 * @param digest SHA-256 of the bytes that were signed
 * @param signature key id and hexadecimal
 */
public record SignatureFile(
    String role, long version, Sha256 digest, SignedMetadata.Signature signature) {
  /** Longest file. */
  public static final int BYTES_MAX = 64 << 10;

  private static final int FORMAT = 1;

  /**
   * Signs what is requested.
   *
   * @throws PublisherException {@code SIGNER_FOREIGN} if the request does not ask for this key's
   *     signature, {@code TOKEN_UNUSABLE}
   */
  public static SignatureFile sign(SigningRequest request, RoleSigner signer)
      throws PublisherException {
    String keyId = requireAsked(request, signer.key());
    return new SignatureFile(
        request.role(),
        request.draft().read().version(),
        request.digest(),
        new SignedMetadata.Signature(keyId, signer.sign(request.draft().signedBytes())));
  }

  /**
   * Under which id the request asks for this key's signature.
   *
   * @throws PublisherException {@code SIGNER_FOREIGN}
   */
  public static String requireAsked(SigningRequest request, TufKey key) throws PublisherException {
    return request.authorities().stream()
        .flatMap(authority -> authority.keys().entrySet().stream())
        .filter(entry -> entry.getValue().equals(key))
        .map(Map.Entry::getKey)
        .findFirst()
        .orElseThrow(
            () ->
                new PublisherException(
                    Problem.SIGNER_FOREIGN,
                    new Details(
                        "sign " + request.role() + " " + request.draft().read().version(),
                        "one of the keys that the request asks for",
                        key.id(),
                        "signing request",
                        "use another key, or ask for a request that names this one")));
  }

  /** The file. */
  public byte[] encode() {
    return JsonText.indented(
        json -> {
          json.name("suture_signature").value(FORMAT);
          json.name("role").value(role);
          json.name("version").value(version);
          json.name("sha256").value(digest.hex());
          json.name("keyid").value(signature.keyId());
          json.name("sig").value(signature.hex());
        });
  }

  /**
   * Reads it.
   *
   * @throws IllegalArgumentException if it is malformed
   */
  public static SignatureFile decode(byte[] bytes) {
    Fields fields = StrictJson.parse("signature", bytes, BYTES_MAX);
    fields.onlyThese("suture_signature", "role", "version", "sha256", "keyid", "sig");
    fields.integer("suture_signature", FORMAT, FORMAT);
    return new SignatureFile(
        fields.text("role"),
        fields.integer("version", 1, SignedMetadata.VERSION_MAX),
        fields.parsed("sha256", Sha256::ofHex),
        new SignedMetadata.Signature(
            fields.parsed("keyid", SignatureFile::keyId), fields.text("sig")));
  }

  /**
   * A key's id as people are shown it.
   *
   * @throws IllegalArgumentException if it is not visible ASCII, at most 128 characters
   */
  static String keyId(String text) {
    if (!text.matches("[!-~]{1,128}")) {
      throw new IllegalArgumentException("key id: expected 1 to 128 visible ASCII characters");
    }
    return text;
  }
}
