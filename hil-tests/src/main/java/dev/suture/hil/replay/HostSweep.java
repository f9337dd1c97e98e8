package dev.suture.hil.replay;

import dev.suture.hil.HarnessException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Checks many states of a recording on this machine, several at a time. */
public final class HostSweep {
  private static final int WORKERS = 2;

  private final Recording recording;
  private final Path folder;

  /**
   * A sweep over this recording.
   *
   * @param folder for images and copies; made if absent
   */
  public HostSweep(Recording recording, Path folder) {
    this.recording = recording;
    this.folder = folder;
  }

  /**
   * Checks these states.
   *
   * @return what each is, in the order in which they can be made
   */
  public Map<DiskState, StateCheck.Findings> check(List<DiskState> states) {
    List<DiskState> ordered = StatePlan.inOrder(states);
    Map<DiskState, StateCheck.Findings> all = new HashMap<>();
    ExecutorService workers = Executors.newFixedThreadPool(WORKERS);
    try {
      List<Future<Map<DiskState, StateCheck.Findings>>> parts = new ArrayList<>();
      for (int worker = 0; worker < WORKERS; worker++) {
        List<DiskState> share = new ArrayList<>();
        for (int i = worker; i < ordered.size(); i += WORKERS) {
          share.add(ordered.get(i));
        }
        Path own = folder.resolve("worker-" + worker);
        parts.add(workers.submit(() -> work(own, share)));
      }
      for (Future<Map<DiskState, StateCheck.Findings>> part : parts) {
        all.putAll(part.get());
      }
      Map<DiskState, StateCheck.Findings> inOrder = new LinkedHashMap<>();
      ordered.forEach(state -> inOrder.put(state, Objects.requireNonNull(all.get(state))));
      return inOrder;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new HarnessException("interrupted while checking states", e);
    } catch (ExecutionException e) {
      throw new HarnessException("checking states: " + e.getCause(), e);
    } finally {
      workers.shutdownNow();
    }
  }

  private Map<DiskState, StateCheck.Findings> work(Path own, List<DiskState> states)
      throws IOException {
    Files.createDirectories(own);
    Path stateImage = own.resolve("state.img");
    Path dataImage = own.resolve("data.img");
    Partition state = recording.partition("state");
    Partition data = recording.partition("data");
    state.extract(recording.base(), stateImage, own.resolve("tools.log"));
    data.extract(recording.base(), dataImage, own.resolve("tools.log"));
    StateCheck check = new StateCheck(own, recording.provision());
    Map<DiskState, StateCheck.Findings> findings = new HashMap<>();
    try (DiskHistory record = new DiskHistory(recording.log(), stateImage, state.firstByte());
        DiskHistory files = new DiskHistory(recording.log(), dataImage, data.firstByte())) {
      for (DiskState one : states) {
        record.become(one);
        files.become(one);
        findings.put(one, check.check(stateImage, dataImage));
      }
    }
    return findings;
  }
}
