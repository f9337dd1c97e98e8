package dev.suture.trust.tuf;

import dev.suture.protocol.Sha256;
import dev.suture.protocol.tuf.TufKey;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;

/**
 * Checks signatures, and remembers those that were good: a start, the look behind it and every look
 * after that ask for the same ones, and an ML-DSA signature costs a small device a tenth of a
 * second. In memory only, so whatever was changed on the disk between two starts is checked again.
 * What was not good is not remembered, and what was good is so once, however its hexadecimal is
 * written: nobody without a key can fill the memory. (ECDSA's are good in two forms.) Several
 * threads may ask.
 */
public final class CheckedSignatures {
  /** More than one device sees at a time; 32 bytes each. */
  private static final int REMEMBERED_MAX = 256;

  private final Set<ByteBuffer> good = new LinkedHashSet<>();

  /** Whether the owner of this key has signed these bytes. */
  boolean isSignedBy(TufKey key, byte[] signed, String signatureHex) {
    Optional<byte[]> signature = PublicKeys.signature(signatureHex);
    if (!signature.isPresent()) {
      return false;
    }
    ByteBuffer question = question(key, signed, signature.get());
    if (isKnown(question)) {
      return true;
    }
    boolean isGood = PublicKeys.isSignedBy(key, signed, signature.get());
    if (isGood) {
      remember(question);
    }
    return isGood;
  }

  /** How many are remembered. */
  synchronized int size() {
    return good.size();
  }

  private synchronized boolean isKnown(ByteBuffer question) {
    return good.contains(question);
  }

  private synchronized void remember(ByteBuffer question) {
    if (good.size() >= REMEMBERED_MAX) {
      Iterator<ByteBuffer> oldest = good.iterator();
      oldest.next();
      oldest.remove();
    }
    good.add(question);
  }

  /** Digest of everything that the answer depends on, each part behind its length. */
  private static ByteBuffer question(TufKey key, byte[] signed, byte[] signature) {
    MessageDigest digest = Sha256.newDigest();
    for (String text : new String[] {key.type(), key.scheme(), key.publicText()}) {
      add(digest, text.getBytes(StandardCharsets.UTF_8));
    }
    add(digest, signature);
    add(digest, signed);
    return ByteBuffer.wrap(digest.digest());
  }

  private static void add(MessageDigest digest, byte[] part) {
    digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(0, part.length));
    digest.update(part);
  }
}
