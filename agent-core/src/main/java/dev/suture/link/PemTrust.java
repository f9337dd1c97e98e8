package dev.suture.link;

import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Instant;
import java.util.Collection;
import java.util.Optional;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;

/**
 * TLS that trusts the operator's certificate authorities alone: the system's own list is not looked
 * at. A certificate's dates are judged by a clock that is known to be right, or not at all; see
 * {@link DatedTrust}. Names are checked if who uses the context asks for it.
 */
public final class PemTrust {
  /** Longest file of certificates that is read. */
  public static final int PEM_BYTES_MAX = 64 * 1024;

  private static final int CERTIFICATES_MAX = 16;

  /**
   * A session is resumed without a look at certificates; after so long they are judged again, maybe
   * by a clock that has become right.
   */
  private static final int SESSION_SECONDS = 3_600;

  private PemTrust() {}

  /**
   * A context that trusts the certificates of a PEM file.
   *
   * @param pem one to 16 certificates
   * @param where the file's name, for messages
   * @param now the time if it is known, asked in every handshake; otherwise empty
   * @throws DeviceException {@code CONFIG_INVALID} if it does not hold certificates
   */
  public static SSLContext context(byte[] pem, String where, Supplier<Optional<Instant>> now)
      throws DeviceException {
    if (pem.length > PEM_BYTES_MAX) {
      throw invalid(where, "at most " + PEM_BYTES_MAX + " bytes", pem.length + " bytes");
    }
    try {
      Collection<? extends Certificate> certificates =
          CertificateFactory.getInstance("X.509")
              .generateCertificates(new ByteArrayInputStream(pem));
      if (certificates.isEmpty() || certificates.size() > CERTIFICATES_MAX) {
        throw invalid(where, "1 to " + CERTIFICATES_MAX, Integer.toString(certificates.size()));
      }
      KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
      trusted.load(null, null);
      int number = 0;
      for (Certificate certificate : certificates) {
        trusted.setCertificateEntry("ca-" + number++, certificate);
      }
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, new TrustManager[] {new DatedTrust(trusted, now)}, null);
      context.getClientSessionContext().setSessionTimeout(SESSION_SECONDS);
      return context;
    } catch (GeneralSecurityException | IOException e) {
      throw new DeviceException(
          FailureCode.CONFIG_INVALID,
          "CA certificates: expected PEM, got: " + e.getMessage() + " (" + where + ")",
          e);
    }
  }

  private static DeviceException invalid(String where, String expected, String got) {
    return new DeviceException(
        FailureCode.CONFIG_INVALID,
        "CA certificates: expected " + expected + ", got " + got + " (" + where + ")");
  }
}
