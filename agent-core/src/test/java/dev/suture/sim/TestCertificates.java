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
import java.util.ArrayList;
import java.util.Base64;
import java.util.Date;
import java.util.List;
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
import org.jspecify.annotations.Nullable;

/**
 * A certificate authority and one server certificate, made when a test needs them: EC P-256, valid
 * from 2000 to 2100 unless a test wants something else.
 */
public final class TestCertificates {
  private static final String[] LOCAL_NAMES = {"localhost"};
  private static final String[] LOCAL_ADDRESSES = {"127.0.0.1", "10.0.2.2"};

  private final X509Certificate authority;
  private final List<X509Certificate> chain;
  private final PrivateKey serverKey;

  private TestCertificates(
      X509Certificate authority, List<X509Certificate> chain, PrivateKey serverKey) {
    this.authority = authority;
    this.chain = chain;
    this.serverKey = serverKey;
  }

  /** From when until when a certificate is valid. */
  public record Validity(Instant from, Instant until) {
    /** So long that no clock of a test device matters. */
    public static final Validity ALWAYS =
        new Validity(Instant.parse("2000-01-01T00:00:00Z"), Instant.parse("2100-01-01T00:00:00Z"));

    /** Between two days, as in {@code 2020-01-31}. */
    public static Validity of(String fromDay, String untilDay) {
      return new Validity(
          Instant.parse(fromDay + "T00:00:00Z"), Instant.parse(untilDay + "T00:00:00Z"));
    }
  }

  /**
   * What may be unusual about certificates; {@link #USUAL} is not.
   *
   * @param between of an authority between the root and the server; null if there is none
   * @param betweenMayIssue whether that one is an authority at all
   * @param forServers whether the server's certificate is for servers
   * @param dnsName the server's only name; null for those of this machine
   */
  public record Shape(
      Validity root,
      @Nullable Validity between,
      boolean betweenMayIssue,
      Validity server,
      boolean forServers,
      @Nullable String dnsName) {
    /** An authority and a server of this machine, valid always. */
    public static final Shape USUAL =
        new Shape(Validity.ALWAYS, null, true, Validity.ALWAYS, true, null);

    /** The same with another validity of the root. */
    public Shape root(Validity other) {
      return new Shape(other, between, betweenMayIssue, server, forServers, dnsName);
    }

    /** The same with an authority between. */
    public Shape between(Validity other) {
      return new Shape(root, other, betweenMayIssue, server, forServers, dnsName);
    }

    /** The same with a certificate between that may not issue others. */
    public Shape betweenThatMayNotIssue() {
      return new Shape(root, Validity.ALWAYS, false, server, forServers, dnsName);
    }

    /** The same with another validity of the server's certificate. */
    public Shape server(Validity other) {
      return new Shape(root, between, betweenMayIssue, other, forServers, dnsName);
    }

    /** The same with a certificate that is for clients. */
    public Shape forClients() {
      return new Shape(root, between, betweenMayIssue, server, false, dnsName);
    }

    /** The same for a server of another name. */
    public Shape named(String other) {
      return new Shape(root, between, betweenMayIssue, server, forServers, other);
    }
  }

  /**
   * For servers at 127.0.0.1 and localhost, which an emulated device sees as 10.0.2.2.
   *
   * @throws IllegalStateException if this JVM cannot make them
   */
  public static TestCertificates create() {
    return create(Shape.USUAL);
  }

  /** For a server of another name: nobody who checks names accepts it at 127.0.0.1. */
  public static TestCertificates createFor(String dnsName) {
    return create(Shape.USUAL.named(dnsName));
  }

  /** With what is unusual. */
  public static TestCertificates create(Shape shape) {
    try {
      KeyPairGenerator keys = KeyPairGenerator.getInstance("EC");
      keys.initialize(new ECGenParameterSpec("secp256r1"));
      SecureRandom random = new SecureRandom();
      // Two authorities of one test must not be mistaken for each other by name.
      String authorityName = "CN=Suture test CA " + serial(random).toString(36);
      KeyPair issuerKeys = keys.generateKeyPair();
      X500Name issuer = new X500Name(authorityName);
      X509Certificate authority =
          sign(
              issuing(builder(issuer, shape.root(), issuer, issuerKeys), true),
              issuerKeys.getPrivate());

      List<X509Certificate> chain = new ArrayList<>();
      Validity between = shape.between();
      if (between != null) {
        KeyPair betweenKeys = keys.generateKeyPair();
        X500Name betweenName = new X500Name(authorityName + " between");
        chain.add(
            sign(
                issuing(
                    builder(issuer, between, betweenName, betweenKeys), shape.betweenMayIssue()),
                issuerKeys.getPrivate()));
        issuer = betweenName;
        issuerKeys = betweenKeys;
      }
      KeyPair serverKeys = keys.generateKeyPair();
      X509v3CertificateBuilder leaf =
          builder(issuer, shape.server(), new X500Name("CN=Suture test server"), serverKeys);
      leaf.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
      leaf.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
      leaf.addExtension(
          Extension.extendedKeyUsage,
          false,
          new ExtendedKeyUsage(
              shape.forServers() ? KeyPurposeId.id_kp_serverAuth : KeyPurposeId.id_kp_clientAuth));
      leaf.addExtension(Extension.subjectAlternativeName, false, names(shape.dnsName()));
      chain.add(0, sign(leaf, issuerKeys.getPrivate()));
      return new TestCertificates(authority, chain, serverKeys.getPrivate());
    } catch (GeneralSecurityException | OperatorCreationException | IOException e) {
      throw new IllegalStateException("test certificates: this JVM cannot make them", e);
    }
  }

  private static GeneralNames names(@Nullable String dnsName) {
    List<GeneralName> names = new ArrayList<>();
    for (String name : dnsName == null ? LOCAL_NAMES : new String[] {dnsName}) {
      names.add(new GeneralName(GeneralName.dNSName, name));
    }
    for (String address : dnsName == null ? LOCAL_ADDRESSES : new String[0]) {
      names.add(new GeneralName(GeneralName.iPAddress, address));
    }
    return new GeneralNames(names.toArray(new GeneralName[0]));
  }

  private static X509v3CertificateBuilder builder(
      X500Name issuer, Validity validity, X500Name subject, KeyPair keys) {
    return new JcaX509v3CertificateBuilder(
        issuer,
        serial(new SecureRandom()),
        Date.from(validity.from()),
        Date.from(validity.until()),
        subject,
        keys.getPublic());
  }

  private static X509v3CertificateBuilder issuing(
      X509v3CertificateBuilder certificate, boolean mayIssue) throws IOException {
    certificate.addExtension(Extension.basicConstraints, true, new BasicConstraints(mayIssue));
    certificate.addExtension(
        Extension.keyUsage,
        true,
        new KeyUsage(mayIssue ? KeyUsage.keyCertSign : KeyUsage.digitalSignature));
    return certificate;
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
      for (X509Certificate one : chain) {
        file.write(pem("CERTIFICATE", encoded(one)));
      }
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
      List<Certificate> shown = new ArrayList<>(chain);
      shown.add(authority);
      store.setKeyEntry("server", serverKey, password, shown.toArray(new Certificate[0]));
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
