package dev.suture.trust.tuf;

import com.google.gson.JsonObject;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.SutureException;
import dev.suture.protocol.tuf.SignedMetadata;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The attacks that serve old, frozen, mixed, endless or stolen metadata: how each fixture folder
 * was made. The files are the same every time.
 */
final class AttackRecipes {
  static final String EXPIRED = FailureCode.METADATA_EXPIRED.name();
  static final String MALFORMED = FailureCode.METADATA_MALFORMED.name();
  static final String MISMATCH = FailureCode.METADATA_MISMATCH.name();
  static final String ROLLED_BACK = FailureCode.METADATA_ROLLED_BACK.name();
  static final String SIGNATURE = FailureCode.SIGNATURE_INVALID.name();
  static final String TOO_LARGE = FailureCode.METADATA_TOO_LARGE.name();
  static final List<String> ONLINE = List.of("snapshot.json", "timestamp.json");
  static final List<String> ALL_BUT_ROOT =
      List.of("snapshot.json", "targets.json", "timestamp.json");
  private static final List<String> ROOT_AND_ONLINE =
      List.of("root.json", "snapshot.json", "timestamp.json");
  private static final Instant LATER = Instant.parse(AttackStage.SOON).plusSeconds(1);

  /** An attack with its recipe. */
  record Entry(Attack attack, Attack.Recipe recipe) {}

  private final Map<String, Entry> entries = new LinkedHashMap<>();

  private AttackRecipes() {}

  /** Every attack by the name of its folder. */
  static Map<String, Entry> all() {
    AttackRecipes recipes = new AttackRecipes();
    recipes.rollbacks();
    recipes.freezes();
    recipes.mixtures();
    recipes.fastForwards();
    recipes.compromises();
    ForgeryRecipes.addTo(recipes);
    return recipes.entries;
  }

  /** At the usual time, without a target. */
  void add(String name, String expected, List<String> changes, String story, Attack.Recipe recipe) {
    add(name, new Attack(story, AttackStage.NOW, "", expected, changes), recipe);
  }

  void add(String name, Attack attack, Attack.Recipe recipe) {
    if (entries.put(name, new Entry(attack, recipe)) != null) {
      throw new AssertionError(name + " twice");
    }
  }

  private void rollbacks() {
    add(
        "rollback-timestamp",
        ROLLED_BACK,
        List.of(),
        "the mirror serves a timestamp of last week, properly signed",
        stage -> {
          byte[] old = stage.file("timestamp.json");
          stage.repository.nextSnapshot();
          stage.believe();
          stage.repository.files.put("timestamp.json", old);
        });
    add(
        "rollback-snapshot",
        ROLLED_BACK,
        List.of(),
        "who holds the timestamp's key stamps an old snapshot",
        stage -> {
          stage.repository.nextSnapshot();
          stage.believe();
          stage.repository.version("snapshot", 1);
          stage.repository.bump("timestamp");
          stage.repository.publishTimestamp();
        });
    add(
        "rollback-targets",
        ROLLED_BACK,
        List.of("timestamp.json"),
        "who holds the online keys puts old targets into a new snapshot",
        stage -> {
          stage.next("targets");
          stage.believe();
          stage.repository.version("targets", 1);
          stage.repository.nextSnapshot();
        });
    add(
        "rollback-role-removed",
        ROLLED_BACK,
        List.of("timestamp.json"),
        "who holds the online keys leaves a delegated role out of the snapshot",
        stage -> {
          stage.repository.delegate("targets", "vendor", false, "*");
          stage.repository.publish("vendor");
          stage.next("targets");
          stage.believe();
          stage.repository.signed.remove("vendor");
          stage.repository.nextSnapshot();
        });
    add(
        "rollback-after-key-rotation",
        ROLLED_BACK,
        List.of("root.json"),
        "an old timestamp, served right after the targets' key was rotated",
        stage -> {
          byte[] old = stage.file("timestamp.json");
          stage.repository.nextSnapshot();
          stage.believe();
          stage.repository.rotate("targets");
          stage.repository.nextRoot();
          stage.repository.files.put("timestamp.json", old);
        });
    add(
        "rollback-after-expiry",
        new Attack(
            "an old timestamp with a far expiry, when the believed one has expired",
            LATER,
            "",
            ROLLED_BACK,
            List.of()),
        stage -> {
          byte[] old = stage.file("timestamp.json");
          stage.repository.signed("timestamp").addProperty("expires", AttackStage.SOON);
          stage.repository.nextSnapshot();
          stage.believe();
          stage.repository.files.put("timestamp.json", old);
        });
    add(
        "rollback-root",
        ROLLED_BACK,
        List.of(),
        "the believed root under the next one's name",
        stage -> {
          stage.believe();
          stage.repository.files.put("2.root.json", stage.file("1.root.json"));
        });
  }

  private void freezes() {
    for (String role : TestRepository.TOP) {
      add(
          "freeze-" + role,
          new Attack(
              "the mirror serves the same files for ever, and the " + role + " expires",
              LATER,
              "",
              EXPIRED,
              List.of()),
          stage -> {
            stage.repository.signed(role).addProperty("expires", AttackStage.SOON);
            if (role.equals("root")) {
              stage.repository.nextRoot();
            }
            stage.next("targets");
            stage.believe();
          });
    }
    add(
        "freeze-new-but-expired",
        EXPIRED,
        List.of(),
        "a newer timestamp that has expired already",
        stage -> {
          stage.believe();
          stage.repository.signed("timestamp").addProperty("expires", TestRepository.PAST);
          stage.repository.nextSnapshot();
        });
  }

