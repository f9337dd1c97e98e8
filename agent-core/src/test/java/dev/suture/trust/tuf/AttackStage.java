package dev.suture.trust.tuf;

import com.google.gson.JsonObject;
import dev.suture.protocol.failure.SutureException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A repository whose keys and signatures are always the same, a device, and who attacks: everything
 * that a recipe needs. The device trusts the first root, and has looked at nothing yet.
 */
final class AttackStage {
  /** When the honest publisher and the device are. */
  static final Instant NOW = Instant.parse("2026-06-01T00:00:00Z");

  /** Just after {@link #NOW}. */
  static final String SOON = "2026-06-02T00:00:00Z";

  static final String APP = "app/1";
  static final byte[] CONTENT = "content".getBytes(StandardCharsets.US_ASCII);

  final TestRepository repository = new TestRepository(TestKey::named);
  final TestKey stranger = TestKey.named("stranger");
  private final MemoryMetadata device = new MemoryMetadata();

  AttackStage() throws SutureException {
    repository.addTarget("targets", APP, CONTENT);
    repository.publish("targets");
    trust();
  }

  private void trust() throws SutureException {
    device.files.clear();
    TufClient.initialize(device, repository.trustedRoot());
  }

  /** The device refreshes, and believes. */
  void believe() throws SutureException {
    TufClient.refreshed(device, repository, NOW);
  }

  /** Root and targets need an Ed25519 and an ML-DSA-65 key each; the device starts anew. */
  void hybrid() throws SutureException {
    for (String role : List.of("root", "targets")) {
      repository.signers(role).add(TestKey.namedMlDsa(role + "-ml-dsa"));
    }
    repository.rootKeys();
    repository.threshold("root", 2);
    repository.threshold("targets", 2);
    repository.publishRoot();
    repository.publish("targets");
    trust();
  }

  /** Whoever signs for this role now. */
  void signers(String role, TestKey... keys) {
    repository.signers.put(role, new ArrayList<>(List.of(keys)));
  }

  /** The next version of a role, and of snapshot and timestamp. */
  void next(String role) {
    repository.bump(role);
    repository.publish(role);
    repository.nextSnapshot();
  }

  /** Somebody else's targets, {@code evil} among them. */
  void evilTargets() {
    repository.addTarget("targets", "evil", CONTENT);
    next("targets");
  }

  byte[] file(String name) {
    return Optional.ofNullable(repository.files.get(name)).orElseThrow();
  }

  String text(String name) {
    return new String(file(name), StandardCharsets.UTF_8);
  }

  void put(String name, String text) {
    repository.files.put(name, text.getBytes(StandardCharsets.UTF_8));
  }

  /** Signs the role's canonical form with a change in it, which no encoder would make. */
  void signChanged(String role, String name, String from, String to) {
    JsonObject signed = repository.signed(role);
    String canonical = new String(TestRepository.canonical(signed), StandardCharsets.UTF_8);
    byte[] bytes = canonical.replace(from, to).getBytes(StandardCharsets.UTF_8);
    String envelope =
        new String(
            TestRepository.envelopeOver(signed, repository.signers(role), bytes),
            StandardCharsets.UTF_8);
    put(name, envelope.replace(from, to));
  }

  /** What is in the folder beside {@code attack.json}, by path. */
  Map<String, byte[]> files() {
    Map<String, byte[]> files = new TreeMap<>();
    device.files.forEach((name, bytes) -> files.put("believed/" + name, bytes));
    repository.files.forEach(
        (name, bytes) -> {
          if (!name.equals("1.root.json")) {
            files.put("mirror/" + name, bytes);
          }
        });
    return files;
  }
}
