package dev.suture.publisher.keys.role;

import dev.suture.protocol.Sha256;
import dev.suture.protocol.json.Fields;
import dev.suture.protocol.json.JsonText;
import dev.suture.protocol.json.JsonTree;
import dev.suture.protocol.json.StrictJson;
import dev.suture.protocol.tuf.DraftMetadata;
import dev.suture.protocol.tuf.RoleKeys;
import dev.suture.protocol.tuf.RoleType;
import dev.suture.protocol.tuf.TufKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What is sent to somebody who is to sign: the metadata, the exact bytes that the signature is
 * over, a summary for people, and whose signatures are wanted. Nothing in such a file is believed
 * but the metadata itself: bytes and summary are made from it again, and must be the same.
 *
 * @param role the role's name
 * @param draft its metadata
 * @param authorities whose thresholds must all be reached: the role's keys, and for a new root
 *     those of the root before as well; one to {@link #AUTHORITIES_MAX}
 */
public record SigningRequest(String role, DraftMetadata draft, List<RoleKeys> authorities) {
  /** Longest file: twice the longest metadata that devices read, and its keys. */
  public static final int BYTES_MAX = 16 << 20;

  /** Most groups of keys. */
  public static final int AUTHORITIES_MAX = 4;

  private static final int FORMAT = 1;
  private static final int KEYS_MAX = 256;
  private static final StrictJson.Limits LIMITS = new StrictJson.Limits(500_000, 1_024);

  /** Copies the list. */
  public SigningRequest {
    authorities = List.copyOf(authorities);
    if (authorities.isEmpty() || authorities.size() > AUTHORITIES_MAX) {
      throw new IllegalArgumentException(
          "authorities: expected 1 to " + AUTHORITIES_MAX + ", got " + authorities.size());
    }
    if (draft.read().type() != type(role)) {
      throw new IllegalArgumentException(
          "role: expected metadata of "
              + type(role).word()
              + ", got "
              + draft.read().type().word());
    }
  }

  /** Which metadata a role of this name has. */
  static RoleType type(String role) {
    for (RoleType type : RoleType.values()) {
      if (type.word().equals(role)) {
        return type;
      }
    }
    return RoleType.TARGETS;
  }

  /** SHA-256 of the bytes to sign. */
  public Sha256 digest() {
    return Sha256.of(draft.signedBytes());
  }

  /** What is signed, for people; without characters that a terminal would obey. */
  public List<String> summary() {
    return DraftSummary.of(role, draft);
  }

  /** The file; the same request gives the same bytes. */
  public byte[] encode() {
    byte[] signedBytes = draft.signedBytes();
    List<Map<String, Object>> groups = new ArrayList<>();
    for (RoleKeys authority : authorities) {
      Map<String, Object> keys = new LinkedHashMap<>();
      authority.keys().forEach((id, key) -> keys.put(id, key.json()));
      groups.add(Map.of("threshold", authority.threshold(), "keys", keys));
    }
    return JsonText.indented(
        json -> {
          json.name("suture_signing_request").value(FORMAT);
          json.name("role").value(role);
          json.name("version").value(draft.read().version());
          json.name("summary").beginArray();
          for (String line : summary()) {
            json.value(line);
          }
          json.endArray();
          JsonTree.of("request", Map.of("authorities", groups)).writeMembersTo(json);
          json.name("sha256").value(Sha256.of(signedBytes).hex());
          json.name("signed_bytes").value(Base64.getEncoder().encodeToString(signedBytes));
          draft.signed().writeTo(json.name("signed"));
        });
  }

  /**
   * Reads such a file.
   *
   * @throws IllegalArgumentException if it is malformed, or if role, version, bytes, digest or
   *     summary are not those of the metadata in it
   */
  public static SigningRequest decode(byte[] bytes) {
    Fields fields = StrictJson.parse("signing request", bytes, BYTES_MAX, LIMITS);
    fields.onlyThese(
        "suture_signing_request",
        "role",
        "version",
        "summary",
        "authorities",
        "sha256",
        "signed_bytes",
        "signed");
    fields.integer("suture_signing_request", FORMAT, FORMAT);
    List<RoleKeys> authorities = new ArrayList<>();
    for (Fields group : fields.objects("authorities", AUTHORITIES_MAX)) {
      Map<String, TufKey> keys = new LinkedHashMap<>();
      group
          .objectsByName("keys", KEYS_MAX)
          .forEach((id, key) -> keys.put(SignatureFile.keyId(id), TufKey.decode(key)));
      authorities.add(new RoleKeys(keys, group.smallInteger("threshold", 1, KEYS_MAX)));
    }
    String role = fields.text("role");
    DraftMetadata draft = DraftMetadata.of(type(role), fields.object("signed"));
    SigningRequest request = new SigningRequest(role, draft, authorities);
    long version = draft.read().version();
    fields.integer("version", version, version);
    byte[] signedBytes = draft.signedBytes();
    require("sha256", fields.text("sha256").equals(Sha256.of(signedBytes).hex()));
    require(
        "signed_bytes",
        Arrays.equals(
            signedBytes, fields.parsed("signed_bytes", text -> Base64.getDecoder().decode(text))));
    require("summary", fields.texts("summary", DraftSummary.LINES_MAX).equals(request.summary()));
    return request;
  }

  private static void require(String what, boolean isSame) {
    if (!isSame) {
      throw new IllegalArgumentException(
          "signing request." + what + ": expected that of its signed metadata, got another one");
    }
  }
}
