package dev.suture.benchmarks;

import dev.suture.protocol.Baseline;
import dev.suture.protocol.failure.RejectedException;
import dev.suture.protocol.failure.SutureException;
import dev.suture.protocol.json.JsonText;
import dev.suture.trust.DeviceTrust;
import dev.suture.trust.ManifestVerifier;
import dev.suture.trust.TrustAnchor;
import dev.suture.trust.TrustState;
import dev.suture.trust.TrustedView;
import dev.suture.trust.tuf.LocalMetadata;
import dev.suture.trust.tuf.MetadataSource;
import dev.suture.trust.tuf.TestRepository;
import dev.suture.trust.tuf.TufClient;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * What a refresh of trusted metadata costs: its time beside that of the raw signature checks in the
 * same run, alternating, and what it asks a mirror for. Root and targets are signed by an Ed25519
 * and an ML-DSA-65 key each, threshold 2; timestamp and snapshot by one Ed25519 key. Metadata is in
 * memory: neither network nor storage is measured; bytes are those of the bodies.
 */
public final class TrustBenchmark {
  private static final Instant NOW = Instant.parse("2026-06-01T00:00:00Z");
  private static final int WARM_UP_ROUNDS = 300;
  private static final byte[] CONTENT = "content".getBytes(StandardCharsets.US_ASCII);

  private TrustBenchmark() {}

  /** Believed metadata in memory. */
  private static final class Device implements LocalMetadata {
    final Map<String, byte[]> files = new HashMap<>();

    Device(Map<String, byte[]> files) {
      this.files.putAll(files);
    }

    @Override
    public Optional<byte[]> load(String name, int bytesMax) {
      return Optional.ofNullable(files.get(name));
    }

    @Override
    public void store(String name, byte[] bytes) {
      files.put(name, bytes);
    }

    @Override
    public void delete(String name) {
      files.remove(name);
    }
  }

  /** Counts what is asked for. */
  private static final class Mirror implements MetadataSource {
    private final Map<String, byte[]> files;
    int requests;
    long bytes;

    Mirror(Map<String, byte[]> files) {
      this.files = Map.copyOf(files);
    }

    @Override
    public Optional<byte[]> fetch(String name, int bytesMax) throws RejectedException {
      requests++;
      Optional<byte[]> file = Optional.ofNullable(files.get(name));
      bytes += file.map(body -> body.length).orElse(0);
      return file;
    }
  }

  /**
   * One kind of refresh.
   *
   * @param ed25519 signatures of the kind that it has to check, those of believed files included
   * @param mlDsa65 likewise
   */
  private record Scenario(
      String name,
      Map<String, byte[]> believed,
      Map<String, byte[]> mirror,
      int ed25519,
      int mlDsa65) {
    Mirror refresh(Device device) throws SutureException {
      Mirror counted = new Mirror(mirror);
      TufClient.refreshed(device, counted, NOW);
      return counted;
    }
  }

  private record Result(
      Scenario scenario, int requests, long bytes, long refreshNanos, long rawNanos) {
    double ratio() {
      return (double) refreshNanos / rawNanos;
    }
  }

  private static List<Scenario> scenarios() throws SutureException {
    TestRepository repository = TestRepository.hybrid();
    repository.addTarget("targets", "26.3.1/a", CONTENT);
    repository.publish("targets");
    Map<String, byte[]> first = new LinkedHashMap<>(repository.files());
    Device shipped = new Device(Map.of());
    TufClient.initialize(shipped, repository.trustedRoot());
    Device believes = new Device(shipped.files);
    TufClient.refreshed(believes, new Mirror(first), NOW);

    repository.addTarget("targets", "26.3.1/b", CONTENT);
    repository.bump("targets");
    repository.bump("snapshot");
    repository.bump("timestamp");
    repository.publish("targets");
    Map<String, byte[]> second = repository.files();
    // Root; timestamp, snapshot and targets as fetched; and what is believed of timestamp and
    // snapshot, against rollbacks.
    return List.of(
        new Scenario("cold start from the shipped root", shipped.files, first, 4, 2),
        new Scenario("a change", believes.files, second, 6, 2),
        new Scenario("nothing changed", believes.files, first, 6, 2));
  }

  /**
   * What the agent does at most looks: the same timestamp, to the byte, is no news.
   *
   * @param requests that the mirror sees
   * @param bytes of the bodies
   * @param nanos median
   */
  private record ShortLook(int requests, long bytes, long nanos) {}

