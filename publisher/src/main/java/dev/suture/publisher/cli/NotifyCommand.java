package dev.suture.publisher.cli;

import dev.suture.protocol.Notice;
import dev.suture.publisher.PublisherException;
import dev.suture.publisher.notify.NoticeSender;
import dev.suture.publisher.notify.NoticeSettings;
import dev.suture.publisher.repository.Published;
import dev.suture.publisher.repository.Repository;
import java.net.URI;
import java.nio.file.Path;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
    name = "notify",
    header = "Tell a fleet that there is something to look at.",
    description = {
      "",
      "Sends the retained notice with the timestamp's version to suture/1/FLEET/notice, over MQTT 5 and"
          + " TLS, and waits until the broker has acknowledged it. A notice is a hint that devices do"
          + " not trust; they read the signed metadata themselves.",
      ""
    },
    optionListHeading = "Options:%n")
@SuppressWarnings("NullAway.Init") // picocli sets what it injects, and required options.
final class NotifyCommand extends PublisherCommand {
  @Spec private CommandSpec spec;

  @Option(
      names = "--repository",
      paramLabel = "DIR",
      required = true,
      description = "Whose timestamp's version is sent.")
  private Path repository;

  @Option(
      names = "--fleet",
      paramLabel = "FLEET",
      required = true,
      description = "Whom to tell, for example demo.")
  private String fleet;

  @Option(
      names = "--broker-uri",
      paramLabel = "ssl://HOST:PORT",
      required = true,
      description = "The broker; its certificate must be for this host.")
  private URI broker;

  @Option(
      names = "--ca-file",
      paramLabel = "FILE.pem",
      required = true,
      description = "Who may have issued the broker's certificate; nobody else is trusted.")
  private Path caFile;

  @Option(
      names = "--username",
      paramLabel = "NAME",
      required = true,
      description = "The publisher's name at the broker.")
  private String username;

  @Option(
      names = "--password-file",
      paramLabel = "FILE",
      required = true,
      description = "File whose first line is the password.")
  private Path passwordFile;

  NotifyCommand(Console console) {
    super(console);
  }

  @Override
  void run() throws PublisherException {
    NoticeSettings settings;
    String topic;
    try {
      settings = new NoticeSettings(broker, caFile, username, passwordFile);
      topic = NoticeSender.topic(fleet);
    } catch (IllegalArgumentException e) {
      throw new CommandLine.ParameterException(spec.commandLine(), String.valueOf(e.getMessage()));
    }
    Repository files = Repository.at(repository);
    Published published =
        files.published().orElseThrow(() -> files.empty("read the timestamp's version"));
    new NoticeSender(settings).send(fleet, new Notice(published.version()));
    console()
        .result(
            json(),
            topic + ": sequence " + published.version() + ", acknowledged by " + broker + "\n",
            document -> {
              document.name("topic").value(topic);
              document.name("sequence").value(published.version());
              document.name("broker").value(broker.toString());
            });
  }
}
