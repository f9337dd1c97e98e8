package dev.suture.trust.tuf;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.tuf.FileNames;
import dev.suture.protocol.tuf.SignedMetadata;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/** The attacks that forge signatures, bend JSON or misuse names: how each folder was made. */
final class ForgeryRecipes {
  private static final List<String> NOTHING = List.of();
  private static final String NOTE = "\"x-note\":1";

  private final AttackRecipes recipes;

  private ForgeryRecipes(AttackRecipes recipes) {
    this.recipes = recipes;
  }

  static void addTo(AttackRecipes recipes) {
    ForgeryRecipes forgeries = new ForgeryRecipes(recipes);
    forgeries.strangers();
    forgeries.thresholds();
    forgeries.algorithms();
    forgeries.hybrids();
    forgeries.json();
    forgeries.numbers();
    forgeries.endless();
    forgeries.names();
    forgeries.delegations();
  }

  private void strangers() {
    Map<String, List<String>> changes =
        Map.of(
            "root",
            NOTHING,
            "timestamp",
            NOTHING,
            "snapshot",
            List.of("timestamp.json"),
            "targets",
            AttackRecipes.ONLINE);
    for (String role : TestRepository.TOP) {
      recipes.add(
          "arbitrary-software-" + role,
          AttackRecipes.SIGNATURE,
          changes.getOrDefault(role, NOTHING),
          "a stranger signs as " + role,
          stage -> {
            stage.believe();
            stage.signers(role, stage.stranger);
            if (role.equals("root")) {
              stage.repository.rootKeys();
              stage.repository.nextRoot();
            } else {
              stage.evilTargets();
            }
          });
    }
    recipes.add(
        "arbitrary-software-borrowed-key-id",
        AttackRecipes.SIGNATURE,
        AttackRecipes.ONLINE,
        "a stranger's signature under the key id of the key in charge",
        stage -> {
          stage.believe();
          stage.signers("targets", stage.stranger.withId("targets"));
          stage.evilTargets();
        });
    recipes.add(
        "arbitrary-software-other-role",
        AttackRecipes.MALFORMED,
        List.of("timestamp.json"),
        "genuine targets in the place of the snapshot",
        stage -> {
          stage.believe();
          stage.next("targets");
          stage.repository.files.put("2.snapshot.json", stage.file("2.targets.json"));
        });
    recipes.add(
        "signature-over-other-bytes",
        AttackRecipes.SIGNATURE,
        AttackRecipes.ONLINE,
        "genuine signatures of the targets before, under other targets",
        stage -> {
          stage.believe();
          JsonObject before = parse(stage.text("1.targets.json"));
          stage.evilTargets();
          JsonObject evil = parse(stage.text("2.targets.json"));
          evil.add("signatures", before.get("signatures"));
          stage.put("2.targets.json", evil.toString());
        });
  }

  private static JsonObject parse(String text) {
    return JsonParser.parseString(text).getAsJsonObject();
  }

  /** Targets that two keys must sign; the device has believed none of the kind yet. */
  private static void twoOfTwo(AttackStage stage, TestKey second) {
    stage.repository.signers("targets").add(second);
    stage.repository.rootKeys();
    stage.repository.threshold("targets", 2);
    stage.repository.nextRoot();
  }

  private void thresholds() {
    List<String> changes = List.of("root.json", "snapshot.json", "timestamp.json");
    recipes.add(
        "threshold-one-of-two",
        AttackRecipes.SIGNATURE,
        changes,
        "one signature where two are needed",
        stage -> {
          stage.believe();
          twoOfTwo(stage, TestKey.named("second"));
          stage.signers("targets", TestKey.named("targets"));
          stage.evilTargets();
        });
    recipes.add(
        "threshold-one-signature-twice",
        AttackRecipes.MALFORMED,
        changes,
        "the same signature two times where two are needed",
        stage -> {
          stage.believe();
          twoOfTwo(stage, TestKey.named("second"));
          stage.signers("targets", TestKey.named("targets"), TestKey.named("targets"));
          stage.evilTargets();
        });
    recipes.add(
        "threshold-one-key-two-ids",
        AttackRecipes.SIGNATURE,
        changes,
        "the root has one key under two ids, and both sign",
        stage -> {
          stage.believe();
          twoOfTwo(stage, TestKey.named("targets").withId("second"));
          stage.evilTargets();
        });
    recipes.add(
        "threshold-other-key-id",
        AttackRecipes.SIGNATURE,
        changes,
        "one key's signature under its own id and under the other key's",
        stage -> {
          stage.believe();
          twoOfTwo(stage, TestKey.named("second"));
          TestKey stolen = TestKey.named("targets");
          stage.signers("targets", stolen, stolen.withId("second"));
          stage.evilTargets();
        });
  }

