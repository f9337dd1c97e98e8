package dev.suture.arm64.daemon;

import dev.suture.agent.BundleFile;
import dev.suture.agent.BundleFindings;
import dev.suture.agent.PatchAgent;
import dev.suture.agent.Rehearsal;
import dev.suture.arm64.control.ControlExit;
import dev.suture.arm64.control.ControlHandler;
import dev.suture.arm64.control.ControlReply;
import dev.suture.durable.NioFiles;
import dev.suture.protocol.StatusDocument;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.SutureException;
import dev.suture.protocol.json.Fields;
import dev.suture.protocol.json.JsonText;
import dev.suture.store.JournalState;
import dev.suture.store.Outcome;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The one thread that owns the agent: runs its steps, and between them what was asked for over the
 * control socket. What only reads is answered at once, from what was true after the last step.
 */
final class AgentLoop implements ControlHandler {
  private static final int COMMANDS_MAX = 4;

  /**
   * A command waits this long for the step under way; then it is answered as accepted, and done
   * after that step.
   */
  private static final long ANSWER_WITHIN_SECONDS = 20;

  /** Names a bundle in a request. */
  private static final String FILE = "file";

  private static final long READ_ANSWER_MILLIS = 2_000;

  private final PatchAgent agent;
  private final BlockingQueue<Command> commands = new ArrayBlockingQueue<>(COMMANDS_MAX);
  private final Wakeup wakeup;
  private final Runnable progress;
  private volatile StatusDocument status;
  private volatile JournalState history;

  /**
   * For one agent.
   *
   * @param progress called while a bundle is read
   */
  AgentLoop(PatchAgent agent, Wakeup wakeup, Runnable progress) {
    this.agent = agent;
    this.progress = progress;
    this.wakeup = wakeup;
    this.status = agent.status();
    this.history = agent.history();
  }

  /** Runs until the device restarts. */
  void run() {
    long waitMillis = 0;
    while (waitMillis != PatchAgent.STOPPED) {
      wakeup.await(waitMillis);
      Optional<Command> command = Optional.ofNullable(commands.poll());
      Optional<ControlReply> early = command.flatMap(this::ask);
      boolean wasBusy = history.attempt().isPresent();
      waitMillis = agent.runOnce();
      history = agent.history();
      if (wasBusy && !history.attempt().isPresent()) {
        giveMemoryBack();
      }
      status = agent.status(); // With what the process holds when this is done.
      command.ifPresent(asked -> asked.reply.complete(early.orElseGet(() -> answer(asked.word))));
      if (waitMillis != PatchAgent.STOPPED) {
        waitMillis = nextWait(command.isPresent(), waitMillis);
      }
    }
  }

  /**
   * A rebuild leaves a heap that is larger than what an idle agent needs, and where nothing
   * restarts the device it would stay. A full collection takes a moment, and lets go of it.
   */
  private static void giveMemoryBack() {
    System.gc();
  }

  /** Who asked gets the time to read the answer before the device restarts for it. */
  private long nextWait(boolean answered, long waitMillis) {
    if (!commands.isEmpty()) {
      return 0;
    }
    return answered ? Math.max(waitMillis, READ_ANSWER_MILLIS) : waitMillis;
  }

  /** Passes a command on; returns the answer, if it does not depend on what the agent does now. */
  private Optional<ControlReply> ask(Command command) {
    try {
      switch (command.word) {
        case "check" -> agent.check();
        case "install" -> {
          if (command.file.isPresent()) {
            agent.requestInstall(bundle(command.file.get()));
          } else {
            agent.requestInstall();
          }
        }
        case "verify" -> {
          Path file = command.file.orElseThrow(IllegalStateException::new);
          BundleFindings findings = agent.explain(bundle(file));
          return Optional.of(
              findings.isGood()
                  ? ControlReply.text(ControlExit.DONE, findings.text())
                  : ControlReply.text(ControlExit.REFUSED, refused(findings)));
        }
        case "remove" -> agent.requestRemoval();
        case "rehearse-install" -> {
          return Optional.of(
              rehearsed(
                  command.file.isPresent()
                      ? agent.rehearseInstall(bundle(command.file.get()))
                      : agent.rehearseInstall()));
        }
        case "rehearse-remove" -> {
          return Optional.of(rehearsed(agent.rehearseRemoval()));
        }
        default -> throw new IllegalStateException("handle() lets no other word pass");
      }
      return Optional.empty();
    } catch (SutureException e) {
      return Optional.of(
          ControlReply.text(ControlExit.REFUSED, e.getMessage() == null ? "" : e.getMessage()));
    }
  }

