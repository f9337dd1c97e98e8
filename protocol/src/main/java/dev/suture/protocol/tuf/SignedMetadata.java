package dev.suture.protocol.tuf;

import dev.suture.protocol.SignedTime;
import dev.suture.protocol.json.CanonicalJson;
import dev.suture.protocol.json.Fields;
import dev.suture.protocol.json.StrictJson;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.regex.Pattern;

/**
 * One file of metadata: what is signed, and the signatures over its canonical form. Members that
 * nobody knows are part of what is signed (specification, section 4).
 *
 * @param type which role's it says it is
 * @param version from 1
 * @param expires the first moment at which it does not hold any more
 * @param signed the members of {@code signed}
 * @param signedBytes what the signatures are over; do not change
 * @param signatures at most {@link #SIGNATURES_MAX}; each key id once
 */
public record SignedMetadata(
    RoleType type,
    long version,
    Instant expires,
    Fields signed,
    byte[] signedBytes,
    List<Signature> signatures) {
  /** Most signatures that are looked at. */
  public static final int SIGNATURES_MAX = 64;

  /** Highest version: python's and JavaScript's implementations agree on integers up to this. */
  public static final long VERSION_MAX = (1L << 53) - 1;

  /** Of files that are long, and whose digest was compared before they are read. */
  private static final StrictJson.Limits LONG = new StrictJson.Limits(400_000, 1_024);

  /** Of files that anybody may send. */
  private static final StrictJson.Limits SHORT = new StrictJson.Limits(20_000, 1_024);

  private static final Pattern SPECIFICATION = Pattern.compile("1\\.[0-9]{1,4}(\\.[0-9]{1,4})?");

  /** Copies the list. */
  public SignedMetadata {
    signatures = Collections.unmodifiableList(new ArrayList<>(signatures));
  }

  /**
   * One signature.
   *
   * @param keyId the key that is said to have made it
   * @param hex the signature in hexadecimal; empty where a signature is still missing
   */
  public record Signature(String keyId, String hex) {}

  /**
   * Reads a file of metadata of this type.
   *
   * @param what names it in messages
   * @param bytesMax longest file that is looked at
   * @throws IllegalArgumentException if it is malformed, of another type, or of another
   *     specification than 1.x
   */
  public static SignedMetadata decode(RoleType type, String what, byte[] bytes, int bytesMax) {
    Fields top =
        StrictJson.parse(
            what,
            bytes,
            bytesMax,
            type == RoleType.ROOT || type == RoleType.TIMESTAMP ? SHORT : LONG);
    Fields signed = top.object("signed");
    if (!signed.text("_type").equals(type.word())) {
      throw new IllegalArgumentException(
          what + "._type: expected " + type.word() + ", got \"" + signed.text("_type") + "\"");
    }
    String specification = signed.text("spec_version");
    if (!SPECIFICATION.matcher(specification).matches()) {
      throw new IllegalArgumentException(
          what + ".spec_version: expected 1.x, got \"" + specification + "\"");
    }
    List<Signature> signatures = new ArrayList<>();
    for (Fields signature : top.objects("signatures", SIGNATURES_MAX)) {
      String keyId = signature.text("keyid");
      if (signatures.stream().anyMatch(one -> one.keyId.equals(keyId))) {
        throw new IllegalArgumentException(
            what + ".signatures: expected each key once, got " + keyId + " twice");
      }
      signatures.add(new Signature(keyId, signature.text("sig")));
    }
    return new SignedMetadata(
        type,
        signed.integer("version", 1, VERSION_MAX),
        signed.parsed("expires", SignedTime::parse),
        signed,
        CanonicalJson.encode(signed),
        signatures);
  }

  /** Whether it holds no more at this moment. */
  public boolean isExpired(Instant now) {
    return !now.isBefore(expires);
  }
}
