package dev.suture.store;

import com.google.gson.stream.JsonWriter;
import dev.suture.attempt.Attempt;
import dev.suture.attempt.Failure;
import dev.suture.attempt.Patch;
import dev.suture.attempt.Phase;
import dev.suture.attempt.Probation;
import dev.suture.attempt.ServiceWatch;
import dev.suture.protocol.Baseline;
import dev.suture.protocol.FileRef;
import dev.suture.protocol.Level;
import dev.suture.protocol.Sha256;
import dev.suture.protocol.Slot;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.json.Fields;
import dev.suture.protocol.json.JsonText;
import dev.suture.protocol.json.StrictJson;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32;

/**
 * The journal as bytes, big-endian: magic {@code SUTJ}, format, length of the JSON, CRC-32 of the
 * JSON, 4 bytes each; then the JSON. docs/adr/0002-journal-and-phases.md.
 */
final class JournalCodec {
  /** Longest journal. */
  static final int BYTES_MAX = 1 << 20;

  private static final int MAGIC = 0x5355_544a;
  private static final int FORMAT = 1;
  private static final int HEADER_BYTES = 16;

  private JournalCodec() {}

  static byte[] encode(JournalState state) {
    byte[] json = JsonText.indented(out -> write(out, state));
    ByteBuffer bytes = ByteBuffer.allocate(HEADER_BYTES + json.length);
    bytes.putInt(MAGIC).putInt(FORMAT).putInt(json.length).putInt(crc(json)).put(json);
    return bytes.array();
  }

  /**
   * Reads a journal.
   *
   * @throws IllegalArgumentException if a single bit of it is not as it was written
   */
  static JournalState decode(byte[] bytes) {
    if (bytes.length < HEADER_BYTES) {
      throw new IllegalArgumentException(
          "journal: expected at least " + HEADER_BYTES + " bytes, got " + bytes.length);
    }
    ByteBuffer header = ByteBuffer.wrap(bytes);
    expect("magic", MAGIC, header.getInt());
    expect("format", FORMAT, header.getInt());
    expect("length", bytes.length - HEADER_BYTES, header.getInt());
    byte[] json = Arrays.copyOfRange(bytes, HEADER_BYTES, bytes.length);
    expect("CRC-32", crc(json), header.getInt());
    return read(StrictJson.parse("journal", json, BYTES_MAX));
  }

  private static void expect(String what, int expected, int got) {
    if (expected != got) {
      throw new IllegalArgumentException(
          "journal "
              + what
              + ": expected "
              + Integer.toHexString(expected)
              + ", got "
              + Integer.toHexString(got));
    }
  }

  private static int crc(byte[] json) {
    CRC32 crc = new CRC32();
    crc.update(json, 0, json.length);
    return (int) crc.getValue();
  }

  private static void write(JsonWriter json, JournalState state) throws IOException {
    json.name("baseline").value(state.baseline().version());
    json.name("last_number").value(state.lastNumber());
    if (state.attempt().isPresent()) {
      write(json.name("attempt"), state.attempt().get());
    }
    json.name("outcomes").beginArray();
    for (Outcome outcome : state.outcomes()) {
      json.beginObject().name("number").value(outcome.number());
      json.name("title").value(outcome.title());
      json.name("phase").value(outcome.phase().number());
      write(json, outcome.failure());
      json.name("reported").value(outcome.reported()).endObject();
    }
    json.endArray();
    json.name("held").beginArray();
    for (Held held : state.held()) {
      json.beginObject().name("manifest").value(held.manifest().hex());
      json.name("title").value(held.title()).endObject();
    }
    json.endArray();
    if (!state.probations().isEmpty()) {
      json.name("probations").beginArray();
      for (Probation probation : state.probations()) {
        write(json, probation);
      }
      json.endArray();
    }
  }

  private static void write(JsonWriter json, Probation probation) throws IOException {
    json.beginObject().name("manifest").value(probation.manifest().hex());
    json.name("begun").value(probation.hasBegun());
    json.name("paid_ms").value(probation.paidMillis());
    json.name("services").beginArray();
    for (ServiceWatch service : probation.services()) {
      json.beginObject().name("name").value(service.name());
      json.name("excused").value(service.isExcused());
      json.name("uses_patch").value(service.usesPatch());
      json.name("deaths").value(service.deaths()).name("crashes").value(service.crashes());
      json.name("epoch").value(service.epoch());
      json.name("seen_deaths").value(service.seenDeaths());
      json.name("seen_crashes").value(service.seenCrashes()).endObject();
    }
    json.endArray();
    write(json, probation.failure());
    json.endObject();
  }

