package dev.suture.publisher.keys.role;

import dev.suture.protocol.tuf.TufKey;
import dev.suture.publisher.InputFiles;
import dev.suture.publisher.Problem;
import dev.suture.publisher.PublisherException;
import dev.suture.publisher.PublisherException.Details;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.ProviderException;
import java.security.PublicKey;
import java.security.Security;
import java.security.Signature;
import java.security.UnrecoverableKeyException;
import java.security.cert.Certificate;
import java.util.Arrays;
import java.util.HexFormat;
import javax.security.auth.login.LoginException;
import org.jspecify.annotations.Nullable;

/**
 * An EC key on the curve P-256 inside a PKCS#11 token, through the JDK's provider SunPKCS11. The
 * key needs a certificate of the same id on the token (any: only its public key is used), as that
 * is how the provider finds keys.
 */
public final class TokenSigner implements RoleSigner {
  /** Longest configuration of the provider. */
  private static final int CONFIG_BYTES_MAX = 64 << 10;

  private static final String PROVIDER = "SunPKCS11";

  /** What the encoding of every uncompressed public key on P-256 begins with (RFC 5480). */
  private static final byte[] P_256_HEAD =
      HexFormat.of().parseHex("3059301306072a8648ce3d020106082a8648ce3d03010703420004");

  private static final int P_256_BYTES = P_256_HEAD.length + 64;

  private final Provider provider;
  private final PrivateKey privateKey;
  private final TufKey key;
  private final String where;

  private TokenSigner(Provider provider, PrivateKey privateKey, TufKey key, String where) {
    this.provider = provider;
    this.privateKey = privateKey;
    this.key = key;
    this.where = where;
  }

  /**
   * Opens a token.
   *
   * @param config the provider's configuration file: name, library, slot
   * @param alias the key's label
   * @param source of the user's PIN; asked once, as tokens lock themselves after a few wrong ones
   * @throws PublisherException {@code TOKEN_UNUSABLE}, {@code PASSPHRASE_WRONG}, {@code
   *     KEYS_MALFORMED} if the key is not on P-256, {@code INPUT_UNREADABLE}, or what the source
   *     throws
   */
  public static TokenSigner open(Path config, String alias, PassphraseSource source)
      throws PublisherException {
    String where = alias + " in " + config;
    Provider provider = provider(config);
    KeyStore store = login(provider, config, source);
    try {
      Certificate certificate = store.getCertificate(alias);
      // The key's handle only: the private half does not leave the token.
      if (certificate == null || !(store.getKey(alias, null) instanceof PrivateKey handle)) {
        throw unusable(
            "find the key on the token",
            "a private key with a certificate of that label",
            "none",
            where,
            "correct --alias; \"keytool -list -storetype PKCS11\" shows the labels",
            null);
      }
      return new TokenSigner(provider, handle, key(certificate.getPublicKey(), where), where);
    } catch (GeneralSecurityException | ProviderException e) {
      throw failed("find the key on the token", where, e);
    }
  }

  private static Provider provider(Path config) throws PublisherException {
    String text =
        new String(
            InputFiles.read("the PKCS#11 configuration", config, CONFIG_BYTES_MAX),
            StandardCharsets.UTF_8);
    Provider base = Security.getProvider(PROVIDER);
    if (base == null) {
      throw unusable(
          "load the PKCS#11 library",
          "a Java runtime with the provider " + PROVIDER,
          "one without",
          config.toString(),
          "use a JDK with the module jdk.crypto.cryptoki",
          null);
    }
    try {
      // Two dashes: the text itself, not the name of a file, so that what was read is what is used.
      return base.configure("--" + text);
    } catch (RuntimeException e) {
      throw failed("load the PKCS#11 library", config.toString(), e);
    }
  }

  private static KeyStore login(Provider provider, Path config, PassphraseSource source)
      throws PublisherException {
    try (Passphrase pin = source.get("the token of " + config.getFileName())) {
      char[] characters = pin.characters();
      try {
        KeyStore store = KeyStore.getInstance("PKCS11", provider);
        store.load(null, characters);
        return store;
      } finally {
        Arrays.fill(characters, '\0');
      }
    } catch (IOException e) {
      Throwable cause = e.getCause();
      if (cause instanceof LoginException || cause instanceof UnrecoverableKeyException) {
        throw new PublisherException(
            Problem.PASSPHRASE_WRONG,
            new Details(
                "log in to the token",
                "the user's PIN",
                "another one",
                config.toString(),
                "give the right PIN; many tokens lock themselves after three wrong ones"),
            e);
      }
      throw failed("log in to the token", config.toString(), e);
    } catch (GeneralSecurityException | ProviderException e) {
      throw failed("log in to the token", config.toString(), e);
    }
  }

  private static TufKey key(PublicKey key, String where) throws PublisherException {
    byte[] encoded = key.getEncoded();
    if (encoded.length != P_256_BYTES
        || !Arrays.equals(encoded, 0, P_256_HEAD.length, P_256_HEAD, 0, P_256_HEAD.length)) {
      throw new PublisherException(
          Problem.KEYS_MALFORMED,
          new Details(
              "use the key on the token",
              "an EC key on the curve P-256",
              "another one (" + key.getAlgorithm() + ", " + encoded.length + " bytes)",
              where,
              "make one: keytool -genkeypair -keyalg EC -groupname secp256r1 -storetype PKCS11"));
    }
    return new TufKey("ecdsa", "ecdsa-sha2-nistp256", SignatureCheck.pem(encoded));
  }

  @Override
  public TufKey key() {
    return key;
  }

  /** A DER signature. Checked before it is given away. */
  @Override
  public String sign(byte[] signedBytes) throws PublisherException {
    try {
      Signature signature = Signature.getInstance("SHA256withECDSA", provider);
      signature.initSign(privateKey);
      signature.update(signedBytes);
      String hex = HexFormat.of().formatHex(signature.sign());
      if (!SignatureCheck.isSignedBy(key, signedBytes, hex)) {
        throw unusable(
            "sign on the token",
            "a signature by the key of the certificate",
            "another one",
            where,
            "look whether certificate and key of that label belong together",
            null);
      }
      return hex;
    } catch (GeneralSecurityException | ProviderException e) {
      throw failed("sign on the token", where, e);
    }
  }

  private static PublisherException failed(String attempted, String where, Exception e) {
    Throwable deepest = e;
    while (deepest.getCause() != null) {
      deepest = deepest.getCause();
    }
    return unusable(
        attempted,
        "a token that answers",
        String.valueOf(deepest.getMessage()),
        where,
        "check library and slot in the configuration, and that the token is plugged in",
        e);
  }

  private static PublisherException unusable(
      String attempted,
      String expected,
      String got,
      String where,
      String todo,
      @Nullable Exception cause) {
    return new PublisherException(
        Problem.TOKEN_UNUSABLE, new Details(attempted, expected, got, where, todo), cause);
  }
}
