package dev.suture.sim;

import dev.suture.link.ChunkSink;
import dev.suture.link.PayloadSource;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.RejectedException;
import dev.suture.protocol.failure.RetryableException;
import dev.suture.protocol.failure.SutureException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;
import java.util.function.UnaryOperator;

/** A mirror that has the publisher's files, and serves them or something else. */
public final class SimMirror implements PayloadSource {
  private static final int CHUNK_BYTES = 4096;

  private final SimPublisher publisher;
  private final Map<String, UnaryOperator<byte[]>> instead = new HashMap<>();
  private final Map<String, Integer> times = new HashMap<>();
  private final List<String> asked = new ArrayList<>();
  private boolean reachable = true;
  private IntPredicate answered = number -> false;
  private Answer answer = (path, file) -> file;

  /** The mirror of this publisher. */
  public SimMirror(SimPublisher publisher) {
    this.publisher = publisher;
  }

  /** Whether it answers at all. */
  public void reachable(boolean answers) {
    reachable = answers;
  }

  /** Serves something else instead of a file, until {@link #honest}. */
  public void lie(String path, UnaryOperator<byte[]> change) {
    lieTimes(path, Integer.MAX_VALUE, change);
  }

  /** Serves something else instead of a file, this often. */
  public void lieTimes(String path, int count, UnaryOperator<byte[]> change) {
    instead.put(path, change);
    times.put(path, count);
  }

  /** Answers a request with something else, or not at all. */
  @FunctionalInterface
  public interface Answer {
    /** What is served for the file; empty if it is said not to be there. */
    byte[] to(String path, byte[] file) throws RetryableException;
  }

  /**
   * Answers these requests in another way, whatever they ask for; {@link #asked} counts them, from
   * 1.
   */
  public void answer(IntPredicate requests, Answer other) {
    answered = requests;
    answer = other;
  }

  /** Serves what the publisher has, from now on. */
  public void honest() {
    answered = number -> false;
    instead.clear();
    times.clear();
  }

  /** One bit is another one. */
  public static UnaryOperator<byte[]> flipped(int at) {
    return bytes -> {
      byte[] changed = bytes.clone();
      changed[at] ^= 1;
      return changed;
    };
  }

  /** Only the beginning. */
  public static UnaryOperator<byte[]> truncated(int length) {
    return bytes -> Arrays.copyOf(bytes, length);
  }

  /** Something behind the end. */
  public static UnaryOperator<byte[]> longer() {
    return bytes -> Arrays.copyOf(bytes, bytes.length + 1);
  }

  /** No file at all. */
  public static UnaryOperator<byte[]> missing() {
    return bytes -> new byte[0];
  }

  /** What was asked for, as {@code PATH@FROM}. */
  public List<String> asked() {
    return asked;
  }

  private byte[] file(String path, long from) throws RetryableException {
    asked.add(path + "@" + from);
    if (!reachable) {
      throw new RetryableException(FailureCode.SERVER_UNREACHABLE, path + ": no answer");
    }
    byte[] file = publisher.files().get(path);
    UnaryOperator<byte[]> change = instead.get(path);
    int left = times.getOrDefault(path, 0);
    if (file != null && change != null && left > 0) {
      times.put(path, left - 1);
      file = change.apply(file);
    }
    if (file != null && answered.test(asked.size())) {
      file = answer.to(path, file);
    }
    if (file == null || file.length == 0) {
      throw new RetryableException(FailureCode.SERVER_NOT_FOUND, path + ": not here");
    }
    return file;
  }

  @Override
  public byte[] document(String path, int bytesMax) throws RejectedException, RetryableException {
    byte[] file = file(path, 0);
    if (file.length > bytesMax) {
      throw new RejectedException(
          FailureCode.METADATA_TOO_LARGE, path + ": expected at most " + bytesMax + " bytes");
    }
    return file.clone();
  }

  @Override
  public void range(String path, long from, long bytes, ChunkSink sink) throws SutureException {
    byte[] file = file(path, from);
    byte[] buffer = new byte[CHUNK_BYTES];
    int at = (int) from;
    int end = (int) Math.min(bytes, file.length);
    while (at < end) {
      int n = Math.min(CHUNK_BYTES, end - at);
      System.arraycopy(file, at, buffer, 0, n);
      sink.accept(buffer, 0, n);
      at += n;
    }
    if (file.length < bytes) {
      throw new RetryableException(
          FailureCode.DOWNLOAD_TRUNCATED,
          path + ": expected " + bytes + " bytes, got " + file.length);
    }
    if (file.length > bytes) {
      throw new RejectedException(
          FailureCode.PAYLOAD_LENGTH_MISMATCH, path + ": expected " + bytes + " bytes, got more");
    }
  }
}
