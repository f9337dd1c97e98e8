package dev.suture.publisher.release;

import dev.suture.protocol.FileRef;
import dev.suture.protocol.Sha256;
import dev.suture.protocol.manifest.PatchComponent;
import dev.suture.protocol.manifest.Payload;
import dev.suture.publisher.Heap;
import dev.suture.publisher.InputFiles;
import dev.suture.publisher.Problem;
import dev.suture.publisher.PublisherException;
import dev.suture.publisher.PublisherException.Details;
import dev.suture.publisher.delta.account.DeltaAccount;
import dev.suture.publisher.repository.Publication;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Makes and checks all payloads of a patch, several at once: full payloads one per core, deltas as
 * many as the heap has room for.
 */
final class PayloadWorkshop {
  private static final long HEARTBEAT_SECONDS = 10;
  private static final long STOP_SECONDS_MAX = 30;

  private final PayloadMaker maker;
  private final PayloadRules rules;
  private final Predecessor predecessor;
  private final Path folder;
  private final Progress progress;
  private final Map<String, Long> running = new ConcurrentSkipListMap<>();

  PayloadWorkshop(
      PayloadMaker maker,
      PayloadRules rules,
      Predecessor predecessor,
      Path folder,
      Progress progress) {
    this.maker = maker;
    this.rules = rules;
    this.predecessor = predecessor;
    this.folder = folder;
    this.progress = progress;
  }

  /**
   * A payload that a device accepts.
   *
   * @param account what a delta's bytes are spent on, if that was asked for
   */
  record Made(Payload payload, Path content, long millis, Optional<DeltaAccount> account) {}

  /** All payloads of one component. */
  record Finished(InspectedComponent component, Made delta, Made full) {
    ComponentCost cost() {
      PatchComponent entry =
          new PatchComponent(
              component.name(),
              component.baseSha256(),
              component.image(),
              List.of(delta.payload(), full.payload()));
      return new ComponentCost(entry, delta.millis(), full.millis(), delta.account());
    }
  }

  /** The payloads of all components, in their order; ends early with the first failure. */
  List<Finished> makeAll(List<InspectedComponent> components) throws PublisherException {
    rules.prepare();
    int cores = Runtime.getRuntime().availableProcessors();
    ExecutorService deltas = Executors.newFixedThreadPool(deltaWorkers(components, cores));
    ExecutorService fulls = Executors.newFixedThreadPool(cores);
    try {
      Map<InspectedComponent, List<Future<Made>>> futures = new LinkedHashMap<>();
      for (InspectedComponent component : components) {
        futures.put(
            component,
            List.of(
                deltas.submit(task(component, Payload.Kind.DELTA)),
                fulls.submit(task(component, Payload.Kind.FULL))));
      }
      List<Finished> finished = new ArrayList<>();
      for (Map.Entry<InspectedComponent, List<Future<Made>>> entry : futures.entrySet()) {
        finished.add(
            new Finished(
                entry.getKey(), await(entry.getValue().get(0)), await(entry.getValue().get(1))));
      }
      return finished;
    } finally {
      stop(deltas);
      stop(fulls);
    }
  }

  private int deltaWorkers(List<InspectedComponent> components, int cores)
      throws PublisherException {
    if (components.size() <= 1) {
      return 1; // Whatever heap it takes: that is not asked of a whole image for nothing.
    }
    try {
      return deltaWorkers(components, cores, Heap.maxBytes());
    } catch (InterruptedException e) {
      throw interrupted(e);
    } catch (IOException e) {
      throw failure(e);
    }
  }

  /** As many as have room if each has the base that takes most; one if none has. */
  int deltaWorkers(List<InspectedComponent> components, int cores, long heapBytes)
      throws IOException, InterruptedException {
    long most = 1;
    for (InspectedComponent component : components) {
      most = Math.max(most, maker.deltaHeapBytes(component.source().base()));
    }
    return (int) Math.max(1, Math.min(cores, heapBytes / most));
  }

