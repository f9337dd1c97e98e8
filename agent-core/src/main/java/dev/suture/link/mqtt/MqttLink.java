package dev.suture.link.mqtt;

import dev.suture.link.NoticeSource;
import dev.suture.link.Report;
import dev.suture.link.ReportSink;
import dev.suture.link.mqtt.MqttConnection.Trouble;
import dev.suture.protocol.Notice;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.RetryableException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The broker, as far as the agent is concerned: notices in, reports out. One daemon thread keeps
 * the connection and comes back after every loss; nobody waits for it. On every connection it
 * subscribes, says {@code online}, and wakes the agent, which may have something to report.
 *
 * <p>The broker is not trusted: what it can make this class keep is named in {@link MqttLimits} and
 * {@link Inbox}. Nothing here is durable: a report is sent again by who wants it sent.
 */
public final class MqttLink implements NoticeSource, ReportSink, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(MqttLink.class);

  private static final byte[] ONLINE = "online".getBytes(StandardCharsets.US_ASCII);
  private static final long CALM_NANOS = TimeUnit.MINUTES.toNanos(1);
  private static final long CLOSE_MILLIS = 2_000;
  private static final long THREADS_END_MILLIS = 1_000;

  private final MqttSettings settings;
  private final MqttLimits limits;
  private final Backoff backoff;
  private final Runnable onArrival;
  private final String noticeTopic;
  private final Inbox inbox = new Inbox();
  private final CountDownLatch closing = new CountDownLatch(1);
  private final AtomicLong connects = new AtomicLong();
  private final long startNanos = System.nanoTime();
  private final LibraryThreads threads;
  private final Thread keeper;
  private volatile long firstConnectedNanos;

  /** The connection under way, usable or not. */
  private volatile @Nullable MqttConnection held;

  /** The same, once it is usable. */
  private volatile @Nullable MqttConnection current;

  private volatile @Nullable String trouble;

  private MqttLink(MqttSettings settings, MqttLimits limits, Random random, Runnable onArrival) {
    this.settings = settings;
    this.limits = limits;
    this.onArrival = onArrival;
    backoff = new Backoff(random, limits.retryFloorMillis(), limits.retryCeilingMillis());
    noticeTopic = new Topics(settings.fleet(), settings.deviceId()).notice();
    threads = new LibraryThreads(this::threadDied);
    keeper = new Thread(threads, this::keepConnected, "suture-mqtt");
    keeper.setDaemon(true);
  }

  /**
   * Starts to connect, and keeps on. Returns at once, whether or not there is a broker.
   *
   * @param onArrival called on another thread when there is a new notice or a new connection; must
   *     not block
   */
  public static MqttLink start(MqttSettings settings, Runnable onArrival) {
    return start(settings, MqttLimits.DEVICE, new Random(), onArrival);
  }

  static MqttLink start(
      MqttSettings settings, MqttLimits limits, Random random, Runnable onArrival) {
    MqttLink link = new MqttLink(settings, limits, random, onArrival);
    link.keeper.start();
    return link;
  }

  @Override
  public Optional<byte[]> take() {
    return inbox.take();
  }

  @Override
  public boolean connected() {
    MqttConnection connection = current;
    return connection != null && !connection.isLost();
  }

  @Override
  public void publish(Report report, byte[] document) throws RetryableException {
    if (document.length > REPORT_BYTES_MAX) {
      throw new IllegalArgumentException(
          "report: expected at most " + REPORT_BYTES_MAX + " bytes, got " + document.length);
    }
    MqttConnection connection = current;
    if (connection == null || connection.isLost()) {
      throw new RetryableException(
          FailureCode.BROKER_UNREACHABLE,
          "report " + report.word() + ": not connected" + trouble().map(t -> ": " + t).orElse(""));
    }
    try {
      connection.publish(report, document);
    } catch (Trouble e) {
      throw new RetryableException(FailureCode.BROKER_UNREACHABLE, e.words(), e);
    }
  }

  /** How often a connection was made. */
  @Override
  public long connects() {
    return connects.get();
  }

  /** How many notices were not kept: too many, too long, or of a topic that is not ours. */
  public long dropped() {
    return inbox.dropped();
  }

  /** Milliseconds from the start of this link to its first connection; empty before that. */
  public OptionalLong connectedAfterMillis() {
    long connectedNanos = firstConnectedNanos;
    return connects.get() == 0
        ? OptionalLong.empty()
        : OptionalLong.of(TimeUnit.NANOSECONDS.toMillis(connectedNanos - startNanos));
  }

  /** What is wrong with the broker now, for people; empty if nothing is known to be. */
  public Optional<String> trouble() {
    return Optional.ofNullable(trouble);
  }

  /**
   * Ends the connection, telling the broker to call us lost unless we are back in time. Waits at
   * most about three seconds.
   */
  @Override
  public void close() {
    closing.countDown();
    MqttConnection connection = current;
    if (connection != null && !connection.isLost()) {
      connection.farewell();
    }
    MqttConnection any = held;
    if (any != null) {
      any.lose("closing");
    }
    keeper.interrupt();
    try {
      keeper.join(CLOSE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void keepConnected() {
    try {
      while (closing.getCount() > 0) {
        connectOnce();
        if (closing.getCount() == 0) {
          return;
        }
        long pauseMillis = backoff.nextMillis();
        LOG.info("mqtt: next attempt in {} ms, because: {}", pauseMillis, trouble);
        if (closing.await(pauseMillis, TimeUnit.MILLISECONDS)) {
          return;
        }
      }
    } catch (InterruptedException e) {
      // Only close() interrupts this thread.
    }
  }

  /** One connection from its beginning to its end, or one attempt. */
  private void connectOnce() throws InterruptedException {
    MqttConnection connection = null;
    try {
      connection = new MqttConnection(settings, limits, this::arrived);
      held = connection;
      connection.connect();
      connection.subscribe();
      sayOnline(connection);
      long connectedNanos = System.nanoTime();
      if (connects.get() == 0) {
        firstConnectedNanos = connectedNanos;
      }
      current = connection;
      connects.incrementAndGet();
      LOG.info("mqtt: connected as {}", settings);
      wakeAgent();
      trouble = connection.awaitLoss();
      if (System.nanoTime() - connectedNanos > CALM_NANOS) {
        backoff.reset();
      }
    } catch (Trouble e) {
      trouble = e.words();
    } catch (RuntimeException e) {
      // The library's: the next attempt has a client of its own.
      trouble = "the library failed: " + e;
      LOG.warn("mqtt: {}", trouble, e);
    } finally {
      current = null;
      if (connection != null) {
        connection.discard();
        threads.endAllButThis(THREADS_END_MILLIS);
      }
    }
  }

  private void sayOnline(MqttConnection connection) throws Trouble {
    try {
      connection.publish(Report.STATE, ONLINE);
      trouble = null;
    } catch (Trouble e) {
      if (connection.isLost()) {
        throw e;
      }
      // Refused, not lost: notices still come, which is what matters most.
      trouble = e.words();
      LOG.warn("mqtt: {}", e.words());
    }
  }

  /** Runs on the library's thread. */
  private void arrived(String topic, byte[] payload) {
    if (!topic.equals(noticeTopic) || payload.length > Notice.BYTES_MAX) {
      inbox.refuse();
      return;
    }
    inbox.offer(payload);
    wakeAgent();
  }

  private void wakeAgent() {
    try {
      onArrival.run();
    } catch (RuntimeException e) {
      // A fault of the agent's; on this thread it would end the connection as well.
      LOG.error("mqtt: the agent could not be woken", e);
    }
  }

  /** A library thread died of what the broker sent: its connection dies with it. */
  private void threadDied(Throwable failure) {
    MqttConnection connection = held;
    if (connection != null) {
      connection.lose("the library failed: " + failure.getClass().getSimpleName());
    }
  }
}
