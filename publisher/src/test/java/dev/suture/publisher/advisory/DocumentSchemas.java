package dev.suture.publisher.advisory;

import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import tools.jackson.core.json.JsonReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The JSON schemas of what we write. CSAF's and CVSS's come from the npm package that {@code
 * fetch-csaf-schemas} brings to {@code target/csaf} before the tests. No package that we can reach
 * ships OpenVEX's, so {@code openvex-0.2.0.schema.json} is our own, written from the tables of its
 * specification and no wider than what we use of it.
 */
final class DocumentSchemas {
  private static final Path FETCHED = Path.of("target", "csaf");

  /** The package holds them as JavaScript modules: one object literal each. */
  private static final JsonMapper LITERALS =
      JsonMapper.builder()
          .enable(
              JsonReadFeature.ALLOW_UNQUOTED_PROPERTY_NAMES,
              JsonReadFeature.ALLOW_SINGLE_QUOTES,
              JsonReadFeature.ALLOW_TRAILING_COMMA,
              JsonReadFeature.ALLOW_JAVA_COMMENTS)
          .build();

  static final JsonMapper JSON = new JsonMapper();

  private DocumentSchemas() {}

  /** What the CSAF 2.0 schema finds wrong, those of CVSS included. */
  static List<Error> csaf(JsonNode document) {
    return validate("https://docs.oasis-open.org/csaf/csaf/v2.0/csaf_json_schema.json", document);
  }

  /** What our schema of OpenVEX 0.2.0 finds wrong. */
  static List<Error> openVex(JsonNode document) {
    return validate("https://suture.dev/test/openvex-0.2.0.schema.json", document);
  }

  private static List<Error> validate(String id, JsonNode document) {
    Map<String, String> known = new HashMap<>();
    known.put(
        "https://docs.oasis-open.org/csaf/csaf/v2.0/csaf_json_schema.json",
        literal(FETCHED.resolve("lib/schemaTests/csaf_2_0/schema.js")));
    for (String version : List.of("v2.0", "v3.0", "v3.1")) {
      known.put(
          "https://www.first.org/cvss/cvss-" + version + ".json",
          literal(FETCHED.resolve("schemas/cvss-" + version + ".js")));
    }
    known.put("https://suture.dev/test/openvex-0.2.0.schema.json", own());
    SchemaRegistry registry =
        SchemaRegistry.withDefaultDialect(
            SpecificationVersion.DRAFT_2020_12,
            builder ->
                builder
                    .schemas(known)
                    .schemaRegistryConfig(
                        SchemaRegistryConfig.builder().formatAssertionsEnabled(true).build()));
    Schema schema = registry.getSchema(SchemaLocation.of(id));
    return schema.validate(document);
  }

  private static String literal(Path module) {
    try {
      String text = Files.readString(module);
      String start = "export default ";
      if (!text.startsWith(start)) {
        throw new IllegalStateException(module + ": expected a module with one default export");
      }
      return LITERALS.readTree(text.substring(start.length())).toString();
    } catch (IOException e) {
      throw new UncheckedIOException("run publisher/fetch-csaf-schemas publisher/target/csaf", e);
    }
  }

  private static String own() {
    try (InputStream in =
        Objects.requireNonNull(
            DocumentSchemas.class.getResourceAsStream("openvex-0.2.0.schema.json"))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