  private Callable<Made> task(InspectedComponent component, Payload.Kind kind) {
    return () -> {
      String label = component.name() + " " + kind.word();
      long began = System.nanoTime();
      running.put(label, began);
      try {
        Path content = reused(component, kind);
        boolean made = content == null;
        if (content == null) {
          content = folder.resolve(component.name() + "." + kind.word());
          make(component, kind, content);
        }
        FileRef file = file(kind, content);
        long millis = millisSince(began);
        progress.line(
            String.format(
                Locale.ROOT,
                "%s: %,d bytes (%.2f %% of %,d), %s and checked in %.1f s",
                label,
                file.bytes(),
                100.0 * file.bytes() / component.image().bytes(),
                component.image().bytes(),
                made ? "made" : "taken from the repository",
                millis / 1000.0));
        Optional<DeltaAccount> account =
            kind == Payload.Kind.DELTA
                ? rules.check(component.name(), content, component.source().image())
                : Optional.empty();
        return new Made(new Payload(kind, file), content, millis, account);
      } finally {
        running.remove(label);
      }
    };
  }

  /**
   * The level before, or a vendor's statement, rebuilds the same image from the same base: its
   * payload is as good as a new one, if it still is what it was.
   */
  private @Nullable Path reused(InspectedComponent component, Payload.Kind kind)
      throws IOException {
    Optional<Path> before = predecessor.payload(component, kind);
    if (before.isEmpty()) {
      return null;
    }
    try {
      check(component, kind, before.get());
      return before.get();
    } catch (PublisherException | NoSuchFileException e) {
      progress.line(
          component.name() + " " + kind.word() + ": made anew, " + before.get() + " is damaged");
      return null;
    }
  }

  private void make(InspectedComponent component, Payload.Kind kind, Path content)
      throws PublisherException, IOException, InterruptedException {
    ComponentSource source = component.source();
    switch (kind) {
      case DELTA -> maker.delta(source.base(), source.image(), content);
      case FULL -> maker.full(source.image(), content);
    }
    check(component, kind, content);
  }

  private static void check(InspectedComponent component, Payload.Kind kind, Path content)
      throws PublisherException, IOException {
    ComponentSource source = component.source();
    switch (kind) {
      case DELTA ->
          SelfCheck.delta(
              source.name(), content, source.base(), component.baseSha256(), component.image());
      case FULL -> SelfCheck.full(source.name(), content, component.image());
    }
  }

  private static FileRef file(Payload.Kind kind, Path content) throws IOException {
    return Publication.payloadFile(kind, digest(content), Files.size(content));
  }

  private static Sha256 digest(Path file) throws IOException {
    MessageDigest digest = Sha256.newDigest();
    try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
      in.transferTo(OutputStream.nullOutputStream());
    }
    return Sha256.ofBytes(digest.digest());
  }

  /** Waits for a payload, and says now and then that work goes on. */
  private Made await(Future<Made> future) throws PublisherException {
    while (true) {
      try {
        return future.get(HEARTBEAT_SECONDS, TimeUnit.SECONDS);
      } catch (TimeoutException e) {
        running.forEach(
            (label, began) ->
                progress.line(
                    String.format(
                        Locale.ROOT, "%s: at work for %d s", label, millisSince(began) / 1000)));
      } catch (InterruptedException e) {
        throw interrupted(e);
      } catch (ExecutionException e) {
        throw failure(e.getCause() == null ? e : e.getCause());
      }
    }
  }

  private PublisherException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new PublisherException(
        Problem.INTERRUPTED,
        new Details(
            "make the payloads",
            "time to finish",
            "an interrupt",
            folder.toString(),
            "run the command again"),
        e);
  }

  private PublisherException failure(Throwable cause) {
    if (cause instanceof PublisherException exception) {
      return exception;
    }
    if (cause instanceof OutOfMemoryError error) {
      return Heap.exhausted("make the payloads", error);
    }
    if (cause instanceof Error error) {
      throw error;
    }
    if (cause instanceof RuntimeException exception) {
      throw exception;
    }
    return new PublisherException(
        Problem.STORAGE_FAILED,
        new Details(
            "make the payloads",
            "images that can be read and room for payloads",
            cause instanceof IOException io ? InputFiles.describe(io) : cause.toString(),
            folder.toString(),
            "check the disk, or choose another --work folder, then run the command again"),
        cause);
  }

  private static void stop(ExecutorService workers) {
    workers.shutdownNow();
    // Workers write into a folder that the caller removes next, so an interrupt does not cut this
    // wait short: it is what has just stopped them.
    boolean interrupted = Thread.interrupted();
    try {
      workers.awaitTermination(STOP_SECONDS_MAX, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      interrupted = true;
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private static long millisSince(long beganNanos) {
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - beganNanos);
  }
}