  private void mixtures() {
    for (String role : List.of("snapshot", "targets")) {
      add(
          "mix-and-match-" + role,
          MISMATCH,
          role.equals("snapshot") ? List.of("timestamp.json") : ONLINE,
          "yesterday's " + role + " under the name of today's",
          stage -> {
            stage.believe();
            byte[] old = stage.file("1." + role + ".json");
            stage.next("targets");
            stage.repository.files.put("2." + role + ".json", old);
          });
      add(
          "mix-and-match-" + role + "-digest",
          MISMATCH,
          role.equals("snapshot") ? List.of("timestamp.json") : ONLINE,
          "another " + role + " of the same version, signed by its key, to a new device",
          stage -> otherOfTheSameVersion(stage, role));
    }
  }

  private static void otherOfTheSameVersion(AttackStage stage, String role) {
    String named = role.equals("snapshot") ? "timestamp" : "snapshot";
    byte[] genuine = stage.file("1." + role + ".json");
    JsonObject hashes = new JsonObject();
    hashes.addProperty("sha256", TestRepository.sha256(genuine));
    JsonObject meta = TestRepository.meta(1);
    meta.add("hashes", hashes);
    stage.repository.signed(named).getAsJsonObject("meta").add(role + ".json", meta);
    stage.repository.sign(named);
    stage.repository.signed(role).addProperty("x-evil", 1);
    stage.repository.sign(role);
  }

  private void fastForwards() {
    add(
        "fast-forward",
        ROLLED_BACK,
        List.of(),
        "who held the online keys has raised their versions to the highest there is",
        AttackRecipes::fastForward);
    for (String role : List.of("timestamp", "snapshot")) {
      add(
          "fast-forward-recovery-" + role,
          Attack.ACCEPTED,
          ROOT_AND_ONLINE,
          "the way back from a fast-forward: the root rotates the key of " + role,
          stage -> {
            fastForward(stage);
            stage.repository.rotate(role);
            stage.repository.nextRoot();
            stage.repository.publishSnapshot();
          });
    }
    add(
        "fast-forward-recovery-targets",
        Attack.ACCEPTED,
        List.of("root.json", "snapshot.json", "targets.json", "timestamp.json"),
        "the way back when the versions of all online roles and targets were raised",
        stage -> {
          stage.repository.version("targets", SignedMetadata.VERSION_MAX);
          stage.repository.publish("targets");
          fastForward(stage);
          stage.repository.rotate("targets");
          stage.repository.rotate("snapshot");
          stage.repository.nextRoot();
          stage.repository.version("targets", 3);
          stage.repository.publish("targets");
        });
    add(
        "fast-forward-key-added",
        ROLLED_BACK,
        List.of("root.json"),
        "a key that is only added is no way back: old versions stay refused",
        stage -> {
          fastForward(stage);
          stage.repository.signers("timestamp").add(TestKey.named("timestamp-more"));
          stage.repository.rootKeys();
          stage.repository.nextRoot();
          stage.repository.publishSnapshot();
        });
  }

  private static void fastForward(AttackStage stage) throws SutureException {
    for (String role : List.of("snapshot", "timestamp")) {
      stage.repository.version(role, SignedMetadata.VERSION_MAX);
    }
    stage.repository.publishSnapshot();
    stage.believe();
    for (String role : List.of("snapshot", "timestamp")) {
      stage.repository.files.remove(SignedMetadata.VERSION_MAX + "." + role + ".json");
      stage.repository.version(role, 2);
    }
    stage.repository.publishSnapshot();
  }

  private void compromises() {
    add(
        "key-compromise-timestamp",
        SIGNATURE,
        List.of("timestamp.json"),
        "the timestamp's key alone: its timestamp names a snapshot that nobody in charge signed",
        stage -> {
          stage.believe();
          stage.signers("snapshot", stage.stranger);
          stage.signers("targets", stage.stranger);
          stage.evilTargets();
        });
    add(
        "key-compromise-snapshot",
        SIGNATURE,
        List.of(),
        "the snapshot's key alone: nobody in charge stamps its snapshot",
        stage -> {
          stage.believe();
          stage.signers("timestamp", stage.stranger);
          stage.signers("targets", stage.stranger);
          stage.evilTargets();
        });
    add(
        "key-compromise-targets",
        SIGNATURE,
        List.of(),
        "the targets' key alone: nobody in charge stamps its targets",
        stage -> {
          stage.believe();
          stage.signers("timestamp", stage.stranger);
          stage.signers("snapshot", stage.stranger);
          stage.evilTargets();
        });
    add(
        "key-compromise-targets-unreferenced",
        new Attack(
            "the targets' key alone: its file lies on the mirror, and no snapshot names it",
            AttackStage.NOW,
            "evil",
            Attack.NO_TARGET,
            List.of()),
        stage -> {
          stage.believe();
          byte[] timestamp = stage.file("timestamp.json");
          stage.evilTargets();
          stage.repository.files.put("timestamp.json", timestamp);
        });
    add(
        "key-compromise-online-pair",
        SIGNATURE,
        ONLINE,
        "the keys of timestamp and snapshot: they cannot sign targets",
        stage -> {
          stage.believe();
          stage.signers("targets", stage.stranger);
          stage.evilTargets();
        });
    add(
        "key-compromise-all-but-root",
        SIGNATURE,
        ROOT_AND_ONLINE,
        "all other keys, after the root has taken them away; what they signed is forgotten",
        stage -> {
          stage.believe();
          List<TestKey> stolen = stage.repository.signers("timestamp");
          for (String role : List.of("timestamp", "snapshot", "targets")) {
            stage.repository.rotate(role);
          }
          stage.repository.nextRoot();
          stage.repository.signers.put("timestamp", stolen);
          stage.evilTargets();
        });
  }
}
