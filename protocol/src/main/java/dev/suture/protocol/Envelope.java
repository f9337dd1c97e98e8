package dev.suture.protocol;

import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.RejectedException;
import dev.suture.protocol.json.Fields;
import dev.suture.protocol.json.JsonText;
import dev.suture.protocol.json.StrictJson;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;

/**
 * A signed document: the exact bytes, their type, and signatures over both (DSSE v1.0, Dead Simple
 * Signing Envelope). The signature is over bytes, so nothing inside the payload is parsed before it
 * is verified.
 *
 * @param payloadType media type of the payload; signed as well, so that one kind of document cannot
 *     pass for another
 * @param payload the document, owned by this record; do not change
 * @param signatures at most {@link #SIGNATURES_MAX}
 */
public record Envelope(String payloadType, byte[] payload, List<Signature> signatures) {
  /** Type of a {@link ReleaseIndex}. */
  public static final String INDEX_TYPE = "application/vnd.suture.index.v1+json";

  /** Longest envelope that is read: an index in base64, and its signatures. */
  public static final int BYTES_MAX = 2 << 20;

  /** Most signatures that are looked at. */
  public static final int SIGNATURES_MAX = 16;

  private static final int SIGNATURE_BYTES_MAX = 8_192;

  /** Copies the list. */
  public Envelope {
    signatures = Collections.unmodifiableList(new ArrayList<>(signatures));
  }

  /**
   * One signature.
   *
   * @param keyId hint which key to try: SHA-256 of the raw public key
   * @param bytes the signature
   */
  public record Signature(Sha256 keyId, byte[] bytes) {}

  /** What is signed: DSSE's pre-authentication encoding of type and payload. */
  public static byte[] signedBytes(String payloadType, byte[] payload) {
    byte[] type = payloadType.getBytes(StandardCharsets.UTF_8);
    ByteArrayOutputStream out = new ByteArrayOutputStream(payload.length + 64);
    byte[] head =
        ("DSSEv1 " + type.length + " " + payloadType + " " + payload.length + " ")
            .getBytes(StandardCharsets.UTF_8);
    out.write(head, 0, head.length);
    out.write(payload, 0, payload.length);
    return out.toByteArray();
  }

  /** What this envelope's signatures are over. */
  public byte[] signedBytes() {
    return signedBytes(payloadType, payload);
  }

  /** The envelope as indented JSON. */
  public byte[] encode() {
    return JsonText.indented(
        json -> {
          json.name("payloadType").value(payloadType);
          json.name("payload").value(Base64.getEncoder().encodeToString(payload));
          json.name("signatures").beginArray();
          for (Signature signature : signatures) {
            json.beginObject();
            json.name("keyid").value(signature.keyId().hex());
            json.name("sig").value(Base64.getEncoder().encodeToString(signature.bytes()));
            json.endObject();
          }
          json.endArray();
        });
  }

  /** Only the one text that encodes the bytes, so that no bit of an envelope can change unseen. */
  private static byte[] base64(String text) {
    byte[] bytes = Base64.getDecoder().decode(text);
    if (!Base64.getEncoder().encodeToString(bytes).equals(text)) {
      throw new IllegalArgumentException(
          "expected padded base64 without bits left over, got another form");
    }
    return bytes;
  }

  /**
   * Reads an envelope. Nothing in it is verified yet.
   *
   * @throws RejectedException {@code METADATA_MALFORMED}
   */
  public static Envelope decode(byte[] bytes) throws RejectedException {
    try {
      Fields envelope = StrictJson.parse("envelope", bytes, BYTES_MAX);
      List<Signature> signatures = new ArrayList<>();
      for (Fields signature : envelope.objects("signatures", SIGNATURES_MAX)) {
        byte[] raw = signature.parsed("sig", Envelope::base64);
        if (raw.length > SIGNATURE_BYTES_MAX) {
          throw new IllegalArgumentException(
              signature.path()
                  + ".sig: expected at most "
                  + SIGNATURE_BYTES_MAX
                  + " bytes, got "
                  + raw.length);
        }
        signatures.add(new Signature(signature.parsed("keyid", Sha256::ofHex), raw));
      }
      return new Envelope(
          envelope.text("payloadType"), envelope.parsed("payload", Envelope::base64), signatures);
    } catch (IllegalArgumentException e) {
      throw new RejectedException(
          FailureCode.METADATA_MALFORMED, String.valueOf(e.getMessage()), e);
    }
  }
}
