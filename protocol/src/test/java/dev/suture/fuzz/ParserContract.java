package dev.suture.fuzz;

import com.sun.management.ThreadMXBean;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.SutureException;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * One parser of outside bytes, and what it promises for every input: it returns or refuses in the
 * documented way, says why on one bounded line, allocates no more than stated, and what it accepted
 * survives being written and read again. {@link #check} tries one input; a broken promise is an
 * {@link AssertionError}.
 *
 * @param <T> what is read
 */
public final class ParserContract<T> {
  private static final int MEASUREMENTS_MAX = 3;

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private final String name;
  private final Reader<T> reader;
  private final Predicate<Exception> documented;
  private @Nullable Writer<T> writer;
  private boolean canonical;
  private long allocationFixed = 256 << 10;
  private long allocationPerByte = 256;
  private long allocatedMost;

  private ParserContract(String name, Reader<T> reader, Predicate<Exception> documented) {
    this.name = name;
    this.reader = reader;
    this.documented = documented;
  }

  /** The parser. */
  @FunctionalInterface
  public interface Reader<T> {
    /** Reads; the bytes stay the caller's. */
    T read(byte[] bytes) throws Exception;
  }

  /** Its counterpart. */
  @FunctionalInterface
  public interface Writer<T> {
    /** Writes what was read. */
    byte[] write(T value);
  }

  /** A parser whose refusals carry one of these codes. */
  public static <T> ParserContract<T> refusingWith(
      String name, Reader<T> reader, FailureCode first, FailureCode... more) {
    Set<FailureCode> codes = EnumSet.of(first, more);
    return new ParserContract<>(
        name, reader, e -> e instanceof SutureException known && codes.contains(known.code()));
  }

  /** A parser that refuses by exactly this exception. */
  public static <T> ParserContract<T> refusingBy(
      String name, Reader<T> reader, Class<? extends Exception> refusal) {
    return new ParserContract<>(
        name,
        reader,
        e ->
            e.getClass() == refusal
                // What parseInt throws is documented wherever its superclass is.
                || (refusal == IllegalArgumentException.class
                    && e.getClass() == NumberFormatException.class));
  }

  /** A parser that has a meaning for every input. */
  public static <T> ParserContract<T> total(String name, Reader<T> reader) {
    return new ParserContract<>(name, reader, e -> false);
  }

  /** What was read, written and read again, is the same value and the same bytes. */
  public ParserContract<T> writtenBy(Writer<T> counterpart) {
    writer = counterpart;
    return this;
  }

  /** What is accepted is exactly what the writer writes for it. */
  public ParserContract<T> canonical(Writer<T> counterpart) {
    canonical = true;
    return writtenBy(counterpart);
  }

  /** Garbage included; {@code perByte} for each byte of the input. */
  public ParserContract<T> allocatingAtMost(long fixed, long perByte) {
    allocationFixed = fixed;
    allocationPerByte = perByte;
    return this;
  }

  /** The parser's name, for reports. */
  public String name() {
    return name;
  }

  /** Forgets what the first inputs took, which includes loading classes. */
  void warmedUp() {
    allocatedMost = 0;
  }

  /** Most heap bytes that one input of {@link #check} took so far. */
  public long allocatedMost() {
    return allocatedMost;
  }

  /**
   * Tries one input.
   *
   * @return what was read, or nothing if it was refused
   */
  public Optional<T> check(byte[] input) {
    byte[] given = input.clone();
    T value;
    long before = THREADS.getCurrentThreadAllocatedBytes();
    try {
      value = reader.read(given);
    } catch (Exception e) {
      checkAllocation(before, input);
      checkRefusal(e, input);
      return Optional.empty();
    }
    checkAllocation(before, input);
    if (!Arrays.equals(given, input)) {
      throw broken("the input was changed", input, null);
    }
    if (writer != null) {
      checkWritten(writer, value, input);
    }
    return Optional.of(value);
  }

  /** Measured again if it is the most so far: who comes first also pays for loading classes. */
  private void checkAllocation(long before, byte[] input) {
    long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
    long limit = allocationFixed + allocationPerByte * input.length;
    for (int i = 0; i < MEASUREMENTS_MAX && allocated > allocatedMost; i++) {
      allocated = Math.min(allocated, allocatedBy(input));
    }
    allocatedMost = Math.max(allocatedMost, allocated);
    if (allocated > limit) {
      throw broken("expected at most " + limit + " bytes allocated, got " + allocated, input, null);
    }
  }

  @SuppressWarnings("CheckReturnValue") // What it reads was looked at before.
  private long allocatedBy(byte[] input) {
    byte[] given = input.clone();
    long before = THREADS.getCurrentThreadAllocatedBytes();
    try {
      reader.read(given);
    } catch (Exception e) {
      return THREADS.getCurrentThreadAllocatedBytes() - before;
    }
    return THREADS.getCurrentThreadAllocatedBytes() - before;
  }

  private void checkRefusal(Exception e, byte[] input) {
    if (!documented.test(e)) {
      throw broken("an undocumented " + e, input, e);
    }
    if (e instanceof SutureException known) {
      String text = known.explanation();
      if (text.isEmpty()
          || text.length() > SutureException.EXPLANATION_CHARS_MAX
          || text.chars().anyMatch(Character::isISOControl)) {
        throw broken("expected one line that says why, got \"" + text + "\"", input, e);
      }
    }
  }

  private void checkWritten(Writer<T> counterpart, T value, byte[] input) {
    byte[] written = counterpart.write(value);
    if (canonical && !Arrays.equals(written, input)) {
      throw broken("accepted, but it is not what is written for " + value, input, null);
    }
    T again;
    try {
      again = reader.read(written);
    } catch (Exception e) {
      throw broken("what was written for " + value + " is refused: " + e, input, e);
    }
    if (!again.equals(value) && !Arrays.equals(counterpart.write(again), written)) {
      throw broken("expected " + value + " after writing and reading, got " + again, input, null);
    }
    if (!Arrays.equals(counterpart.write(again), written)) {
      throw broken("written twice, " + value + " gives other bytes", input, null);
    }
  }

  private AssertionError broken(String what, byte[] input, @Nullable Exception cause) {
    return new AssertionError(name + ": " + what + "; input " + Bytes.shown(input), cause);
  }
}
