package dev.suture.publisher.notify;

import dev.suture.publisher.InputFiles;
import dev.suture.publisher.Problem;
import dev.suture.publisher.PublisherException;
import dev.suture.publisher.PublisherException.Details;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.Collection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** TLS that trusts the certificates of one PEM file, and nothing that the system trusts. */
final class BrokerTrust {
  private static final int PEM_BYTES_MAX = 256 << 10;

  private BrokerTrust() {}

  /**
   * A context with only these issuers.
   *
   * @throws PublisherException {@code INPUT_UNREADABLE}, {@code INPUT_MALFORMED}
   */
  static SSLContext context(Path caFile) throws PublisherException {
    byte[] pem = InputFiles.read("the CA file", caFile, PEM_BYTES_MAX);
    try {
      Collection<? extends Certificate> issuers =
          CertificateFactory.getInstance("X.509")
              .generateCertificates(new ByteArrayInputStream(pem));
      if (issuers.isEmpty()) {
        throw new CertificateException("no certificate in it");
      }
      KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      int number = 0;
      for (Certificate issuer : issuers) {
        store.setCertificateEntry("issuer-" + number++, issuer);
      }
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(store);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, trust.getTrustManagers(), null);
      return context;
    } catch (CertificateException e) {
      throw new PublisherException(
          Problem.INPUT_MALFORMED,
          new Details(
              "read the CA file",
              "X.509 certificates in PEM",
              String.valueOf(e.getMessage()),
              caFile.toString(),
              "give the certificate of the authority that issued the broker's certificate"),
          e);
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException("every Java platform has TLS and key stores in memory", e);
    }
  }
}