  private static void write(JsonWriter json, Attempt attempt) throws IOException {
    json.beginObject().name("number").value(attempt.number());
    if (attempt.goal().isPresent()) {
      Patch goal = attempt.goal().get();
      json.name("goal").beginObject();
      json.name("baseline").value(goal.baseline().version());
      json.name("level").value(goal.level().letters());
      json.name("path").value(goal.manifest().path());
      json.name("bytes").value(goal.manifest().bytes());
      json.name("sha256").value(goal.manifest().sha256().hex()).endObject();
    }
    json.name("target").value(attempt.target().word());
    json.name("requested").value(attempt.requested());
    json.name("phase").value(attempt.phase().number());
    json.name("full_payload").value(attempt.fullPayload());
    json.name("arms").value(attempt.arms());
    json.name("restarts").value(attempt.restarts());
    write(json, attempt.failure());
    json.endObject();
  }

  private static void write(JsonWriter json, Optional<Failure> failure) throws IOException {
    if (failure.isPresent()) {
      json.name("failure").beginObject();
      json.name("code").value(failure.get().code().number());
      json.name("message").value(failure.get().message()).endObject();
    }
  }

  private static JournalState read(Fields journal) {
    List<Outcome> outcomes = new ArrayList<>();
    for (Fields outcome : journal.objects("outcomes", JournalState.OUTCOMES_MAX)) {
      outcomes.add(
          new Outcome(
              outcome.integer("number", 0, Long.MAX_VALUE),
              outcome.text("title"),
              Phase.ofNumber(outcome.smallInteger("phase", 1, 99)),
              failure(outcome),
              outcome.bool("reported")));
    }
    List<Held> held = new ArrayList<>();
    for (Fields one : journal.objects("held", JournalState.HELD_MAX)) {
      held.add(new Held(one.parsed("manifest", Sha256::ofHex), one.text("title")));
    }
    return new JournalState(
        journal.parsed("baseline", Baseline::new),
        journal.integer("last_number", 0, Long.MAX_VALUE),
        journal.optionalObject("attempt").map(JournalCodec::attempt),
        outcomes,
        held,
        probations(journal));
  }

  /** None in the journal of an agent that did not know of them. */
  private static List<Probation> probations(Fields journal) {
    List<Probation> probations = new ArrayList<>();
    if (!journal.has("probations")) {
      return probations;
    }
    for (Fields one : journal.objects("probations", JournalState.PROBATIONS_MAX)) {
      List<ServiceWatch> services = new ArrayList<>();
      for (Fields service : one.objects("services", Probation.SERVICES_MAX)) {
        services.add(
            new ServiceWatch(
                service.text("name"),
                service.bool("excused"),
                service.bool("uses_patch"),
                service.smallInteger("deaths", 0, ServiceWatch.COUNT_MAX),
                service.smallInteger("crashes", 0, ServiceWatch.COUNT_MAX),
                service.text("epoch"),
                service.integer("seen_deaths", 0, Long.MAX_VALUE),
                service.integer("seen_crashes", 0, Long.MAX_VALUE)));
      }
      probations.add(
          new Probation(
              one.parsed("manifest", Sha256::ofHex),
              one.bool("begun"),
              one.integer("paid_ms", 0, Probation.PAID_MILLIS_MAX),
              services,
              failure(one)));
    }
    return probations;
  }

  private static Attempt attempt(Fields attempt) {
    return new Attempt(
        attempt.integer("number", 0, Long.MAX_VALUE),
        attempt
            .optionalObject("goal")
            .map(
                goal ->
                    new Patch(
                        goal.parsed("baseline", Baseline::new),
                        goal.parsed("level", Level::new),
                        FileRef.read(goal))),
        attempt.parsed("target", Slot::ofWord),
        attempt.bool("requested"),
        Phase.ofNumber(attempt.smallInteger("phase", 1, 99)),
        attempt.bool("full_payload"),
        attempt.smallInteger("arms", 0, 99),
        attempt.smallInteger("restarts", 0, 99),
        failure(attempt));
  }

  private static Optional<Failure> failure(Fields owner) {
    return owner
        .optionalObject("failure")
        .map(
            failure ->
                new Failure(
                    FailureCode.ofNumber(failure.smallInteger("code", 1, 999)),
                    failure.text("message")));
  }
}