  private void algorithms() {
    Map<String, String[]> names =
        Map.of(
            "unknown-algorithm", new String[] {"rot13", "rot13"},
            "unknown-scheme", new String[] {"ed25519", "none"},
            "mismatched-scheme", new String[] {"ed25519", "rsassa-pss-sha256"});
    names.forEach(
        (name, words) ->
            recipes.add(
                name,
                AttackRecipes.SIGNATURE,
                List.of("root.json", "snapshot.json", "timestamp.json"),
                "the targets' key is of type " + words[0] + " and scheme " + words[1],
                stage -> {
                  stage.believe();
                  JsonObject key =
                      stage.repository.root().getAsJsonObject("keys").getAsJsonObject("targets");
                  key.addProperty("keytype", words[0]);
                  key.addProperty("scheme", words[1]);
                  stage.repository.nextRoot();
                  stage.evilTargets();
                }));
  }

  private void hybrids() {
    List<String> kinds = List.of("ed25519", "ml-dsa");
    for (int i = 0; i < kinds.size(); i++) {
      int stolen = i;
      recipes.add(
          "hybrid-root-" + kinds.get(i) + "-only",
          AttackRecipes.SIGNATURE,
          NOTHING,
          "root needs an Ed25519 and an ML-DSA-65 key; the attacker has the " + kinds.get(i),
          stage -> {
            stage.hybrid();
            stage.believe();
            stage.signers("root", stage.repository.signers("root").get(stolen));
            stage.repository.nextRoot();
          });
      recipes.add(
          "hybrid-targets-" + kinds.get(i) + "-only",
          AttackRecipes.SIGNATURE,
          AttackRecipes.ONLINE,
          "targets need an Ed25519 and an ML-DSA-65 key; the attacker has the " + kinds.get(i),
          stage -> {
            stage.hybrid();
            stage.believe();
            stage.signers("targets", stage.repository.signers("targets").get(stolen));
            stage.evilTargets();
          });
      recipes.add(
          "hybrid-targets-" + kinds.get(i) + "-for-both",
          AttackRecipes.SIGNATURE,
          AttackRecipes.ONLINE,
          "the " + kinds.get(i) + " signature under the ids of both keys",
          stage -> {
            stage.hybrid();
            stage.believe();
            TestKey own = stage.repository.signers("targets").get(stolen);
            TestKey other = stage.repository.signers("targets").get(1 - stolen);
            stage.signers("targets", own, own.withId(other.id));
            stage.evilTargets();
          });
    }
    recipes.add(
        "hybrid-both",
        Attack.ACCEPTED,
        AttackRecipes.ALL_BUT_ROOT,
        "no attack: both keys sign",
        stage -> {
          stage.hybrid();
          stage.believe();
          stage.next("targets");
        });
  }

  /** The device is to read a timestamp that this text is in, as if it were signed like that. */
  private void timestamp(String name, String expected, String story, String from, String to) {
    recipes.add(
        name,
        expected,
        NOTHING,
        story,
        stage -> {
          stage.believe();
          stage.repository.signed("timestamp").addProperty("x-note", 1);
          stage.repository.nextSnapshot();
          stage.signChanged("timestamp", "timestamp.json", from, to);
        });
  }

