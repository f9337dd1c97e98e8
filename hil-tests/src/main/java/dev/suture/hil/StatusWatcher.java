package dev.suture.hil;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Sees what a device reports, from the other side of the broker: {@code mosquitto_sub}, a client
 * that shares no code with ours. Keeps every report with the time at which it came.
 */
public final class StatusWatcher implements AutoCloseable {
  private static final Duration SUBSCRIBE_LIMIT = Duration.ofSeconds(15);
  private static final int HISTORY_IN_MESSAGE = 8;

  private final HostProcess client;
  private final Thread reader;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition grown = lock.newCondition();
  private final List<Report> reports = new ArrayList<>();
  private boolean subscribed;
  private volatile Consumer<Report> listener = report -> {};

  /**
   * A report as it came.
   *
   * @param number its place, from 0
   * @param nanos {@link System#nanoTime} when it came
   * @param kind last level of the topic: {@code status} or {@code state}
   * @param payload its bytes as text
   */
  public record Report(int number, long nanos, String kind, String payload) {
    /** The status document in it. */
    public DeviceStatus status() {
      return DeviceStatus.parse(payload.getBytes(StandardCharsets.UTF_8));
    }
  }

  /**
   * A place between two reports.
   *
   * @param nextReport number of the first report after it
   */
  public record Mark(int nextReport) {
    /** Before everything. */
    public static final Mark START = new Mark(0);
  }

  private StatusWatcher(HostProcess client) {
    this.client = client;
    this.reader = new Thread(this::read, "status-watcher");
    reader.setDaemon(true);
  }

  /**
   * Subscribes to the reports of one device; returns when the broker has agreed.
   *
   * @param work its folder; made if absent
   * @param broker whom to ask
   * @param fleet first level of the topics after {@code suture/1}
   * @param device its id
   */
  public static StatusWatcher subscribe(Path work, Broker broker, String fleet, String device) {
    try {
      Files.createDirectories(work);
      Path options = work.resolve("mosquitto_sub");
      Files.deleteIfExists(options);
      // A file, so that the password is in no process list.
      Files.createFile(
          options,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      Files.writeString(
          options,
          "-u " + broker.observer().name() + "\n-P " + broker.observer().password() + "\n");
    } catch (IOException e) {
      throw new HarnessException("watcher's folder " + work + ": cannot be written", e);
    }
    String base = "suture/1/" + fleet + "/" + device + "/";
    StatusWatcher watcher =
        new StatusWatcher(
            HostProcess.startReadable(
                "mosquitto_sub",
                // Into a pipe it would keep back what it has to say until it has a lot.
                List.of(
                    "stdbuf",
                    "-oL",
                    "mosquitto_sub",
                    "-h",
                    "127.0.0.1",
                    "-p",
                    Integer.toString(broker.port()),
                    "--cafile",
                    broker.caFile().toString(),
                    "-V",
                    "mqttv5",
                    "-q",
                    "1",
                    "-k",
                    "10",
                    "-d",
                    "-t",
                    base + "status",
                    "-t",
                    base + "state",
                    "-F",
                    "REPORT %t %x"),
                // mosquitto_sub reads options from a file of its own name in this folder.
                Map.of("XDG_CONFIG_HOME", work.toString()),
                work.resolve("mosquitto_sub.log")));
    watcher.reader.start();
    watcher.awaitSubscribed();
    return watcher;
  }

  private void awaitSubscribed() {
    long deadline = System.nanoTime() + SUBSCRIBE_LIMIT.toNanos();
    lock.lock();
    try {
      while (!subscribed) {
        long left = deadline - System.nanoTime();
        if (left <= 0 || !client.running()) {
          throw new HarnessException(
              "watcher: expected the broker to accept the subscription within "
                  + SUBSCRIBE_LIMIT.toSeconds()
                  + " s\n"
                  + client.tail());
        }
        grown.awaitNanos(Math.min(left, TimeUnit.MILLISECONDS.toNanos(200)));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new HarnessException("interrupted while subscribing", e);
    } finally {
      lock.unlock();
    }
  }

  private void read() {
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(
                client.process().getInputStream(), StandardCharsets.ISO_8859_1))) {
      String line;
      while ((line = lines.readLine()) != null) {
        accept(line);
      }
    } catch (IOException e) {
      // The client has ended; whoever waits is told so.
    }
  }

