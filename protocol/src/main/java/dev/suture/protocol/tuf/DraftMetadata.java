package dev.suture.protocol.tuf;

import dev.suture.protocol.json.Fields;
import dev.suture.protocol.json.JsonText;
import dev.suture.protocol.json.JsonTree;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Metadata that is to be signed, see {@link MetadataWriter}. Whatever is made here can be read back
 * by {@link SignedMetadata} and its role's class; the same members give the same bytes.
 */
public final class DraftMetadata {
  private final SignedMetadata read;
  private final JsonTree signed;

  private DraftMetadata(SignedMetadata read) {
    this.read = read;
    this.signed = JsonTree.of(read.signed().path(), read.signed());
  }

  /**
   * The signed part of a file that was read, members that nobody knows included: to be signed by
   * others as well. Its signatures are not taken along.
   *
   * @throws IllegalArgumentException if it is not what this role's class reads
   */
  public static DraftMetadata of(SignedMetadata read) {
    SignedMetadata checked =
        switch (read.type()) {
          case ROOT -> new RootMetadata(read).signed();
          case TIMESTAMP -> new TimestampMetadata(read).signed();
          case SNAPSHOT -> new SnapshotMetadata(read).signed();
          case TARGETS -> new TargetsMetadata(read).signed();
        };
    return new DraftMetadata(checked);
  }

  /**
   * From a {@code signed} object that was read elsewhere than in a file of metadata.
   *
   * @throws IllegalArgumentException if it is not what this role's class reads
   */
  public static DraftMetadata of(RoleType type, Fields signed) {
    return of(type, JsonTree.of(type.word(), signed));
  }

  /**
   * From all members of {@code signed}.
   *
   * @throws IllegalArgumentException if nobody could read them
   */
  static DraftMetadata of(RoleType type, Map<String, ?> members) {
    return of(type, JsonTree.of(type.word(), members));
  }

  private static DraftMetadata of(RoleType type, JsonTree signed) {
    byte[] signedBytes = signed.canonical();
    byte[] file = file(signed, Collections.emptyList());
    DraftMetadata draft = of(SignedMetadata.decode(type, type.word(), file, Integer.MAX_VALUE));
    if (!Arrays.equals(draft.read.signedBytes(), signedBytes)) {
      throw new IllegalStateException(type.word() + ": expected to read what was written");
    }
    return draft;
  }

  /** What it will be read as, yet without signatures. */
  public SignedMetadata read() {
    return read;
  }

  /** The members of {@code signed}. */
  public JsonTree signed() {
    return signed;
  }

  /** What is to be signed: the canonical form. A copy. */
  public byte[] signedBytes() {
    return read.signedBytes().clone();
  }

  /**
   * The file: one line of JSON, its members in canonical order, the signatures in the given one.
   *
   * @param signatures over {@link #signedBytes}; whether they are is not checked here
   * @throws IllegalArgumentException if a key id is there twice, or there are more than {@link
   *     SignedMetadata#SIGNATURES_MAX}
   */
  public byte[] file(List<SignedMetadata.Signature> signatures) {
    return file(signed, signatures);
  }

  private static byte[] file(JsonTree signed, List<SignedMetadata.Signature> signatures) {
    Set<String> keyIds = new HashSet<>();
    for (SignedMetadata.Signature signature : signatures) {
      if (!keyIds.add(signature.keyId())) {
        throw new IllegalArgumentException(
            "signatures: expected each key once, got " + signature.keyId() + " twice");
      }
    }
    if (keyIds.size() > SignedMetadata.SIGNATURES_MAX) {
      throw new IllegalArgumentException(
          "signatures: expected at most "
              + SignedMetadata.SIGNATURES_MAX
              + ", got "
              + keyIds.size());
    }
    return JsonText.compact(
        json -> {
          json.name("signatures").beginArray();
          for (SignedMetadata.Signature signature : signatures) {
            json.beginObject();
            json.name("keyid").value(signature.keyId());
            json.name("sig").value(signature.hex());
            json.endObject();
          }
          json.endArray();
          signed.writeTo(json.name("signed"));
        });
  }
}
