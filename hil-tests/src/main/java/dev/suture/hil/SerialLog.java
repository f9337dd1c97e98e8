package dev.suture.hil;

import java.io.IOException;
import java.io.Writer;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a device said on its serial console, line by line, with the time at which this machine read
 * each line. Every start of the device writes a file of its own; this joins them into one.
 */
public final class SerialLog implements AutoCloseable {
  private static final int POLL_MILLIS = 20;
  private static final int LINES_MAX = 200_000;
  private static final int LINE_CHARS_MAX = 4_096;
  private static final int TAIL_LINES = 60;

  private final Path joined;
  private final Writer writer;
  private final long startNanos = System.nanoTime();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition grown = lock.newCondition();
  private final List<Line> lines = new ArrayList<>();
  private @Nullable Thread follower;
  private volatile boolean stopping;

  /**
   * One line.
   *
   * @param number its place, from 0
   * @param nanos {@link System#nanoTime} when it was read
   * @param text without its end
   */
  public record Line(int number, long nanos, String text) {
    /** Seconds from an earlier line to this one. */
    public double secondsSince(Line earlier) {
      return (nanos - earlier.nanos) / 1e9;
    }
  }

  /**
   * A place between two lines.
   *
   * @param nextLine number of the first line after it
   */
  public record Mark(int nextLine) {
    /** Before everything. */
    public static final Mark START = new Mark(0);

    /** The place after this line. */
    public static Mark after(Line line) {
      return new Mark(line.number() + 1);
    }
  }

  /**
   * An empty log.
   *
   * @param joined the file that gets all lines; replaced
   */
  public SerialLog(Path joined) {
    this.joined = joined;
    try {
      this.writer = Files.newBufferedWriter(joined);
    } catch (IOException e) {
      throw new HarnessException("serial log " + joined + ": cannot be written", e);
    }
  }

  /** The file with all lines. */
  public Path file() {
    return joined;
  }

  /** Reads this file from its start and goes on as it grows, until {@link #unfollow}. */
  public void follow(Path raw) {
    unfollow();
    stopping = false;
    Thread thread = new Thread(() -> read(raw), "serial-log");
    thread.setDaemon(true);
    thread.start();
    follower = thread;
  }

  /** Reads what is left of the followed file, and lets go of it. */
  public void unfollow() {
    Thread thread = follower;
    if (thread == null) {
      return;
    }
    stopping = true;
    try {
      thread.join(TimeUnit.SECONDS.toMillis(5));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    follower = null;
  }

  private void read(Path raw) {
    ByteBuffer buffer = ByteBuffer.allocate(1 << 16);
    StringBuilder partial = new StringBuilder();
    long position = 0;
    boolean last = false;
    while (true) {
      // Whether to stop is asked before reading, so that the last look sees everything.
      last = stopping;
      try (SeekableByteChannel channel = Files.newByteChannel(raw)) {
        channel.position(position);
        int count;
        while ((count = channel.read(buffer.clear())) > 0) {
          position += count;
          split(partial, new String(buffer.array(), 0, count, StandardCharsets.ISO_8859_1));
        }
      } catch (NoSuchFileException e) {
        // The device has not opened its console yet.
      } catch (IOException e) {
        add("harness: serial console " + raw + " cannot be read: " + e.getMessage());
        return;
      }
      if (last) {
        if (partial.length() > 0) {
          add(partial.toString());
        }
        return;
      }
      Await.pause(POLL_MILLIS);
    }
  }

  private void split(StringBuilder partial, String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '\n' || partial.length() >= LINE_CHARS_MAX) {
        add(partial.toString());
        partial.setLength(0);
      }
      if (c == '\t' || c >= ' ') {
        partial.append(c);
      }
    }
  }

  /** Adds a line that did not come from the device, such as a mark of the harness. */
  public void add(String text) {
    lock.lock();
    try {
      Line line = new Line(lines.size(), System.nanoTime(), text);
      if (lines.size() < LINES_MAX) {
        lines.add(line);
      }
      writer.write(format(line) + "\n");
      writer.flush();
      grown.signalAll();
    } catch (IOException e) {
      throw new HarnessException("serial log " + joined + ": cannot be written", e);
    } finally {
      lock.unlock();
    }
  }

  private String format(Line line) {
    return String.format(Locale.ROOT, "[%8.3f] %s", (line.nanos() - startNanos) / 1e9, line.text());
  }

  /** The place after all that has been read. */
  public Mark mark() {
    lock.lock();
    try {
      return new Mark(lines.size());
    } finally {
      lock.unlock();
    }
  }

  /** The lines from this place on that contain the pattern. */
  public List<Line> find(Mark from, Pattern pattern) {
    lock.lock();
    try {
      return lines.subList(Math.min(from.nextLine(), lines.size()), lines.size()).stream()
          .filter(line -> pattern.matcher(line.text()).find())
          .toList();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits for the first line from this place on that contains the pattern.
   *
   * @param running whether the device is still able to say something; if not, there is no waiting
   */
  public Line await(Mark from, Pattern pattern, Duration limit, BooleanSupplier running) {
    long deadline = System.nanoTime() + limit.toNanos();
    lock.lock();
    try {
      int next = from.nextLine();
      while (true) {
        boolean ended = !running.getAsBoolean();
        for (; next < lines.size(); next++) {
          if (pattern.matcher(lines.get(next).text()).find()) {
            return lines.get(next);
          }
        }
        long left = deadline - System.nanoTime();
        if (ended || left <= 0) {
          throw new HarnessException(
              "serial console: expected a line with /"
                  + pattern
                  + "/ within "
                  + limit.toSeconds()
                  + " s, got none"
                  + (ended ? " (the device went off)" : "")
                  + "\n"
                  + tail());
        }
        // In slices, so that a device that went off is noticed.
        long waited = grown.awaitNanos(Math.min(left, TimeUnit.SECONDS.toNanos(1)));
        assert waited <= left;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new HarnessException("interrupted while waiting for the serial console", e);
    } finally {
      lock.unlock();
    }
  }

  /** The last lines, for a report. */
  public String tail() {
    lock.lock();
    try {
      StringBuilder text = new StringBuilder("--- end of the serial log (" + joined + ")\n");
      for (Line line : lines.subList(Math.max(0, lines.size() - TAIL_LINES), lines.size())) {
        text.append(format(line)).append('\n');
      }
      return text.append("---").toString();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    unfollow();
    try {
      writer.close();
    } catch (IOException e) {
      throw new HarnessException("serial log " + joined + ": cannot be closed", e);
    }
  }
}