  private void accept(String line) {
    lock.lock();
    try {
      if (line.contains("received SUBACK") || line.startsWith("Subscribed")) {
        subscribed = true;
      }
      String[] words = line.split(" ", 3);
      if (words.length >= 2 && words[0].equals("REPORT")) {
        String hex = words.length == 3 ? words[2].strip() : "";
        String payload =
            new String(
                HexFormat.of().parseHex(hex.toLowerCase(Locale.ROOT)), StandardCharsets.UTF_8);
        String kind = words[1].substring(words[1].lastIndexOf('/') + 1);
        Report report = new Report(reports.size(), System.nanoTime(), kind, payload);
        reports.add(report);
        listener.accept(report);
      }
      grown.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Calls this with every report from now on, as it comes. It must not block. */
  public void onReport(Consumer<Report> newListener) {
    listener = newListener;
  }

  /** The place after all reports so far. */
  public Mark mark() {
    lock.lock();
    try {
      return new Mark(reports.size());
    } finally {
      lock.unlock();
    }
  }

  /** All reports from this place on. */
  public List<Report> since(Mark from) {
    lock.lock();
    try {
      return List.copyOf(
          reports.subList(Math.min(from.nextReport(), reports.size()), reports.size()));
    } finally {
      lock.unlock();
    }
  }

  /**
   * The highest value of a figure of the agent in the reports from this place on. The agent is a
   * new process after each restart of the device, so no single report has it.
   *
   * @throws HarnessException if no report has the figure
   */
  public long highest(Mark from, String agentFigure) {
    return since(from).stream()
        .filter(report -> report.kind().equals("status"))
        .map(report -> report.status().agentFigure(agentFigure))
        .filter(OptionalLong::isPresent)
        .mapToLong(OptionalLong::getAsLong)
        .max()
        .orElseThrow(
            () ->
                new HarnessException(
                    "at the broker: expected agent." + agentFigure + " in a status\n" + history()));
  }

  /** The newest status. */
  public Optional<DeviceStatus> latest() {
    lock.lock();
    try {
      for (int i = reports.size() - 1; i >= 0; i--) {
        if (reports.get(i).kind().equals("status")) {
          return Optional.of(reports.get(i).status());
        }
      }
      return Optional.empty();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits for a status document.
   *
   * @param from earlier ones do not count
   * @param what is awaited, for the message
   * @param limit at most this long
   * @return the first report that fits
   */
  public Report awaitStatus(Mark from, String what, Predicate<DeviceStatus> fits, Duration limit) {
    return await(
        from, what, report -> report.kind().equals("status") && fits.test(report.status()), limit);
  }

  /** Waits for the device's state to be this word, {@code online} or {@code lost}. */
  public Report awaitState(Mark from, String word, Duration limit) {
    return await(
        from,
        "state " + word,
        report -> report.kind().equals("state") && report.payload().strip().equals(word),
        limit);
  }

  private Report await(Mark from, String what, Predicate<Report> fits, Duration limit) {
    long deadline = System.nanoTime() + limit.toNanos();
    lock.lock();
    try {
      int next = from.nextReport();
      while (true) {
        for (; next < reports.size(); next++) {
          if (fits.test(reports.get(next))) {
            return reports.get(next);
          }
        }
        long left = deadline - System.nanoTime();
        if (left <= 0 || !client.running()) {
          throw new HarnessException(
              "at the broker: expected \""
                  + what
                  + "\" within "
                  + limit.toSeconds()
                  + " s, got none"
                  + (client.running() ? "" : " (mosquitto_sub has ended)")
                  + "\n"
                  + history());
        }
        grown.awaitNanos(Math.min(left, TimeUnit.SECONDS.toNanos(1)));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new HarnessException("interrupted while waiting for: " + what, e);
    } finally {
      lock.unlock();
    }
  }

  /** The last reports, for a message. */
  public String history() {
    lock.lock();
    try {
      StringBuilder text = new StringBuilder("--- last reports of the device\n");
      long now = System.nanoTime();
      for (Report report :
          reports.subList(Math.max(0, reports.size() - HISTORY_IN_MESSAGE), reports.size())) {
        text.append(
            String.format(
                Locale.ROOT,
                "%.1f s ago, %s: %s%n",
                (now - report.nanos()) / 1e9,
                report.kind(),
                report.payload().strip()));
      }
      return text.append("---").toString();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    client.close();
  }
}
