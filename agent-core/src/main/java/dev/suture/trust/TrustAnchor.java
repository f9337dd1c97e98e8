package dev.suture.trust;

import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.SutureException;
import dev.suture.trust.tuf.CheckedSignatures;
import dev.suture.trust.tuf.TufClient;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * The root that was shipped in the read-only OS image: where all trust begins, at every start anew.
 */
public final class TrustAnchor {
  /** Longest root that is read. */
  public static final int BYTES_MAX = 512 << 10;

  private final byte[] root;
  private final CheckedSignatures checked;

  private TrustAnchor(byte[] root, CheckedSignatures checked) {
    this.root = root;
    this.checked = checked;
  }

  /**
   * Reads {@code root.json}. A malformed root, or one that its own keys have not signed, is
   * refused: better no agent than one that believes the wrong keys.
   *
   * @throws DeviceException {@code TRUST_ROOT_MISSING}
   */
  public static TrustAnchor decode(byte[] bytes) throws DeviceException {
    return decode(bytes, new CheckedSignatures());
  }

  /**
   * The same, by who has checked signatures before.
   *
   * @param checked for this root and all that it leads to
   */
  public static TrustAnchor decode(byte[] bytes, CheckedSignatures checked) throws DeviceException {
    try {
      StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
      TufClient.checkRoot(bytes, checked);
      return new TrustAnchor(bytes.clone(), checked);
    } catch (SutureException e) {
      throw new DeviceException(
          FailureCode.TRUST_ROOT_MISSING, "trust root: " + e.explanation(), e);
    } catch (CharacterCodingException e) {
      throw new DeviceException(
          FailureCode.TRUST_ROOT_MISSING, "trust root: expected UTF-8, got something else", e);
    }
  }

  /** Its bytes, a copy. */
  public byte[] toBytes() {
    return root.clone();
  }

  CheckedSignatures checked() {
    return checked;
  }
}
