package dev.suture.hil.replay;

import dev.suture.hil.HarnessException;
import dev.suture.hil.replay.BootLane.Boot;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;

/**
 * Boots many states of a recording, two at a time. One of the two devices begins with the states
 * that are to finish the installation: they all are the same device to the broker.
 */
public final class BootSweep {
  private static final int LANES = 2;

  /** So many are sorted at a time: going back to an earlier state costs a copy of the disk. */
  private static final int SORTED_TOGETHER = 24;

  private final Recording recording;
  private final Path folder;
  private final Map<DiskState, StateCheck.Findings> expected;
  private final Consumer<Result> eachResult;

  /**
   * How a boot went.
   *
   * @param state of the disk
   * @param situation what the state is, in a few words
   * @param finish whether it was to finish the installation as well
   * @param seconds how long it took
   * @param ran what ran after the start; {@code -} if that was not said
   * @param complaints what was wrong; empty if nothing was
   */
  public record Result(
      DiskState state,
      String situation,
      boolean finish,
      double seconds,
      String ran,
      List<String> complaints) {}

  /**
   * How much to do.
   *
   * @param bootsMin at least so many, whatever the time (if there are as many states)
   * @param time then as many as begin within this time
   * @param finishes so many of them finish the installation
   */
  public record Amount(int bootsMin, Duration time, int finishes) {}

  /**
   * A sweep over this recording.
   *
   * @param folder for disks and logs; made if absent
   * @param expected what the states are, as checked on this machine
   * @param eachResult gets every result as it comes, one at a time
   */
  public BootSweep(
      Recording recording,
      Path folder,
      Map<DiskState, StateCheck.Findings> expected,
      Consumer<Result> eachResult) {
    this.recording = recording;
    this.folder = folder;
    this.expected = expected;
    this.eachResult = eachResult;
  }

  /**
   * Boots.
   *
   * @param first states that are all booted, whatever the amount
   * @param others the most wanted first
   * @param toFinish states to finish the installation from, the most wanted first
   */
  public List<Result> boot(
      List<DiskState> first, List<DiskState> others, List<DiskState> toFinish, Amount amount) {
    Queue queue = new Queue(first, others, toFinish, amount);
    List<Result> results = Collections.synchronizedList(new ArrayList<>());
    ExecutorService lanes = Executors.newFixedThreadPool(LANES);
    try {
      List<Future<?>> running = new ArrayList<>();
      for (int lane = 0; lane < LANES; lane++) {
        Path own = folder.resolve("lane-" + lane);
        boolean mayFinish = lane == 0;
        running.add(lanes.submit(() -> work(own, queue, mayFinish, results)));
      }
      for (Future<?> lane : running) {
        lane.get();
      }
      return List.copyOf(results);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new HarnessException("interrupted while booting states", e);
    } catch (ExecutionException e) {
      throw new HarnessException("booting states: " + e.getCause(), e);
    } finally {
      lanes.shutdownNow();
    }
  }

  private void work(Path own, Queue queue, boolean mayFinish, List<Result> results) {
    try (BootLane lane = new BootLane(recording, own)) {
      for (Task task = queue.next(mayFinish); !task.isNone(); task = queue.next(mayFinish)) {
        StateCheck.Findings findings = expected.get(task.state());
        if (findings == null) {
          throw new IllegalArgumentException(task.state() + ": expected to be checked before");
        }
        Boot boot = lane.boot(task.state(), findings, task.finish());
        Result result =
            new Result(
                boot.state(),
                findings.situation(),
                boot.finish(),
                boot.seconds(),
                boot.ran(),
                boot.complaints());
        results.add(result);
        synchronized (eachResult) {
          eachResult.accept(result);
        }
      }
    }
  }

  private record Task(DiskState state, boolean finish) {
    private static final Task NONE = new Task(DiskState.landed(0), false);

    @SuppressWarnings("ReferenceEquality") // Equal to no task that was queued.
    boolean isNone() {
      return this == NONE;
    }
  }

  /** What is left to do. */
  private static final class Queue {
    private final Deque<DiskState> plain = new ArrayDeque<>();
    private final Deque<DiskState> finishing = new ArrayDeque<>();
    private final int bootsMin;
    private final long deadlineNanos;
    private int wantedLeft;
    private int taken;

    Queue(List<DiskState> first, List<DiskState> states, List<DiskState> toFinish, Amount amount) {
      plain.addAll(StatePlan.inOrder(first));
      wantedLeft = plain.size();
      for (int from = 0; from < states.size(); from += SORTED_TOGETHER) {
        plain.addAll(
            StatePlan.inOrder(
                states.subList(from, Math.min(states.size(), from + SORTED_TOGETHER))));
      }
      finishing.addAll(
          StatePlan.inOrder(toFinish.subList(0, Math.min(toFinish.size(), amount.finishes()))));
      bootsMin = amount.bootsMin();
      deadlineNanos = System.nanoTime() + amount.time().toNanos();
    }

    synchronized Task next(boolean mayFinish) {
      if (mayFinish && !finishing.isEmpty()) {
        taken++;
        return new Task(finishing.remove(), true);
      }
      boolean enough =
          wantedLeft <= 0 && taken >= bootsMin && System.nanoTime() - deadlineNanos >= 0;
      if (enough || plain.isEmpty()) {
        return Task.NONE;
      }
      taken++;
      wantedLeft--;
      return new Task(plain.remove(), false);
    }
  }
}
