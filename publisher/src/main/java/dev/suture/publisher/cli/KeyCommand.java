package dev.suture.publisher.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

@Command(
    name = "key",
    header = "Make keys for roles, show them, sign with them.",
    commandListHeading = "Commands:%n",
    optionListHeading = "Options:%n")
final class KeyCommand implements Runnable {
  @CommandLine.Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it.
  private CommandSpec spec;

  /** Without a command. */
  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "no command");
  }

  /** With its commands. */
  static CommandLine line(Console console) {
    CommandLine line = new CommandLine(new KeyCommand());
    line.addSubcommand(new KeyGenerateCommand(console));
    line.addSubcommand(new KeyShowCommand(console));
    line.addSubcommand(new KeySignCommand(console));
    return line;
  }
}