  private static ShortLook shortLook(int rounds) throws SutureException {
    TestRepository repository = TestRepository.hybrid();
    Map<String, byte[]> files = repository.files();
    DeviceTrust trust =
        new DeviceTrust(
            TrustAnchor.decode(repository.trustedRoot()),
            new ManifestVerifier(
                new ManifestVerifier.DeviceIdentity(new Baseline("26.1"), "bench", Map.of())));
    Optional<Instant> now = Optional.of(NOW);
    DeviceTrust.Refresh believed =
        trust.refresh(TrustState.EMPTY, new Mirror(files), now, List.of());
    TrustedView view = believed.view().orElseThrow();
    long[] nanos = new long[rounds];
    Mirror counted = new Mirror(files);
    for (int round = 0; round < rounds; round++) {
      counted = new Mirror(files);
      long begin = System.nanoTime();
      if (!trust.isUnchanged(believed.state(), view, counted, now)) {
        throw new IllegalStateException("expected the same timestamp, got another one");
      }
      nanos[round] = System.nanoTime() - begin;
    }
    return new ShortLook(counted.requests, counted.bytes, median(nanos));
  }

  /** Arguments: rounds, JSON file. */
  public static void main(String[] arguments) throws IOException, SutureException {
    int rounds = Integer.parseInt(arguments[0]);
    RawVerification raw = new RawVerification();
    List<Scenario> scenarios = scenarios();
    for (int i = 0; i < WARM_UP_ROUNDS; i++) {
      for (Scenario scenario : scenarios) {
        scenario.refresh(new Device(scenario.believed()));
      }
      raw.run(1, 1);
    }
    long[][] refresh = new long[scenarios.size()][rounds];
    long[][] primitive = new long[scenarios.size()][rounds];
    long[] ed25519 = new long[rounds];
    long[] mlDsa65 = new long[rounds];
    for (int round = 0; round < rounds; round++) {
      for (int i = 0; i < scenarios.size(); i++) {
        Scenario scenario = scenarios.get(i);
        Device device = new Device(scenario.believed());
        long begin = System.nanoTime();
        scenario.refresh(device);
        refresh[i][round] = System.nanoTime() - begin;
        primitive[i][round] = raw.run(scenario.ed25519(), scenario.mlDsa65());
      }
      ed25519[round] = raw.run(1, 0);
      mlDsa65[round] = raw.run(0, 1);
    }
    Result[] results = new Result[scenarios.size()];
    for (int i = 0; i < results.length; i++) {
      Mirror counted = scenarios.get(i).refresh(new Device(scenarios.get(i).believed()));
      results[i] =
          new Result(
              scenarios.get(i),
              counted.requests,
              counted.bytes,
              median(refresh[i]),
              median(primitive[i]));
    }
    ShortLook look = shortLook(rounds);
    print(results, rounds, median(ed25519), median(mlDsa65));
    System.out.printf(
        Locale.ROOT,
        "The agent's look that finds the same timestamp: %d request, %d bytes, %d us; no signature is checked.%n",
        look.requests(),
        look.bytes(),
        micros(look.nanos()));
    Files.write(
        Path.of(arguments[1]), json(results, look, rounds, median(ed25519), median(mlDsa65)));
  }

  private static long median(long[] values) {
    long[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  private static long micros(long nanos) {
    return TimeUnit.NANOSECONDS.toMicros(nanos);
  }

  private static void print(Result[] results, int rounds, long ed25519, long mlDsa65) {
    System.out.printf(
        Locale.ROOT,
        "Medians of %d rounds. Raw: the signature checks alone, in turn; Ed25519 %d us, ML-DSA-65 %d us each.%n",
        rounds,
        micros(ed25519),
        micros(mlDsa65));
    System.out.printf(
        "%-34s %8s %8s %12s %12s %10s %8s %6s%n",
        "refresh", "requests", "bytes", "Ed25519", "ML-DSA-65", "refresh us", "raw us", "ratio");
    for (Result result : results) {
      System.out.printf(
          Locale.ROOT,
          "%-34s %8d %8d %12d %12d %10d %8d %6.2f%n",
          result.scenario().name(),
          result.requests(),
          result.bytes(),
          result.scenario().ed25519(),
          result.scenario().mlDsa65(),
          micros(result.refreshNanos()),
          micros(result.rawNanos()),
          result.ratio());
    }
  }

  private static byte[] json(
      Result[] results, ShortLook look, int rounds, long ed25519, long mlDsa65) {
    return JsonText.indented(
        json -> {
          json.name("rounds").value(rounds);
          json.name("raw_ed25519_us").value(micros(ed25519));
          json.name("raw_ml_dsa_65_us").value(micros(mlDsa65));
          json.name("short_look").beginObject();
          json.name("requests").value(look.requests());
          json.name("bytes").value(look.bytes());
          json.name("look_us").value(micros(look.nanos())).endObject();
          json.name("refreshes").beginArray();
          for (Result result : results) {
            json.beginObject();
            json.name("name").value(result.scenario().name());
            json.name("requests").value(result.requests());
            json.name("bytes").value(result.bytes());
            json.name("refresh_us").value(micros(result.refreshNanos()));
            json.name("raw_us").value(micros(result.rawNanos()));
            json.name("ratio").value(Math.round(result.ratio() * 100) / 100.0);
            json.endObject();
          }
          json.endArray();
        });
  }
}
