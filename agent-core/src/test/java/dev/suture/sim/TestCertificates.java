package dev.suture.sim;

import java.io.IOException;
import java.io.Writer;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * A certificate authority and one server certificate, made when a test needs them: EC P-256, valid
 * from 2000 to 2100 so that no clock of a test device matters.
 */
public final class TestCertificates {
  private static final Date NOT_BEFORE = Date.from(Instant.parse("2000-01-01T00:00:00Z"));
  private static final Date NOT_AFTER = Date.from(Instant.parse("2100-01-01T00:00:00Z"));

  private final X509Certificate authority;
  private final X509Certificate server;
  private final PrivateKey serverKey;

  private TestCertificates(
      X509Certificate authority, X509Certificate server, PrivateKey serverKey) {
    this.authority = authority;
    this.server = server;
    this.serverKey = serverKey;
  }

  /**
   * For servers at 127.0.0.1 and localhost, which an emulated device sees as 10.0.2.2.
   *
   * @throws IllegalStateException if this JVM cannot make them
   */
  public static TestCertificates create() {
    return create(
        new GeneralName(GeneralName.iPAddress, "127.0.0.1"),
        new GeneralName(GeneralName.iPAddress, "10.0.2.2"),
        new GeneralName(GeneralName.dNSName, "localhost"));
  }

  /** For a server of another name: nobody who checks names accepts it at 127.0.0.1. */
  public static TestCertificates createFor(String dnsName) {
    return create(new GeneralName(GeneralName.dNSName, dnsName));
  }

  private static TestCertificates create(GeneralName... names) {
    try {
      KeyPairGenerator keys = KeyPairGenerator.getInstance("EC");
      keys.initialize(new ECGenParameterSpec("secp256r1"));
      SecureRandom random = new SecureRandom();
      KeyPair authorityKeys = keys.generateKeyPair();
      KeyPair serverKeys = keys.generateKeyPair();
      // Two authorities of one test must not be mistaken for each other by name.
      X500Name authorityName = new X500Name("CN=Suture test CA " + serial(random).toString(36));

      X509v3CertificateBuilder ca =
          new JcaX509v3CertificateBuilder(
              authorityName,
              serial(random),
              NOT_BEFORE,
              NOT_AFTER,
              authorityName,
              authorityKeys.getPublic());
      ca.addExtension(Extension.basicConstraints, true, new BasicConstraints(0));
      ca.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign));

      X509v3CertificateBuilder leaf =
          new JcaX509v3CertificateBuilder(
              authorityName,
              serial(random),
              NOT_BEFORE,
              NOT_AFTER,
              new X500Name("CN=Suture test server"),
              serverKeys.getPublic());
      leaf.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
      leaf.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
      leaf.addExtension(
          Extension.extendedKeyUsage, false, new ExtendedKeyUsage(KeyPurposeId.id_kp_serverAuth));
      leaf.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(names));

      return new TestCertificates(
          sign(ca, authorityKeys.getPrivate()),
          sign(leaf, authorityKeys.getPrivate()),
          serverKeys.getPrivate());
    } catch (GeneralSecurityException | OperatorCreationException | IOException e) {
      throw new IllegalStateException("test certificates: this JVM cannot make them", e);
    }
  }

  private static BigInteger serial(SecureRandom random) {
    return new BigInteger(120, random).setBit(119);
  }

  private static X509Certificate sign(X509v3CertificateBuilder certificate, PrivateKey key)
      throws OperatorCreationException, GeneralSecurityException {
    X509CertificateHolder signed =
        certificate.build(new JcaContentSignerBuilder("SHA256withECDSA").build(key));
    return new JcaX509CertificateConverter().getCertificate(signed);
  }

  /** The authority as PEM: what a device is given. */
  public byte[] authorityPem() {
    return pem("CERTIFICATE", encoded(authority)).getBytes(StandardCharsets.US_ASCII);
  }

  /** Writes {@code ca.pem}, {@code server.pem} and {@code server.key} into a folder. */
  public void writeTo(Path folder) throws IOException {
    Files.createDirectories(folder);
    Files.write(folder.resolve("ca.pem"), authorityPem());
    try (Writer file = Files.newBufferedWriter(folder.resolve("server.pem"))) {
      file.write(pem("CERTIFICATE", encoded(server)));
    }
    try (Writer file = Files.newBufferedWriter(folder.resolve("server.key"))) {
      file.write(pem("PRIVATE KEY", serverKey.getEncoded()));
    }
  }

  /** For a TLS server that shows the server certificate. */
  public SSLContext serverContext() {
    try {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      char[] password = new char[0];
      store.setKeyEntry("server", serverKey, password, new Certificate[] {server, authority});
      KeyManagerFactory keys =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      keys.init(store, password);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keys.getKeyManagers(), null, null);
      return context;
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException("test certificates: no server context", e);
    }
  }

  /** For a TLS client that trusts this authority alone. Made without the agent's own code. */
  public SSLContext clientContext() {
    try {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      store.setCertificateEntry("ca", authority);
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(store);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, trust.getTrustManagers(), null);
      return context;
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException("test certificates: no client context", e);
    }
  }

  private static byte[] encoded(X509Certificate certificate) {
    try {
      return certificate.getEncoded();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("test certificates: not encodable", e);
    }
  }

  private static String pem(String type, byte[] der) {
    String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
    return "-----BEGIN " + type + "-----\n" + body + "\n-----END " + type + "-----\n";
  }
}
