package dev.suture.trust.tuf;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.suture.protocol.tuf.TufKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Project Wycheproof's vectors against the primitives as they are used. They are not ours to
 * deliver: profile {@code vectors} runs this with {@code -Dsuture.vectors=FOLDER}, the folder being
 * a checkout of github.com/C2SP/wycheproof, and fails without it.
 */
class WycheproofRun {
  private static Path folder() {
    String folder = System.getProperty("suture.vectors", "");
    assertThat(folder)
        .as("-Dsuture.vectors=FOLDER: a checkout of github.com/C2SP/wycheproof")
        .isNotEmpty();
    return Path.of(folder, "testvectors_v1");
  }

  @ParameterizedTest
  @CsvSource({
    "ed25519_test,ed25519,ed25519",
    "ecdsa_secp256r1_sha256_test,ecdsa,ecdsa-sha2-nistp256",
    "rsa_pss_2048_sha256_mgf1_32_test,rsa,rsassa-pss-sha256",
    "rsa_pss_3072_sha256_mgf1_32_test,rsa,rsassa-pss-sha256",
    "rsa_pss_4096_sha256_mgf1_32_test,rsa,rsassa-pss-sha256",
    "rsa_signature_2048_sha256_test,rsa,rsa-pkcs1v15-sha256",
    "rsa_signature_3072_sha256_test,rsa,rsa-pkcs1v15-sha256",
    "rsa_signature_4096_sha256_test,rsa,rsa-pkcs1v15-sha256",
    "rsa_signature_8192_sha256_test,rsa,rsa-pkcs1v15-sha256",
    "mldsa_65_verify_test,ml-dsa-65,ml-dsa-65",
  })
  void vectors_ofOneFile_areJudgedAsTheySay(String file, String type, String scheme)
      throws IOException {
    JsonObject all =
        JsonParser.parseString(Files.readString(folder().resolve(file + ".json")))
            .getAsJsonObject();
    List<String> wrong = new ArrayList<>();
    int accepted = 0;
    int refused = 0;
    int eitherWay = 0;
    for (JsonElement element : all.getAsJsonArray("testGroups")) {
      JsonObject group = element.getAsJsonObject();
      TufKey key = new TufKey(type, scheme, publicText(group, type));
      for (JsonElement one : group.getAsJsonArray("tests")) {
        JsonObject test = one.getAsJsonObject();
        byte[] message = HexFormat.of().parseHex(test.get("msg").getAsString());
        boolean isValid = PublicKeys.isSignedBy(key, message, test.get("sig").getAsString());
        String result = test.get("result").getAsString();
        // Metadata is signed without a context: a signature with one is over something else.
        boolean hasContext = test.has("ctx") && !test.get("ctx").getAsString().isEmpty();
        if (result.equals("acceptable")) {
          eitherWay++;
        } else if (isValid
            != (result.equals("valid") && !hasContext || isLongestSalt(group, test))) {
          wrong.add(test.get("tcId") + " " + test.get("comment") + ": " + result);
        } else if (isValid) {
          accepted++;
        } else {
          refused++;
        }
      }
    }
    System.out.printf(
        "%s: %d accepted, %d refused, %d that may be either%n", file, accepted, refused, eitherWay);
    assertThat(wrong).isEmpty();
    assertThat(accepted).isPositive();
    assertThat(refused).isPositive();
  }

  /** Said to be invalid there, because that file is about another length; valid for us. */
  private static boolean isLongestSalt(JsonObject group, JsonObject test) {
    return group.has("sLen")
        && test.get("comment")
            .getAsString()
            .equals("s_len changed to " + (group.get("keySize").getAsInt() / Byte.SIZE - 32 - 2));
  }

  private static String publicText(JsonObject group, String type) {
    if (type.equals("ed25519")) {
      return group.getAsJsonObject("publicKey").get("pk").getAsString();
    }
    return group.get(type.equals("ml-dsa-65") ? "publicKey" : "publicKeyPem").getAsString();
  }
}
