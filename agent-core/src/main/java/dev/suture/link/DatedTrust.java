package dev.suture.link;

import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.InvalidAlgorithmParameterException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Supplier;
import javax.net.ssl.CertPathTrustManagerParameters;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * The platform's own judgement of a server's certificates, with one thing of ours in it: the moment
 * for which dates are judged. If the time is known, that is the moment. If it is not, the dates say
 * nothing, and the moment is any at which the whole chain was valid; a chain that never was valid
 * as a whole is refused, as it would be by every right clock. Path, signatures, algorithms, basic
 * constraints, key usage, and the name if it was asked for, are judged in either case.
 *
 * <p>The authorities are trusted because the operator chose them: their own dates are not judged.
 * Revocation is not looked at.
 *
 * <p>A platform whose judgement takes no moment (Android's) judges by its own clock.
 */
final class DatedTrust extends X509ExtendedTrustManager {
  /** Certificates that a server may show; the platform itself takes no more than ten. */
  private static final int CHAIN_MAX = 10;

  private final KeyStore authorities;
  private final Supplier<Optional<Instant>> now;
  private final X509Certificate[] issuers;

  /**
   * Trust in these.
   *
   * @param authorities certificates only; not changed afterwards
   * @param now the time if it is known
   * @throws GeneralSecurityException if the platform cannot judge by them
   */
  DatedTrust(KeyStore authorities, Supplier<Optional<Instant>> now)
      throws GeneralSecurityException {
    this.authorities = authorities;
    this.now = now;
    this.issuers = at(null).getAcceptedIssuers();
  }

  /** One of the platform's ways to judge a server. */
  @FunctionalInterface
  private interface Judgement {
    void by(X509ExtendedTrustManager platform) throws CertificateException;
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
      throws CertificateException {
    judge(chain, platform -> platform.checkServerTrusted(chain, authType, socket));
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
      throws CertificateException {
    judge(chain, platform -> platform.checkServerTrusted(chain, authType, engine));
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    judge(chain, platform -> platform.checkServerTrusted(chain, authType));
  }

  private void judge(X509Certificate[] chain, Judgement judgement) throws CertificateException {
    if (chain == null || chain.length == 0 || chain.length > CHAIN_MAX) {
      throw new CertificateException(
          "certificates: expected 1 to "
              + CHAIN_MAX
              + ", got "
              + (chain == null ? 0 : chain.length));
    }
    Optional<Instant> known = now.get();
    List<Instant> moments =
        known.isPresent() ? Collections.singletonList(known.get()) : momentsOf(chain);
    CertificateException refusal = null;
    for (Instant moment : moments) {
      try {
        judgement.by(at(moment));
        return;
      } catch (CertificateException e) {
        refusal = refusal == null ? e : refusal;
      } catch (GeneralSecurityException e) {
        throw new CertificateException("certificates: this platform cannot judge them: " + e, e);
      }
    }
    throw refusal != null
        ? refusal
        : new CertificateException("certificate: expected dates in order, got an end before them");
  }

  /**
   * Moments of which one is within the validity of every certificate of a path, if there is such a
   * moment: where several validities meet, one of them begins. A server may also show certificates
   * that are not on the path, so all are tried, the latest first.
   */
  private static List<Instant> momentsOf(X509Certificate[] chain) {
    TreeSet<Instant> beginnings = new TreeSet<>(Comparator.reverseOrder());
    Instant serverFrom = chain[0].getNotBefore().toInstant();
    Instant serverUntil = chain[0].getNotAfter().toInstant();
    for (X509Certificate one : chain) {
      Instant beginning = one.getNotBefore().toInstant();
      if (!beginning.isBefore(serverFrom) && !beginning.isAfter(serverUntil)) {
        beginnings.add(beginning);
      }
    }
    return new ArrayList<>(beginnings);
  }

  /** The platform's judgement for one moment; null for its own clock's. */
  private X509ExtendedTrustManager at(@Nullable Instant moment) throws GeneralSecurityException {
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    PKIXBuilderParameters parameters = new PKIXBuilderParameters(authorities, null);
    parameters.setRevocationEnabled(false);
    parameters.setDate(moment == null ? null : Date.from(moment));
    try {
      factory.init(new CertPathTrustManagerParameters(parameters));
    } catch (InvalidAlgorithmParameterException e) {
      factory.init(authorities);
    }
    for (TrustManager manager : factory.getTrustManagers()) {
      if (manager instanceof X509ExtendedTrustManager platform) {
        return platform;
      }
    }
    throw new GeneralSecurityException("trust manager: expected one for X.509, got none");
  }

  /** Nobody connects to this device with a certificate. */
  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
      throws CertificateException {
    throw noServer();
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
      throws CertificateException {
    throw noServer();
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    throw noServer();
  }

  private static CertificateException noServer() {
    return new CertificateException("certificates: expected a server's, got a client's");
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return issuers.clone();
  }
}
