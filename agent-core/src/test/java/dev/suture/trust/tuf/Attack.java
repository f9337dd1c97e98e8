package dev.suture.trust.tuf;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.suture.protocol.failure.SutureException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * What one attack is, and what must come of it: the file {@code attack.json} of its folder.
 *
 * @param story what the attacker has and does
 * @param now when the device refreshes
 * @param target what is looked up after the refresh; empty if nothing is
 * @param expected the name of a failure's code; {@link #ACCEPTED}; or {@link #NO_TARGET}
 * @param changes the names of exactly those files that are believed and were not before
 */
record Attack(String story, Instant now, String target, String expected, List<String> changes) {
  /** The refresh goes well, as does the search for the target if there is one. */
  static final String ACCEPTED = "ACCEPTED";

  /** The refresh goes well, and no role in charge names the target. */
  static final String NO_TARGET = "NO_TARGET";

  /** Changes a repository, with a device that has believed something of it. */
  @FunctionalInterface
  interface Recipe {
    /** Makes the attack's files. */
    void make(AttackStage stage) throws SutureException;
  }

  byte[] encoded() {
    JsonArray names = new JsonArray();
    changes.forEach(names::add);
    JsonObject json = new JsonObject();
    json.addProperty("story", story);
    json.addProperty("now", now.toString());
    json.addProperty("target", target);
    json.addProperty("expected", expected);
    json.add("changes", names);
    return (json + "\n").getBytes(StandardCharsets.UTF_8);
  }

  static Attack decode(byte[] bytes) {
    JsonObject json =
        JsonParser.parseString(new String(bytes, StandardCharsets.UTF_8)).getAsJsonObject();
    List<String> changes = new ArrayList<>();
    json.getAsJsonArray("changes").forEach(name -> changes.add(name.getAsString()));
    return new Attack(
        json.get("story").getAsString(),
        Instant.parse(json.get("now").getAsString()),
        json.get("target").getAsString(),
        json.get("expected").getAsString(),
        changes);
  }
}
