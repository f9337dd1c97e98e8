package dev.suture.protocol.tuf;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.suture.fuzz.Bytes;
import dev.suture.fuzz.ParserContract;
import dev.suture.fuzz.Seeds;
import dev.suture.fuzz.Sweep;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Metadata of all four roles, as a mirror serves it: whichever the input says that it is. */
class MetadataFuzzTest {
  private static final int BYTES_MAX = 1 << 20;
  private static final String HASHES = "\"hashes\":{\"sha256\":\"" + "ab".repeat(32) + "\"}";
  private static final String ROLE = "{\"keyids\":[\"k\"],\"threshold\":1";
  private static final String KEYS =
      "\"keys\":{\"k\":{\"keytype\":\"ed25519\",\"scheme\":\"ed25519\","
          + "\"keyval\":{\"public\":\"00\"}}}";

  private final ParserContract<List<Object>> contract =
      ParserContract.refusingBy(
          "TUF metadata", MetadataFuzzTest::decode, IllegalArgumentException.class);

  private static List<Object> decode(byte[] input) {
    String text = new String(input, StandardCharsets.UTF_8);
    RoleType type =
        Stream.of(RoleType.values())
            .filter(one -> text.contains("\"_type\":\"" + one.word() + "\""))
            .findFirst()
            .orElse(RoleType.TARGETS);
    SignedMetadata signed = SignedMetadata.decode(type, "metadata", input, BYTES_MAX);
    Object value =
        switch (type) {
          case ROOT -> new RootMetadata(signed).consistentSnapshot();
          case TIMESTAMP -> new TimestampMetadata(signed).snapshot();
          case SNAPSHOT -> new SnapshotMetadata(signed).roles();
          case TARGETS -> new TargetsMetadata(signed).delegations();
        };
    return List.of(type, signed.version(), value);
  }

  private static byte[] sample(RoleType type) {
    String rest =
        switch (type) {
          case ROOT ->
              "\"consistent_snapshot\":true,"
                  + KEYS
                  + ",\"roles\":{\"root\":"
                  + ROLE
                  + "},\"timestamp\":"
                  + ROLE
                  + "},\"snapshot\":"
                  + ROLE
                  + "},\"targets\":"
                  + ROLE
                  + "}}";
          case TIMESTAMP ->
              "\"meta\":{\"snapshot.json\":{\"version\":3,\"length\":10," + HASHES + "}}";
          case SNAPSHOT -> "\"meta\":{\"targets.json\":{\"version\":3},\"a.json\":{\"version\":1}}";
          case TARGETS ->
              "\"targets\":{\"a/b\":{\"length\":5,"
                  + HASHES
                  + "}},\"delegations\":{"
                  + KEYS
                  + ",\"roles\":["
                  + ROLE
                  + ",\"name\":\"v\",\"terminating\":false,\"paths\":[\"a/*\"]},"
                  + ROLE
                  + ",\"name\":\"w\",\"terminating\":true,\"path_hash_prefixes\":[\"0a\"]}]}";
        };
    return Bytes.of(
        "{\"signatures\":[{\"keyid\":\"k\",\"sig\":\"00\"}],\"signed\":{\"_type\":\""
            + type.word()
            + "\",\"spec_version\":\"1.0.31\",\"version\":7,"
            + "\"expires\":\"2027-01-01T00:00:00Z\","
            + rest
            + "}}");
  }

  @FuzzTest
  void fuzz(byte[] input) {
    contract.check(input);
  }

  @ParameterizedTest
  @EnumSource(RoleType.class)
  void sweep_everyByteAndNumber_keepsTheContract(RoleType type) {
    byte[] sample = Seeds.sample(getClass(), type.word(), sample(type));
    Sweep.around(contract, sample).everyByte().textNumbers().keepsTheContract();
  }
}
