package dev.suture.publisher.cli;

import dev.suture.publisher.PublisherException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Option;

/** What all commands share. */
abstract class PublisherCommand implements Callable<Integer> {
  private final Console console;

  @Option(
      names = "--json",
      description =
          "Print the result, or the error, as one JSON document on standard output. Progress and"
              + " errors for people still go to standard error.")
  private boolean json;

  PublisherCommand(Console console) {
    this.console = console;
  }

  final Console console() {
    return console;
  }

  final boolean json() {
    return json;
  }

  /** Does it and prints the result. */
  abstract void run() throws PublisherException;

  @Override
  public final Integer call() {
    try {
      run();
      return Console.DONE;
    } catch (PublisherException e) {
      return console.error(json, e);
    }
  }
}