  private void json() {
    timestamp(
        "deep-nesting",
        AttackRecipes.MALFORMED,
        "lists within lists, properly signed",
        NOTE,
        "\"x-note\":" + "[".repeat(2_000) + "]".repeat(2_000));
    for (boolean isFirst : new boolean[] {true, false}) {
      recipes.add(
          "duplicate-json-keys-" + (isFirst ? "first" : "last"),
          AttackRecipes.MALFORMED,
          NOTHING,
          "two versions, one of them signed: parsers differ in which one they take",
          stage -> {
            stage.believe();
            stage.repository.nextSnapshot();
            String own = "\"version\":2,";
            String other = "\"version\":99,";
            stage.put(
                "timestamp.json",
                stage
                    .text("timestamp.json")
                    .replace(
                        own + "\"expires\"",
                        (isFirst ? own + other : other + own) + "\"expires\""));
          });
    }
    recipes.add(
        "non-canonical-json",
        AttackRecipes.SIGNATURE,
        NOTHING,
        "the key in charge has signed the file's text as it stands, not its canonical form",
        stage -> {
          stage.believe();
          stage.repository.nextSnapshot();
          JsonObject signed = stage.repository.signed("timestamp");
          byte[] text = signed.toString().getBytes(StandardCharsets.UTF_8);
          stage.repository.files.put(
              "timestamp.json",
              TestRepository.envelopeOver(signed, stage.repository.signers("timestamp"), text));
        });
    recipes.add(
        "non-canonical-json-same-value",
        Attack.ACCEPTED,
        AttackRecipes.ONLINE,
        "no attack: white space and escapes do not change what is signed",
        stage -> {
          stage.believe();
          stage.repository.nextSnapshot();
          stage.put(
              "timestamp.json",
              " "
                  + stage
                      .text("timestamp.json")
                      .replace(",", " ,\n\t")
                      .replace("\"_type\"", "\"\\u005ftype\""));
        });
    recipes.add(
        "unsigned-bytes-behind",
        AttackRecipes.MALFORMED,
        NOTHING,
        "a second document behind the signed one",
        stage -> {
          stage.believe();
          stage.repository.nextSnapshot();
          stage.put("timestamp.json", stage.text("timestamp.json").repeat(2));
        });
  }

  private void numbers() {
    timestamp(
        "huge-integer",
        AttackRecipes.MALFORMED,
        "an integer of 65 bits, properly signed",
        NOTE,
        "\"x-note\":18446744073709551616");
    timestamp(
        "huge-integer-long",
        AttackRecipes.MALFORMED,
        "an integer of 5,000 digits, properly signed",
        NOTE,
        "\"x-note\":" + "9".repeat(5_000));
    timestamp(
        "fraction",
        AttackRecipes.MALFORMED,
        "a number that is none of canonical JSON's, properly signed",
        NOTE,
        "\"x-note\":1.5");
    recipes.add(
        "huge-version",
        AttackRecipes.MALFORMED,
        NOTHING,
        "a version beyond 2^53 - 1, which not every implementation can read",
        stage -> {
          stage.believe();
          stage.repository.version("timestamp", SignedMetadata.VERSION_MAX + 1);
          stage.repository.publishTimestamp();
        });
  }

  private void endless() {
    recipes.add(
        "endless-data-timestamp",
        AttackRecipes.TOO_LARGE,
        NOTHING,
        "a timestamp that is longer than any may be; here only just, to keep the file small",
        stage -> {
          stage.believe();
          stage.repository.nextSnapshot();
          int missing =
              TrustedMetadata.TIMESTAMP_BYTES_MAX - stage.file("timestamp.json").length + 1;
          stage.put("timestamp.json", stage.text("timestamp.json") + " ".repeat(missing));
        });
    recipes.add(
        "endless-data-snapshot",
        AttackRecipes.TOO_LARGE,
        List.of("timestamp.json"),
        "a snapshot that is longer than the timestamp says",
        stage -> {
          stage.believe();
          stage.repository.nextSnapshot();
          JsonObject meta = TestRepository.meta(2);
          meta.addProperty("length", stage.file("2.snapshot.json").length);
          stage.repository.signed("timestamp").getAsJsonObject("meta").add("snapshot.json", meta);
          stage.repository.sign("timestamp");
          stage.put("2.snapshot.json", stage.text("2.snapshot.json") + " ");
        });
  }