  private static String refused(BundleFindings findings) {
    return "SUT-"
        + FailureCode.BUNDLE_MALFORMED.number()
        + ": expected a bundle in which nothing is refused, got\n"
        + findings.text();
  }

  private static ControlReply rehearsed(Rehearsal rehearsal) {
    return new ControlReply(ControlExit.DONE, rehearsal.text(), rehearsal.document());
  }

  private BundleFile bundle(Path file) throws SutureException {
    Path parent = Optional.ofNullable(file.getParent()).orElse(Path.of("/"));
    return BundleFile.open(new NioFiles(parent, progress), String.valueOf(file.getFileName()));
  }

  private ControlReply answer(String word) {
    StatusDocument now = status;
    if (!word.equals("remove") && now.lastFailure().isPresent()) {
      return new ControlReply(
          ControlExit.FAILED,
          "SUT-" + now.lastFailure().get().code() + ": " + now.lastFailure().get().message(),
          document(now));
    }
    return new ControlReply(ControlExit.DONE, summary(now), document(now));
  }

  @Override
  public ControlReply handle(String command, Fields arguments) {
    return switch (command) {
      case "status" -> new ControlReply(ControlExit.DONE, summary(status), document(status));
      case "history" -> new ControlReply(ControlExit.DONE, historyText(), historyDocument());
      case "check", "remove", "rehearse-remove" -> enqueue(new Command(command, Optional.empty()));
      case "install", "rehearse-install", "verify" -> withFile(command, arguments);
      default ->
          ControlReply.text(
              ControlExit.USAGE,
              "command: expected status, check, install, rehearse-install, verify, remove,"
                  + " rehearse-remove or history, got \""
                  + command
                  + "\"");
    };
  }

  private ControlReply withFile(String word, Fields arguments) {
    try {
      Optional<Path> file = arguments.optionalText(FILE).map(Path::of);
      if (file.isPresent() ? !file.get().isAbsolute() : word.equals("verify")) {
        throw new IllegalArgumentException(FILE + ": expected an absolute path");
      }
      return enqueue(new Command(word, file));
    } catch (IllegalArgumentException e) {
      return ControlReply.text(ControlExit.USAGE, word + ": " + e.getMessage());
    }
  }

  private ControlReply enqueue(Command command) {
    if (!commands.offer(command)) {
      return ControlReply.text(
          ControlExit.REFUSED,
          "expected at most " + COMMANDS_MAX + " commands at a time, try again");
    }
    wakeup.signal();
    try {
      return command.reply.get(ANSWER_WITHIN_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      return ControlReply.text(
          ControlExit.DONE, "accepted; the agent finishes a step first, see: suture status");
    } catch (ExecutionException e) {
      return ControlReply.text(ControlExit.FAILED, String.valueOf(e.getMessage()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return ControlReply.text(ControlExit.FAILED, "the agent stops");
    }
  }

  private static String summary(StatusDocument status) {
    return status.release()
        + " "
        + status.phase()
        + status
            .attempt()
            .map(attempt -> ", under way: " + attempt.release() + " " + attempt.phase())
            .orElse("");
  }

  private static String document(StatusDocument status) {
    return line(status.encode());
  }

  private String historyText() {
    StringBuilder text = new StringBuilder();
    for (Outcome outcome : history.outcomes()) {
      text.append(text.length() == 0 ? "" : "\n")
          .append(outcome.number())
          .append("  ")
          .append(outcome.title())
          .append("  ")
          .append(outcome.phase());
      outcome
          .failure()
          .ifPresent(
              failure ->
                  text.append("  ").append(failure.code()).append(": ").append(failure.message()));
    }
    return text.length() == 0 ? "no attempt has ended yet" : text.toString();
  }

  private String historyDocument() {
    return line(
        JsonText.compact(
            json -> {
              json.name("outcomes").beginArray();
              for (Outcome outcome : history.outcomes()) {
                json.beginObject().name("number").value(outcome.number());
                json.name("release").value(outcome.title());
                json.name("phase").value(outcome.phase().name());
                json.name("code")
                    .value(outcome.failure().map(failure -> failure.code().number()).orElse(0));
                json.name("message")
                    .value(outcome.failure().map(failure -> failure.message()).orElse(""));
                json.name("reported").value(outcome.reported()).endObject();
              }
              json.endArray();
            }));
  }

  private static String line(byte[] json) {
    return new String(json, StandardCharsets.UTF_8).trim();
  }

  private static final class Command {
    final String word;
    final Optional<Path> file;
    final CompletableFuture<ControlReply> reply = new CompletableFuture<>();

    Command(String word, Optional<Path> file) {
      this.word = word;
      this.file = file;
    }
  }
}
