package dev.suture.trust;

import dev.suture.protocol.Baseline;
import dev.suture.protocol.Level;
import dev.suture.protocol.SignedTime;
import dev.suture.protocol.json.Fields;
import dev.suture.protocol.json.JsonText;
import dev.suture.protocol.json.StrictJson;
import dev.suture.protocol.manifest.Compatibility.DataSchema;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a device believes, replaced as a whole: the metadata as it came, and what must never go
 * back. The versions in the metadata are the high-water marks against rollback.
 *
 * @param roots the roots behind the one that was shipped, in their order, byte for byte
 * @param files the newest believed file of every other role, by name, byte for byte
 * @param marks what follows from metadata and patches that may be gone
 */
public record TrustState(List<String> roots, Map<String, String> files, Marks marks) {
  /** Longest state that is read. */
  public static final int BYTES_MAX = 8 << 20;

  /** Most roots behind the shipped one. */
  public static final int ROOTS_MAX = 1_024;

  /** Most files of other roles. */
  static final int FILES_MAX = 256;

  /** Longest name of a file: of every role that can be delegated to. */
  static final int NAME_CHARS_MAX = 256;

  /** Longest roots and files together: as text in JSON they take at most twice as much. */
  static final int STORED_BYTES_MAX = (4 << 20) - (64 << 10);

  private static final int FORMAT = 1;
  private static final StrictJson.Limits LIMITS =
      new StrictJson.Limits(StrictJson.VALUES_MAX, NAME_CHARS_MAX);

  /** A device that has seen nothing yet. */
  public static final TrustState EMPTY =
      new TrustState(Collections.emptyList(), Collections.emptyMap(), Marks.NONE);

  /** Copies list and map. */
  public TrustState {
    roots = Collections.unmodifiableList(new ArrayList<>(roots));
    files = Collections.unmodifiableMap(new LinkedHashMap<>(files));
  }

  /**
   * What must never go back.
   *
   * @param signedTime the newest time that was signed: now is never earlier
   * @param floor below this level of its baseline nothing is installed
   * @param dataSchema version of the data on this device
   * @param quietMillis for how long the agent ran since the newest timestamp was issued; a hint,
   *     kept at intervals
   */
  public record Marks(
      Optional<Instant> signedTime, Optional<Floor> floor, int dataSchema, long quietMillis) {
    /** Nothing is known yet. */
    public static final Marks NONE =
        new Marks(Optional.empty(), Optional.empty(), DataSchema.FIRST.max(), 0);

    /** The same after a timestamp of this time. */
    public Marks seen(Instant issued) {
      Instant newest =
          signedTime.isPresent() && signedTime.get().isAfter(issued) ? signedTime.get() : issued;
      return new Marks(Optional.of(newest), floor, dataSchema, 0);
    }

    /** The same after a timestamp that does not say its time. */
    public Marks moved() {
      return new Marks(signedTime, floor, dataSchema, 0);
    }

    /** The same after so much more time without a newer timestamp. */
    public Marks quiet(long millis) {
      return new Marks(signedTime, floor, dataSchema, quietMillis + millis);
    }

    /** The same without the time, which whoever held a revoked key may have made up. */
    public Marks withoutTime() {
      return new Marks(Optional.empty(), floor, dataSchema, quietMillis);
    }

    /** The same with this floor, unless one of the same baseline is there that is as high. */
    public Marks raised(Floor to) {
      boolean isHigher =
          floor.isPresent()
              && floor.get().baseline().equals(to.baseline())
              && floor.get().level().compareTo(to.level()) >= 0;
      return isHigher ? this : new Marks(signedTime, Optional.of(to), dataSchema, quietMillis);
    }

    /** The same with data of this version. */
    public Marks withDataSchema(int version) {
      return new Marks(signedTime, floor, version, quietMillis);
    }
  }

  /**
   * A security floor.
   *
   * @param baseline the OS release that it is about
   * @param level the lowest level that may be installed
   * @param coversBase whether base is below it too
   */
  public record Floor(Baseline baseline, Level level, boolean coversBase) {}

  /** The same with other marks. */
  public TrustState with(Marks other) {
    return new TrustState(roots, files, other);
  }

  /** The same without marks: what is stored with a slot. */
  public TrustState metadata() {
    return with(Marks.NONE);
  }

  /** As bytes; the same state gives the same bytes. */
  public byte[] encode() {
    return JsonText.compact(
        json -> {
          json.name("format").value(FORMAT);
          json.name("roots").beginArray();
          for (String root : roots) {
            json.value(root);
          }
          json.endArray();
          json.name("files").beginObject();
          for (Map.Entry<String, String> file : files.entrySet()) {
            json.name(file.getKey()).value(file.getValue());
          }
          json.endObject();
          json.name("data_schema").value(marks.dataSchema());
          json.name("quiet_millis").value(marks.quietMillis());
          if (marks.signedTime().isPresent()) {
            json.name("signed_time").value(SignedTime.text(marks.signedTime().get()));
          }
          if (marks.floor().isPresent()) {
            json.name("floor").beginObject();
            json.name("baseline").value(marks.floor().get().baseline().version());
            json.name("level").value(marks.floor().get().level().letters());
            json.name("covers_base").value(marks.floor().get().coversBase()).endObject();
          }
        });
  }

  /**
   * Reads a state. Nothing in it is verified yet.
   *
   * @throws IllegalArgumentException if it is malformed, or not, byte for byte, as it is written
   */
  public static TrustState decode(byte[] bytes) {
    TrustState state = read(bytes);
    if (!Arrays.equals(bytes, state.encode())) {
      throw new IllegalArgumentException(
          "trust state: expected it as it is written, got another form of the same");
    }
    return state;
  }

  /**
   * Reads what is stored with a slot, see {@link #metadata}.
   *
   * @throws IllegalArgumentException also if it has marks, which nobody would look at
   */
  public static TrustState decodeProof(byte[] bytes) {
    TrustState state = decode(bytes);
    if (!state.marks.equals(Marks.NONE)) {
      throw new IllegalArgumentException("trust state: expected no marks, got " + state.marks);
    }
    return state;
  }

  private static TrustState read(byte[] bytes) {
    Fields state = StrictJson.parse("trust state", bytes, BYTES_MAX, LIMITS);
    state.integer("format", FORMAT, FORMAT);
    return new TrustState(
        state.texts("roots", ROOTS_MAX),
        state.textsByName("files", FILES_MAX),
        new Marks(
            state.has("signed_time")
                ? Optional.of(state.parsed("signed_time", SignedTime::parse))
                : Optional.empty(),
            state
                .optionalObject("floor")
                .map(
                    floor ->
                        new Floor(
                            floor.parsed("baseline", Baseline::new),
                            floor.parsed("level", Level::new),
                            floor.bool("covers_base"))),
            state.smallInteger("data_schema", 1, DataSchema.VERSION_MAX),
            state.integer("quiet_millis", 0, Long.MAX_VALUE)));
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
