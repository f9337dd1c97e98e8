package dev.suture.link;

import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.Collection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * TLS that trusts the operator's certificate authorities alone: the system's own list is not looked
 * at. Names are checked by who uses the context.
 */
public final class PemTrust {
  /** Longest file of certificates that is read. */
  public static final int PEM_BYTES_MAX = 64 * 1024;

  private static final int CERTIFICATES_MAX = 16;

  private PemTrust() {}

  /**
   * A context that trusts the certificates of a PEM file.
   *
   * @param pem one to 16 certificates
   * @param where the file's name, for messages
   * @throws DeviceException {@code CONFIG_INVALID} if it does not hold certificates
   */
  public static SSLContext context(byte[] pem, String where) throws DeviceException {
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
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(trusted);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, trust.getTrustManagers(), null);
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