  private void names() {
    String path = "../../../etc/passwd";
    recipes.add(
        "path-traversal-target",
        new Attack(
            "a target's name leads out of every folder; it stays a name",
            AttackStage.NOW,
            path,
            Attack.ACCEPTED,
            AttackRecipes.ALL_BUT_ROOT),
        stage -> {
          stage.believe();
          stage.repository.addTarget("targets", path, AttackStage.CONTENT);
          stage.next("targets");
        });
    role("path-traversal-role", "../timestamp", "a role's name leads to another role's file");
    role("path-traversal-role-encoded", "..%2Ftimestamp", "the same, encoded beforehand");
    recipes.add(
        "role-with-the-name-of-a-top-level-role",
        AttackRecipes.MALFORMED,
        AttackRecipes.ONLINE,
        "targets delegate to a role called timestamp, whose file would be the timestamp's",
        stage -> {
          stage.believe();
          stage.repository.delegate("targets", "vendor", false, "*");
          role(stage, 0).addProperty("name", "timestamp");
          stage.next("targets");
        });
    recipes.add(
        "role-with-an-endless-name",
        AttackRecipes.MALFORMED,
        AttackRecipes.ONLINE,
        "a role whose name no file system takes",
        stage -> {
          stage.believe();
          stage.repository.delegate("targets", "vendor", false, "*");
          role(stage, 0).addProperty("name", "v".repeat(900));
          stage.next("targets");
        });
  }

  private void role(String name, String role, String story) {
    recipes.add(
        name,
        new Attack(
            story,
            AttackStage.NOW,
            "nothing",
            Attack.NO_TARGET,
            List.of(FileNames.metadata(role), "snapshot.json", "targets.json", "timestamp.json")),
        stage -> {
          stage.believe();
          stage.repository.delegate("targets", role, false, "*");
          stage.repository.publish(role);
          stage.next("targets");
        });
  }

  private static JsonObject role(AttackStage stage, int index) {
    JsonArray roles =
        stage.repository.targets("targets").getAsJsonObject("delegations").getAsJsonArray("roles");
    return roles.get(index).getAsJsonObject();
  }

  private void delegations() {
    delegated(
        "delegation-by-a-stranger",
        "lib/1",
        AttackRecipes.SIGNATURE,
        AttackRecipes.ALL_BUT_ROOT,
        "a stranger signs for the vendor",
        stage -> {
          stage.signers("vendor", stage.stranger);
          stage.repository.publish("vendor");
        });
    delegated(
        "delegation-outside-its-paths",
        "app/2",
        Attack.NO_TARGET,
        AttackRecipes.ALL_BUT_ROOT,
        "the vendor signs for what is not the vendor's",
        stage -> {});
    delegated(
        "delegation-not-in-the-snapshot",
        "lib/1",
        FailureCode.METADATA_MISMATCH.name(),
        AttackRecipes.ALL_BUT_ROOT,
        "who holds the online keys hides a vendor's role",
        stage -> {
          stage.repository.signed.remove("vendor");
          stage.repository.nextSnapshot();
        });
    delegated(
        "delegation-in-a-circle",
        "lib/2",
        Attack.NO_TARGET,
        List.of("other.json", "snapshot.json", "targets.json", "timestamp.json", "vendor.json"),
        "two vendors delegate to each other",
        stage -> {
          stage.repository.delegate("vendor", "other", false, "lib/*");
          stage.repository.delegate("other", "vendor", false, "lib/*");
          stage.repository.publish("vendor", "other");
        });
  }

  /** Targets delegate {@code lib/*} to a vendor, who signs for {@code lib/1} and {@code app/2}. */
  private void delegated(
      String name,
      String target,
      String expected,
      List<String> changes,
      String story,
      Attack.Recipe recipe) {
    recipes.add(
        name,
        new Attack(story, AttackStage.NOW, target, expected, changes),
        stage -> {
          stage.believe();
          stage.repository.delegate("targets", "vendor", true, "lib/*");
          stage.repository.addTarget("vendor", "lib/1", AttackStage.CONTENT);
          stage.repository.addTarget("vendor", "app/2", AttackStage.CONTENT);
          stage.repository.publish("vendor");
          stage.next("targets");
          recipe.make(stage);
        });
  }
}
