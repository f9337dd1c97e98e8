package dev.suture.publisher.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** A word in front of commands that belong together. */
@Command(commandListHeading = "Commands:%n", optionListHeading = "Options:%n")
final class GroupCommand implements Runnable {
  @CommandLine.Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it.
  private CommandSpec spec;

  private GroupCommand() {}

  /** The word and its commands. */
  static CommandLine line(String name, String header, Object... commands) {
    CommandLine line = new CommandLine(new GroupCommand());
    line.setCommandName(name);
    line.getCommandSpec().usageMessage().header(header);
    for (Object command : commands) {
      line.addSubcommand(command);
    }
    return line;
  }

  /** Without a command. */
  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "no command");
  }
}
